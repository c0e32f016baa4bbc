"""The engine and the dynamic host of one process, as far as they call the provider."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import moto_sagemaker_geospatial as geospatial
from moto_sagemaker_geospatial.control import EmulatorControl
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_sagemaker_geospatial._export.other_records import ProjectRecords
from pulumi_sagemaker_geospatial._export.runtime import build_runtime
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, ExportKind
from pulumi_sagemaker_geospatial._progress.file import ProgressFile
from pulumi_sagemaker_geospatial._progress.reporter import Destination, ProgressReporter
from pulumi_sagemaker_geospatial._runtime.calls import CallRunner
from pulumi_sagemaker_geospatial._runtime.clock import Clock, MonotonicClock
from pulumi_sagemaker_geospatial._runtime.dynamic_host import DynamicHost, HostCall, serving
from pulumi_sagemaker_geospatial.provider import ExportProvider

from tests.support.emulated_account import KEYS
from tests.support.kinds import EARTH_OBSERVATION_CASE, JobCase

#: A short polling interval and a high rate limit.
FAST = {"sagemakergeospatial:pollInterval": "0.02", "sagemakergeospatial:maxCallsPerSecond": "1000"}
RESOURCE_ID = "123456789012/lake00000000"
Changes = dict[str, tuple[str, bool]]


class RecordingHost(DynamicHost):
    """A dynamic host without an engine, which keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[str, str, str]] = []

    def log(self, severity: str, message: str, urn: str = "", ephemeral: bool = False) -> None:
        super().log(severity, message, urn, ephemeral)
        self.messages.append(("progress" if ephemeral else severity, message, urn))


def urn_of(name: str, kind: ExportKind = EARTH_OBSERVATION) -> str:
    """Return the URN of an export in the test project."""
    return f"urn:pulumi:test::test-project::pulumi-python:dynamic:{kind.operation}::{name}"


def recorded_in_state(outputs: dict[str, Any], name: str) -> Callable[..., Any]:
    """Return a `pulumi` whose project has one stack, with one export in its state."""
    urn = urn_of(name)
    deployment = {"resources": [{"urn": urn, "type": urn.split("::")[2], "outputs": outputs}]}
    return lambda *arguments: [{"name": "test"}] if "ls" in arguments else {"deployment": deployment}


@dataclass
class ProviderHarness:
    """Calls a provider as the dynamic host does, with the URN and the timeout of a resource."""

    config: dict[str, Any] = field(default_factory=lambda: {**KEYS, **FAST})
    clock: Clock = field(default_factory=MonotonicClock)
    runner: CallRunner | None = None
    timeout: float = 60.0
    new_host: Callable[[], RecordingHost] = RecordingHost
    host: RecordingHost = field(default_factory=RecordingHost)
    detailed_diff: Changes = field(default_factory=dict)
    case: JobCase = EARTH_OBSERVATION_CASE
    pulumi: Callable[..., Any] | None = (
        None  # the command that reads the states of the project's stacks, if there are any
    )

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Start a new process of the same program."""
        self.host = host = self.new_host()
        destination = Destination(host.log, lambda: True, lambda: host.warning_count, lambda *names: ProgressFile([]))
        self.progress = host.shared("progress", lambda: ProgressReporter(destination))
        runtime = build_runtime(
            self.config.get, self.clock, lambda message: self.host.log_once("warning", message), self.runner
        )
        if self.pulumi:
            run = self.pulumi
            host.shared(("project records",), lambda: ProjectRecords(run, self.runner))
        self.provider = ExportProvider(self.kind, "P", host, self.clock, runtime, has_states=bool(self.pulumi))
        self.provider.configure(ConfigureRequest(Config(self.config, "test-project")))

    def of_case(self, case: JobCase) -> ProviderHarness:
        """Return the harness of another kind's provider, with the same config and clock."""
        return replace(self, case=case)

    def check(self, news: dict[str, Any], olds: dict[str, Any] | None = None, name: str = "lake") -> Any:
        with serving(HostCall(urn_of(name, self.kind))):
            return self.provider.check(copy.deepcopy(olds or {}), copy.deepcopy(news))

    def diff(self, olds: dict[str, Any], news: dict[str, Any], name: str = "lake", id_: str = RESOURCE_ID) -> Any:
        call = HostCall(urn_of(name, self.kind))
        with serving(call):
            result = self.provider.diff(id_, copy.deepcopy(olds), copy.deepcopy(news))
        self.detailed_diff = dict(call.detailed_diff or {})
        return result

    def create(self, news: dict[str, Any], name: str = "lake") -> Any:
        inputs = self.check(news, name=name).inputs
        with serving(HostCall(urn_of(name, self.kind), self.timeout)):
            return self.provider.create(inputs)

    def read(self, outputs: dict[str, Any], name: str = "lake", id_: str = RESOURCE_ID) -> Any:
        with serving(HostCall(urn_of(name, self.kind))):
            return self.provider.read(id_, copy.deepcopy(outputs))

    def update(
        self, olds: dict[str, Any], news: dict[str, Any], name: str = "lake", id_: str = RESOURCE_ID
    ) -> dict[str, Any]:
        with serving(HostCall(urn_of(name, self.kind), self.timeout)):
            return self.provider.update(id_, copy.deepcopy(olds), copy.deepcopy(news)).outs or {}

    def delete(self, outputs: dict[str, Any], name: str = "lake", id_: str = RESOURCE_ID) -> None:
        with serving(HostCall(urn_of(name, self.kind), self.timeout)):
            self.provider.delete(id_, copy.deepcopy(outputs))

    def end_run(self) -> None:
        """Do what the host does when the engine has made its last call."""
        self.progress.on_cancel()

    @property
    def kind(self) -> ExportKind:
        return self.case.kind

    def inputs(self, **more: Any) -> dict[str, Any]:
        """Return a declaration of an export of this provider's kind as `check` gets it."""
        return self.case.inputs(**more)

    def replaced(self, olds: dict[str, Any], news: dict[str, Any]) -> tuple[list[str], Changes]:
        """Return the properties that a diff replaces, and its detailed diff."""
        found = self.diff(olds, news)
        return found.replaces, self.detailed_diff

    @property
    def control(self) -> EmulatorControl:
        return geospatial.get_control()

    def logged(self, severity: str = "") -> list[str]:
        """Return the messages that were logged, of one severity or of all."""
        return [message for each, message, _ in self.host.messages if severity in ("", each)]

    def log_text(self) -> str:
        return "\n".join(self.logged())
