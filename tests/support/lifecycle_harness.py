"""The exports of one process on the emulator, with what they have logged."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import moto_sagemaker_geospatial as geospatial
from moto_sagemaker_geospatial.control import EmulatorControl
from pulumi_sagemaker_geospatial._export.lifecycle import ExportLifecycle
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._export.waiters import RetryingClient
from pulumi_sagemaker_geospatial._geospatial.client import GeospatialClient
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, ExportKind
from pulumi_sagemaker_geospatial._runtime.aws_session import AwsSession
from pulumi_sagemaker_geospatial._runtime.calls import CallRunner, DaemonCallRunner
from pulumi_sagemaker_geospatial._runtime.clock import Clock
from pulumi_sagemaker_geospatial._runtime.context import Cancellation, OperationContext
from pulumi_sagemaker_geospatial._runtime.rate_limiter import OperationRateLimiters
from pulumi_sagemaker_geospatial._runtime.s3 import S3Client
from pulumi_sagemaker_geospatial.errors import EXPORT_CONTINUES

from tests.support.aws_names import BUCKET, job_arn
from tests.support.clocks import AcceleratedClock
from tests.support.emulated_account import JOB, KEYS, export_request


@dataclass
class LifecycleHarness:
    """Creates exports on the emulator: on threads with an accelerated clock, unless another clock and runner are given."""

    config: dict[str, Any] = field(default_factory=lambda: dict(KEYS))
    may_adopt: bool = True
    min_poll_interval: float = 2.0
    clock: Clock = field(default_factory=AcceleratedClock)
    runner: CallRunner = field(default_factory=DaemonCallRunner)
    cancellation: Cancellation = field(default_factory=Cancellation)
    progress: list[str] = field(default_factory=list)
    adoptions: list[str] = field(default_factory=list)
    infos: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        runner, limiter = self.runner, OperationRateLimiters(100_000, self.clock)
        self.session = AwsSession(self.config.get, runner, limiter, self.warnings.append)
        self.client = GeospatialClient(self.session, runner, limiter)
        self.retrying = RetryingClient(self.client, self.min_poll_interval)
        self.store = S3Client(self.session, runner)
        self.lifecycle = ExportLifecycle(self.retrying, self.store, self.may_adopt)

    def context(self, timeout: float = 3600.0) -> OperationContext:
        """Return a context that ends after ``timeout`` seconds of the harness's clock."""
        return OperationContext(
            urn="urn:pulumi:test::test-project::pulumi-python:dynamic:ExportEarthObservationJob::lake",
            deadline=self.clock.now() + timeout,
            cancellation=self.cancellation,
            clock=self.clock,
            interruption_note=EXPORT_CONTINUES,
            log_progress=self.progress.append,
            log_adoption=self.adoptions.append,
            log_warning=self.warnings.append,
            log_warning_once=self.warnings.append,
            log_info_once=self.infos.append,
        )

    def create(
        self, spec: ExportSpec | None = None, plan: CreatePlan | None = None, timeout: float = 3600.0
    ) -> ExportState:
        """Create an export, and return its state."""
        return self.lifecycle.create(
            spec or ExportSpec(export_request()), plan or CreatePlan(), self.context(timeout)
        ).state

    def boto3_client(self, service: str = "sagemaker-geospatial", region: str = "us-west-2") -> Any:
        """Return the session's own client, whose events a test may change."""
        return self.session.client(service, region, self.context())

    def cancel(self) -> None:
        self.cancellation.cancel()

    def clear_logs(self) -> None:
        for messages in (self.progress, self.adoptions, self.infos, self.warnings):
            messages.clear()

    @property
    def control(self) -> EmulatorControl:
        return geospatial.get_control()

    def calls(self, operation: str = "ExportEarthObservationJob") -> int:
        """Return how often the service was called."""
        return self.control.counts[operation]

    def started(self, job: str = JOB) -> int:
        """Return how many exports of a job were started."""
        return self.control.exports[job_arn(job)]


def run_later(seconds: float, action: Any) -> None:
    """Run an action on a thread of its own after real seconds."""
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


def other_team_exports(
    prefix: str = "another-team", job: str = JOB, kind: ExportKind = EARTH_OBSERVATION, **export: Any
) -> None:
    """Export a job as another team does; see `moto_sagemaker_geospatial.run_export`."""
    geospatial.run_export(job_arn(job, kind.arn_type), f"s3://{BUCKET}/{prefix}/", **export)
