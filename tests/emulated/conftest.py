"""Fixtures of the emulated tests: an account on the emulator in process, and the provider on it, without the machine's AWS settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import create_loader
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from tests.support.calls import InlineCallRunner
from tests.support.command_stack import CommandStack
from tests.support.emulated_account import JOB, add_job, seed_account
from tests.support.fake_pulumi import FakePulumi
from tests.support.kinds import EARTH_OBSERVATION_CASE, JobCase
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.provider_harness import ProviderHarness
from tests.support.simulated_clock import SimulatedClock

#: Seconds that an export takes, as it does on the service.
EXPORT_SECONDS = 300
LOADER = create_loader()


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "PULUMI_GEOSPATIAL_"))]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def account() -> Iterator[None]:
    """An account with a bucket, a role and a job; moto's own fake credentials are not in the environment."""
    with mock_aws(config={"core": {"mock_credentials": False}}):
        seed_account()
        yield


@pytest.fixture(autouse=True)
def _one_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all sessions of this process share the service models that they have read: reading them is most of what a client costs."""
    monkeypatch.setattr("botocore.session.create_loader", lambda search_path=None: LOADER)


@pytest.fixture
def clock(account: None, monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    """The time of the provider and of the account: waits take no time."""
    clock = SimulatedClock()
    clock.install(monkeypatch)
    return clock


@pytest.fixture
def exports(clock: SimulatedClock) -> LifecycleHarness:
    """The exports of one process, on one thread. An export takes five minutes of the simulated clock."""
    harness = LifecycleHarness(clock=clock, runner=InlineCallRunner())
    harness.control.configure(export_seconds=EXPORT_SECONDS)
    return harness


@pytest.fixture
def threaded_exports(account: None) -> Iterator[LifecycleHarness]:
    """The exports of one process, on threads, with a clock that is a hundred times as fast as the machine's."""
    harness = LifecycleHarness()
    yield harness
    harness.cancel()


@pytest.fixture
def job_case() -> JobCase:
    """The kind of job that `provider` exports; see `for_each_kind`."""
    return EARTH_OBSERVATION_CASE


@pytest.fixture
def provider(clock: SimulatedClock, job_case: JobCase) -> ProviderHarness:
    """The provider of one process, on one thread. An export takes five minutes of the simulated clock."""
    harness = ProviderHarness(clock=clock, runner=InlineCallRunner(), timeout=3600.0, case=job_case)
    harness.config["sagemakergeospatial:pollInterval"] = "2"
    harness.restart()
    harness.control.configure(export_seconds=EXPORT_SECONDS, vector_folder=job_case.vector_folder)
    if job_case is not EARTH_OBSERVATION_CASE:  # whose job is there
        add_job(JOB, job_case.kind.arn_type)
    return harness


@pytest.fixture
def exported(provider: ProviderHarness, clock: SimulatedClock, job_case: JobCase) -> dict[str, Any]:
    """The outputs of an export that has SUCCEEDED an hour ago, in another process."""
    outputs: dict[str, Any] = provider.create(job_case.inputs()).outs
    clock.advance(3600)
    provider.restart()
    return outputs


@pytest.fixture
def prod(
    provider: ProviderHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandStack:
    """The stack `prod` without exports, and its commands, in a directory of their own."""
    tools, work = tmp_path / "tools", tmp_path / "work"
    tools.mkdir()
    work.mkdir()
    pulumi = FakePulumi(tools)
    pulumi.install(monkeypatch)
    monkeypatch.chdir(work)
    return CommandStack(pulumi, provider, capsys)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests that leave this process: URL, headers and form."""
    requests: list[Any] = []
    answer = BotocoreStubber.__call__

    def record(self: Any, event_name: str, request: Any, **more: Any) -> Any:
        requests.append(request)
        return answer(self, event_name, request, **more)

    monkeypatch.setattr(BotocoreStubber, "__call__", record)
    return requests
