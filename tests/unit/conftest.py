"""Fixtures of the unit tests: the account on the emulator, in process, with nothing of the machine's own AWS settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from moto import mock_aws
from pulumi_sagemaker_geospatial.host import Host
from pulumi_sagemaker_geospatial.objects import in_utc

from tests.unit.provider_harness import DETAILS, Caller, process
from tests.unit.unit_harness import Rooms, age, arn, furnish, inputs


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "PULUMI_GEOSPATIAL_"))]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def bare_account() -> Iterator[None]:
    """An account with a bucket, a role and a job; moto's own fake credentials are not in the environment."""
    with mock_aws(config={"core": {"mock_credentials": False}}):
        furnish()
        yield


@pytest.fixture
def rooms(bare_account: None) -> Iterator[Rooms]:
    made = Rooms()
    yield made
    made.stop()


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Caller:
    details: list[DETAILS] = []
    said: list[tuple[str, str]] = []
    monkeypatch.setattr("pulumi_sagemaker_geospatial.host.explain", lambda changes: details.append(dict(changes)))
    monkeypatch.setattr(Host, "log", lambda self, severity, message, *_, **__: said.append((severity, message)))
    return Caller(process(), details, said)


@pytest.fixture
def lake(bare_account: None, caller: Caller) -> dict[str, Any]:
    """The outputs of an export that has SUCCEEDED an hour ago, in another process."""
    outs: dict[str, Any] = caller.create(inputs()).outs
    age()
    export = geospatial.sagemakergeospatial_backends["123456789012"]["us-west-2"].jobs[arn()].exports[-1]
    caller.provider = process()
    newest = {**outs["exported_objects"], "newest": in_utc(export.since)}
    return {**outs, "creation_time": in_utc(export.creation_time), "exported_objects": newest}
