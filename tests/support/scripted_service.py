"""The service and S3 as scripts: what calls are answered with at which time, which calls were made, and what was logged.

Nothing takes time, except where the code waits on the harness's clock, or an answer says so. Second 0 of the clock is `START`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_sagemaker_geospatial._export.lifecycle import ExportLifecycle
from pulumi_sagemaker_geospatial._export.waiters import RetryingClient
from pulumi_sagemaker_geospatial._geospatial.error_rules import service_error
from pulumi_sagemaker_geospatial._geospatial.kinds import ExportKind
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription, Redact, StartResponse
from pulumi_sagemaker_geospatial._geospatial.statuses import ExportStatus
from pulumi_sagemaker_geospatial._runtime.aws_errors import AwsError
from pulumi_sagemaker_geospatial._runtime.context import Cancellation, OperationContext
from pulumi_sagemaker_geospatial._runtime.s3 import Bucket
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder, S3Object
from pulumi_sagemaker_geospatial.errors import EXPORT_CONTINUES, ServiceCallError

from tests.support.aws_names import REGION, job_arn
from tests.support.clocks import FakeClock
from tests.support.declarations import JOB
from tests.support.recorded_exports import at, described_job

#: The job's ARN in the requests of these tests, and the one that the service answers with and that is polled.
ARN, ANSWERED_ARN = job_arn(JOB), job_arn("answered0000")
#: Seconds between two polls, at first.
POLL_INTERVAL = 2.0

StartAnswer = StartResponse | Exception | Callable[[], StartResponse]


def started(status: ExportStatus = "IN_PROGRESS", seconds: float = 0.0) -> StartResponse:
    """Return the answer to a call that starts an export: one that was started this long after `START`."""
    return StartResponse(ANSWERED_ARN, at(seconds), status)


def refused(code: str, message: str = "because", doing: str = f"starting the export of {ARN}") -> ServiceCallError:
    """Return what the client raises where the service, or the network, answers a call with an error."""
    return service_error(doing, AwsError(code, code, message), str, "what it needs")


def job(status: str, error: str | None = None) -> JobDescription:
    """Return a job that has not been exported."""
    return JobDescription(status, error, None, None)


def running() -> JobDescription:
    """Return a COMPLETED job whose last export is running."""
    return described_job("IN_PROGRESS")


@dataclass
class ScriptedClient:
    """The service, for exports of one job.

    Attributes:
        starts: the answers to the calls that start an export, in their order; the last one stays.
        jobs: the answer to a call that describes the job, by the second from which on it holds.
        sent: request and token of each call that starts an export.
        described: operation and ARN of each call that describes a job.
        described_at: when these were made.
    """

    clock: FakeClock
    starts: Sequence[StartAnswer] = ()
    jobs: Mapping[float, JobDescription | Exception] = field(default_factory=dict)
    has_answered: bool = False
    sent: list[tuple[ExportRequest, str]] = field(default_factory=list)
    described: list[tuple[str, str]] = field(default_factory=list)
    described_at: list[float] = field(default_factory=list)

    def start_export(self, request: ExportRequest, token: str, ctx: OperationContext) -> StartResponse:
        ctx.raise_if_done("starting an export in the service")
        self.sent.append((request, token))
        answer = self.starts[min(len(self.sent), len(self.starts)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, StartResponse) else answer()

    def describe_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> JobDescription:
        ctx.raise_if_done("describing a job in the service")
        self.described.append((kind.describe_operation, arn))
        self.described_at.append(self.clock.now())
        answer = [each for second, each in sorted(self.jobs.items()) if second <= self.clock.now()][-1]
        if isinstance(answer, Exception):
            raise answer
        error = answer.error and redact(answer.error)
        return replace(answer, error=error, responded_at=at(int(self.clock.now())))

    def get_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> Mapping[str, Any]:
        job = self.describe_job(kind, arn, ctx, redact)
        return {"Arn": arn, "Status": job.status, "ErrorDetails": job.error}


@dataclass
class ScriptedStore:
    """S3 with one bucket, in which objects appear at the time at which they are modified.

    Attributes:
        region: of the bucket; None where it does not exist.
        listing_error: what a listing raises.
        listed: which folders were listed.
    """

    clock: FakeClock
    objects: list[S3Object] = field(default_factory=list)
    region: str | None = REGION
    listing_error: Exception | None = None
    listed: list[Folder] = field(default_factory=list)

    def list_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        ctx.raise_if_done(doing)
        self.listed.append(folder)
        if self.listing_error:
            raise self.listing_error
        return [each for each in self.objects if each.modified <= at(self.clock.now())]

    def find_bucket(self, folder: Folder, ctx: OperationContext, doing: str) -> Bucket | None:
        ctx.raise_if_done(doing)
        return None if self.region is None else Bucket(self.region)

    def has_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> bool:
        return bool(self.list_objects(folder, ctx, doing))


@dataclass
class ScriptedExports:
    """The exports of one process on scripts."""

    may_adopt: bool = True
    clock: FakeClock = field(default_factory=FakeClock)
    cancellation: Cancellation = field(default_factory=Cancellation)
    progress: list[str] = field(default_factory=list)
    adoptions: list[str] = field(default_factory=list)
    infos: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client, self.store = ScriptedClient(self.clock), ScriptedStore(self.clock)
        self.retrying = RetryingClient(self.client, POLL_INTERVAL)
        self.lifecycle = ExportLifecycle(self.retrying, self.store, self.may_adopt)

    def script(
        self,
        *starts: StartAnswer,
        jobs: Mapping[float, JobDescription | Exception] | None = None,
        objects: Sequence[S3Object] = (),
    ) -> None:
        """Set what calls are answered with from now on, and forget the calls that were made."""
        self.client.starts, self.client.jobs, self.store.objects = starts, jobs or {}, list(objects)
        for calls in (self.client.sent, self.client.described, self.client.described_at, self.store.listed):
            calls.clear()

    def context(self, timeout: float = 7200.0) -> OperationContext:
        """Return the context of an operation that may take ``timeout`` seconds from now on."""
        return OperationContext(
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

    def ending_at(self, second: float, answer: StartResponse | Exception) -> Callable[[], StartResponse]:
        """Return the answer of a call that ends at exactly this second, unless that has passed."""

        def call() -> StartResponse:
            self.clock.advance_to(second)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    @property
    def tokens(self) -> list[str]:
        """The tokens that were sent."""
        return [token for _, token in self.client.sent]

    @property
    def rows(self) -> list[str]:
        """What the resource's row has shown, one after the other."""
        return [row for index, row in enumerate(self.progress) if index == 0 or self.progress[index - 1] != row]
