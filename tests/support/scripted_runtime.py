"""The runtime of one credential set as a script: the service's jobs, S3, and how exports are created."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pulumi_sagemaker_geospatial._export.lifecycle import CreatedExport
from pulumi_sagemaker_geospatial._export.runtime import Runtime
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._export.waiters import RetryingClient
from pulumi_sagemaker_geospatial._geospatial.kinds import ExportKind
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription, Redact, StartResponse
from pulumi_sagemaker_geospatial._runtime.context import Cancellation, OperationContext

from tests.support.clocks import FakeClock
from tests.support.fake_project import urn
from tests.support.recorded_exports import described_job, recorded
from tests.support.scripted_s3 import ScriptedS3

#: The resource of these tests.
URN = urn("lake")


class ScriptedJobs:
    """The calls that describe jobs. Nothing can be started.

    Attributes:
        job: what a description returns or raises.
        document: all fields of a job, or what asking for them raises.
        calls: the method, the kind and the ARN of each call.
    """

    has_answered = True

    def __init__(self) -> None:
        self.job: JobDescription | Exception = described_job("SUCCEEDED")
        self.document: Mapping[str, Any] | Exception = {"Name": "lake"}
        self.calls: list[tuple[str, ExportKind, str]] = []

    def start_export(self, request: ExportRequest, token: str, ctx: OperationContext) -> StartResponse:
        raise AssertionError("nothing is started here")

    def describe_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> JobDescription:
        ctx.raise_if_done("describing a job")
        self.calls.append(("describe_job", kind, arn))
        if isinstance(self.job, Exception):
            raise self.job
        return self.job

    def get_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> Mapping[str, Any]:
        ctx.raise_if_done("getting a job")
        self.calls.append(("get_job", kind, arn))
        if isinstance(self.document, Exception):
            raise self.document
        return self.document


class ScriptedLifecycle:
    """How exports are created.

    Attributes:
        created: what a creation returns.
        joined: what a wait for a running export returns.
        knows_bucket: what the check of a destination returns.
        takes: seconds that a creation takes.
        creations, joins, checks: the arguments of each call, without the context.
        contexts: the context of each call.
    """

    def __init__(self) -> None:
        self.created = CreatedExport(recorded("SUCCEEDED"))
        self.joined = recorded("SUCCEEDED")
        self.knows_bucket = True
        self.takes = 0.0
        self.creations: list[tuple[ExportSpec, CreatePlan]] = []
        self.joins: list[tuple[ExportSpec, ExportState, float]] = []
        self.checks: list[ExportSpec] = []
        self.contexts: list[OperationContext] = []

    def check_destination(self, spec: ExportSpec, ctx: OperationContext) -> bool:
        ctx.raise_if_done("checking the destination")
        self.checks.append(spec)
        self.contexts.append(ctx)
        return self.knows_bucket

    def create(self, spec: ExportSpec, plan: CreatePlan, ctx: OperationContext) -> CreatedExport:
        self.creations.append((spec, plan))
        self.contexts.append(ctx)
        ctx.sleep(self.takes)
        return self.created

    def join(self, spec: ExportSpec, state: ExportState, ctx: OperationContext, age: float) -> ExportState:
        self.joins.append((spec, state, age))
        self.contexts.append(ctx)
        return self.joined


class ScriptedRuntime:
    """The clients of one process, and what operations have logged.

    Attributes:
        warnings: of the resource, and those that are written once.
    """

    def __init__(self) -> None:
        self.clock, self.client, self.store = FakeClock(), ScriptedJobs(), ScriptedS3()
        self.lifecycle, self.cancellation = ScriptedLifecycle(), Cancellation()
        self.retrying = RetryingClient(self.client, 2.0)
        self.warnings: list[str] = []

    @property
    def runtime(self) -> Runtime:
        """The runtime that handlers get."""
        return Runtime(self.retrying, cast(Any, self.store), cast(Any, self.lifecycle), cast(Any, None))

    def context(self, resource: str = URN, timeout: float = 3600.0) -> OperationContext:
        """Return the context of an operation that may take ``timeout`` seconds from now on."""
        return OperationContext(
            urn=resource,
            deadline=self.clock.now() + timeout,
            cancellation=self.cancellation,
            clock=self.clock,
            interruption_note="The export may go on.",
            log_warning=self.warnings.append,
            log_warning_once=self.warnings.append,
        )
