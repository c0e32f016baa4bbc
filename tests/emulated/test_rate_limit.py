"""Many exports and few calls a second: each export keeps its own timeout, and can be cancelled, in the rate limiter's queue.

These tests measure real time, with the limits that users are promised.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import moto_sagemaker_geospatial as geospatial
import pytest
from pulumi_sagemaker_geospatial import CancelledError, WaitTimeoutError

from tests.support.aws_names import job_arn
from tests.support.emulated_account import KEYS, exports_started, inputs
from tests.support.provider_harness import FAST, ProviderHarness
from tests.support.threads import Background
from tests.support.waiting import wait_until

COUNT, CALLS_PER_SECOND = 40, 2
TIMEOUT, LONGEST = 5.0, 7.0
LONGEST_CANCELLATION = 3.0
JOBS = [f"job{number:09}" for number in range(COUNT)]


@pytest.fixture
def slow_provider(account: None) -> Iterator[ProviderHarness]:
    """A provider with two calls a second, and a job for each of 40 exports, which never end."""
    for job in JOBS:
        geospatial.add_job(job)
    config = {**KEYS, **FAST, "sagemakergeospatial:maxCallsPerSecond": str(CALLS_PER_SECOND)}
    provider = ProviderHarness(config)
    provider.control.configure(export_seconds=3600)
    yield provider
    provider.host.cancellation.cancel()


def create_all(provider: ProviderHarness, timeout: float) -> list[Background]:
    provider.timeout = timeout

    def create(job: str) -> Background:
        return Background(lambda: provider.create(inputs(job, job), name=job))

    return [create(job) for job in JOBS]


def test_exports_whose_turn_has_not_come_end_at_their_timeout_and_are_never_started(
    slow_provider: ProviderHarness,
) -> None:
    exports = create_all(slow_provider, TIMEOUT)
    errors = [each.result() for each in exports]
    assert {type(error) for error in errors} == {WaitTimeoutError}
    assert max(each.ended - each.began for each in exports) < LONGEST
    started = exports_started()
    assert 0 < started <= TIMEOUT * CALLS_PER_SECOND + 1
    waiting = [error for error in errors if str(error).startswith("starting the export of")]
    assert len(waiting) >= COUNT - started
    time.sleep(2)
    assert exports_started() == started


def test_exports_whose_turn_has_not_come_end_at_once_when_they_are_cancelled(slow_provider: ProviderHarness) -> None:
    exports = create_all(slow_provider, 600)
    wait_until(lambda: exports_started() >= 2)
    cancelled_at = time.monotonic()
    slow_provider.host.cancellation.cancel()
    errors = [each.result() for each in exports]
    assert {type(error) for error in errors} == {CancelledError}
    assert max(each.ended for each in exports) - cancelled_at < LONGEST_CANCELLATION
    started = exports_started()
    assert started < COUNT / 2
    time.sleep(2)
    assert exports_started() == started


def test_an_export_that_leaves_the_queue_leaves_its_turn_to_the_next(slow_provider: ProviderHarness) -> None:
    create_all(slow_provider, 1)
    slow_provider.timeout = 30
    last = Background(lambda: slow_provider.create(inputs(wait_for_completion=False)))
    assert last.result().outs["export_status"] == "IN_PROGRESS"
    assert last.ended - last.began < COUNT / CALLS_PER_SECOND
    assert geospatial.get_control().exports[job_arn("lake00000000")] == 1
