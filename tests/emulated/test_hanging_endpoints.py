"""Endpoints that accept connections and never answer: an operation ends at its timeout, and at once when it is cancelled.

These tests measure real time, with the limits that users are promised.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import CancelledError, WaitTimeoutError
from pulumi_sagemaker_geospatial.errors import EXPORT_CONTINUES

from tests.support.aws_names import ACCOUNT
from tests.support.emulated_account import JOB, KEYS, inputs
from tests.support.emulator_client import Emulator
from tests.support.provider_harness import FAST, ProviderHarness
from tests.support.silent_server import SilentServer
from tests.support.threads import Background
from tests.support.waiting import wait_until

GEOSPATIAL, S3, STS = "sagemakergeospatial", "s3", "sts"
CREATE_TIMEOUT, LONGEST_CREATE = 5.0, 7.0
LONGEST_CANCELLATION = 3.0
RECORDED = {
    **inputs(),
    "creation_time": "2026-01-01T00:00:00Z",
    "export_status": "SUCCEEDED",
    "exported_objects": {"count": 1, "bytes": 1, "fingerprint": "0", "newest": "2026-01-01T00:05:00Z"},
}


@dataclass(frozen=True)
class Stage:
    """A part of an operation, whose service does not answer.

    Attributes:
        silent: the service whose endpoint never answers at all; none where ``hanging`` is the call that hangs.
        doing: what the operation's error says that it was doing.
        may_run: whether the export may have been started by then.
    """

    doing: str
    silent: str = ""
    hanging: str = ""
    operation: str = "create"
    may_run: bool = True


STAGES = {
    "signing in": Stage("signing in to AWS", STS, may_run=False),
    "starting": Stage("starting the export of", GEOSPATIAL),
    "polling": Stage("waiting for the export of|getting the status of", hanging="GetEarthObservationJob"),
    "looking up the bucket": Stage("checking the destination's bucket", S3, may_run=False),
    "listing": Stage("listing the objects of the export of", hanging="s3:ListObjectsV2"),
    "refreshing": Stage("getting the status of", GEOSPATIAL, operation="read"),
    "listing at a refresh": Stage("listing the objects of the export of", S3, operation="read"),
    "deleting": Stage("deleting the objects of the export of", S3, operation="delete"),
}
CREATING = [name for name, stage in STAGES.items() if stage.operation == "create"]


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    server = SilentServer()
    yield server
    server.close()


@dataclass
class HangingOperation:
    """An operation that hangs in one of its stages, in the background."""

    provider: ProviderHarness
    call: Background


Begin = Callable[[Stage, float], HangingOperation]


@pytest.fixture
def begin(emulator: Emulator, silent_server: SilentServer) -> Iterator[Begin]:
    """A function that begins an operation, and returns when it hangs. The job's exports end at the first poll."""
    emulator.add_job(JOB)
    emulator.configure(export_seconds=0)
    begun: list[ProviderHarness] = []

    def begin_operation(stage: Stage, timeout: float) -> HangingOperation:
        endpoints = dict.fromkeys((GEOSPATIAL, S3, STS), emulator.url)
        if stage.silent:
            endpoints[stage.silent] = silent_server.url
        else:
            emulator.add_fault(stage.hanging, "hang", times=-1)
        config = {**KEYS, **FAST, "aws:endpoints": json.dumps(endpoints), "aws:s3UsePathStyle": "true"}
        config["aws:maxRetries"] = "4"
        if stage.silent == STS:
            config["aws:allowedAccountIds"] = f'["{ACCOUNT}"]'
        provider = ProviderHarness(config, timeout=timeout)
        begun.append(provider)
        call = Background(lambda: run(provider, stage.operation))
        wait_until(lambda: bool(silent_server.connections or emulator.call_count(stage.hanging)))
        return HangingOperation(provider, call)

    yield begin_operation
    for provider in begun:
        provider.host.cancellation.cancel()
    emulator.clear_faults()


def run(provider: ProviderHarness, operation: str) -> Any:
    if operation == "read":
        return provider.read(RECORDED)
    if operation == "delete":
        return provider.delete({**RECORDED, "delete_objects": True})
    return provider.create(inputs())


@pytest.mark.parametrize("name", STAGES)
def test_a_cancellation_ends_an_operation_that_hangs(begin: Begin, name: str) -> None:
    stage = STAGES[name]
    hanging = begin(stage, 600.0)
    cancelled_at = time.monotonic()
    hanging.provider.host.cancellation.cancel()
    error = hanging.call.result()
    assert isinstance(error, CancelledError)
    assert_says(error, stage, "cancelled")
    assert hanging.call.ended - cancelled_at < LONGEST_CANCELLATION


@pytest.mark.parametrize("name", [*CREATING, "deleting"])
def test_an_operation_that_hangs_ends_at_its_timeout(begin: Begin, name: str) -> None:
    stage = STAGES[name]
    hanging = begin(stage, CREATE_TIMEOUT)
    error = hanging.call.result()
    assert isinstance(error, WaitTimeoutError)
    assert_says(error, stage, "timed out")
    assert CREATE_TIMEOUT <= hanging.call.ended - hanging.call.began < LONGEST_CREATE


def assert_says(error: Exception, stage: Stage, how: str) -> None:
    doing, _, rest = str(error).partition(f": {how}")
    assert any(doing.startswith(each) for each in stage.doing.split("|")), error
    continues = stage.operation == "create" and stage.may_run and how != "cancelled"
    assert rest.rpartition(" [")[0].endswith(EXPORT_CONTINUES) == continues


def test_an_export_whose_start_was_not_answered_is_joined_by_the_next_update(begin: Begin, emulator: Emulator) -> None:
    emulator.add_fault("ExportEarthObservationJob", "hang", after=True)
    hanging = begin(Stage("starting the export of", hanging="ExportEarthObservationJob"), 600.0)
    wait_until(lambda: emulator.exports_started() == 1)
    hanging.provider.host.cancellation.cancel()
    assert isinstance(hanging.call.result(), CancelledError)
    emulator.clear_faults()
    hanging.provider.restart()
    assert hanging.provider.create(inputs()).outs["export_status"] == "SUCCEEDED"
    assert emulator.exports_started() == 1


@pytest.mark.parametrize(
    ("hanging_call", "operation"), [("ExportEarthObservationJob", "create"), ("s3:ListObjectVersions", "delete")]
)
def test_a_call_that_was_given_up_is_not_sent_again(
    begin: Begin, emulator: Emulator, hanging_call: str, operation: str
) -> None:
    hanging = begin(Stage("", hanging=hanging_call, operation=operation), 600.0)
    hanging.provider.host.cancellation.cancel()
    assert isinstance(hanging.call.result(), CancelledError)
    emulator.clear_faults()  # closes the connection, which botocore would answer with another attempt
    time.sleep(3)
    assert (emulator.call_count(hanging_call), emulator.exports_started()) == (1, 0)
