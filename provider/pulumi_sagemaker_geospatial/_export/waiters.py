"""Waiters and retry policy for starting an export, and for describing its job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from .._geospatial.error_rules import (
    JOB_IS_BUSY,
    ErrorRule,
    Retry,
    is_transient_read_error,
    rule_for,
    waiting_status,
)
from .._geospatial.kinds import ExportKind
from .._geospatial.request import ExportRequest
from .._geospatial.responses import JobDescription, Redact, StartResponse
from .._geospatial.statuses import EXPORTABLE_JOB_STATUSES, PENDING_JOB_STATUSES
from .._runtime.aws_errors import UNREACHABLE
from .._runtime.context import OperationContext
from .._runtime.polling import poll_until
from .._runtime.retry import GracePeriods, RetryableError, retry_until_deadline
from ..error_ids import ErrorId
from ..errors import JobNotExportableError, JobNotFoundError, ServiceCallError

Result = TypeVar("Result")


class ExportClient(Protocol):
    """The calls of the service that an export needs; `GeospatialClient` makes them."""

    has_answered: bool

    def start_export(self, request: ExportRequest, token: str, ctx: OperationContext) -> StartResponse: ...

    def describe_job(
        self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = ...
    ) -> JobDescription: ...

    def get_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = ...) -> Mapping[str, Any]: ...


class RetryingClient:
    """Starts exports and describes jobs, and waits for whatever may pass, within the context's deadline."""

    def __init__(self, client: ExportClient, min_poll_interval: float) -> None:
        self._client, self._min_poll_interval = client, min_poll_interval
        self._refused_roles: dict[str, float] = {}

    def start(
        self,
        request: ExportRequest,
        token: str,
        ctx: OperationContext,
        when_busy: Callable[[], StartResponse | None] = lambda: None,
    ) -> StartResponse:
        """Start the export of a token.

        ``when_busy`` is called where the token has no export yet and another export of the job is running; it may find
        that this is the one to wait for.

        Raises:
            ServiceCallError: the service refused for good.
            JobNotExportableError: the job will never be COMPLETED.
            CancelledError, WaitTimeoutError: the operation has to return.
        """
        grace_periods = GracePeriods(ctx)

        def attempt() -> StartResponse:
            grace_periods.begin_attempt()
            try:
                response = self._client.start_export(request, token, ctx)
                self._refused_roles.pop(request.execution_role_arn, None)
                return response
            except ServiceCallError as exc:
                found = self._clear_blocker(exc, request, grace_periods, ctx, when_busy)
                if found is not None:
                    return found
                raise RetryableError(exc, waiting_status(exc)) from exc

        return retry_until_deadline(ctx, f"starting the export of {request.arn}", attempt)

    def ask_token(self, request: ExportRequest, token: str, ctx: OperationContext) -> StartResponse | None:
        """Send the token of an export that was started again; None where another export is in its way now.

        Raises:
            ServiceCallError: the service refused for good; see `is_token_reuse_error`.
            CancelledError, WaitTimeoutError: the operation has to return.
        """

        def attempt() -> StartResponse | None:
            try:
                return self._client.start_export(request, token, ctx)
            except ServiceCallError as exc:
                if is_transient_read_error(exc):
                    raise RetryableError(exc, waiting_status(exc)) from exc
                if rule_for(exc).on_start is Retry.NEVER:
                    raise
                return None

        return retry_until_deadline(ctx, f"asking for the outcome of the export of {request.arn}", attempt)

    def describe(self, request: ExportRequest, ctx: OperationContext, doing: str) -> JobDescription:
        """Return the job; transient errors are retried.

        Raises:
            JobNotFoundError, ServiceCallError, CancelledError, WaitTimeoutError
        """
        return self.read_with_retries(self._client.describe_job, request.kind, request.arn, ctx, doing, request.redact)

    def describe_unmanaged(self, kind: ExportKind, arn: str, ctx: OperationContext) -> JobDescription:
        """Return a job that no export of a program is declared for. Raises as `describe`."""
        return self.read_with_retries(self._client.describe_job, kind, arn, ctx, "getting the status of", str)

    def get_job(self, request: ExportRequest, ctx: OperationContext, doing: str) -> Mapping[str, Any]:
        """Return everything that the service tells of a job. Raises as `describe`."""
        return self.read_with_retries(self._client.get_job, request.kind, request.arn, ctx, doing, request.redact)

    def read_with_retries(
        self,
        call: Callable[[ExportKind, str, OperationContext, Redact], Result],
        kind: ExportKind,
        arn: str,
        ctx: OperationContext,
        doing: str,
        redact: Redact = str,
    ) -> Result:
        """Return what a call that may be repeated returns; transient errors are retried. Raises as `describe`."""
        grace_periods = GracePeriods(ctx)

        def attempt() -> Result:
            grace_periods.begin_attempt()
            try:
                return call(kind, arn, ctx, redact)
            except ServiceCallError as exc:
                rule = rule_for(exc)
                if self._may_retry(rule.on_read, rule, exc.code, grace_periods):
                    raise RetryableError(exc, waiting_status(exc)) from exc
                raise

        return retry_until_deadline(ctx, f"{doing} {arn}", attempt)

    def poll_until(
        self,
        request: ExportRequest,
        is_final: Callable[[JobDescription], bool],
        ctx: OperationContext,
        doing: str,
        waiting_since: float | None = None,
    ) -> JobDescription:
        """Poll the job until ``is_final`` holds, whatever transient errors there are meanwhile.

        Raises:
            JobNotFoundError: the job was deleted.
            ServiceCallError, CancelledError, WaitTimeoutError
        """

        last_error: ServiceCallError | None = None

        def poll() -> JobDescription | None:
            nonlocal last_error
            try:
                job = self._client.describe_job(request.kind, request.arn, ctx, request.redact)
                last_error = None
                return job
            except JobNotFoundError as exc:
                raise JobNotFoundError(f"{doing} {request.arn}: the job was deleted. {exc.message}", exc.code) from exc
            except ServiceCallError as exc:
                if not is_transient_read_error(exc):
                    raise
                ctx.log_progress(waiting_status(exc))
                last_error = exc
                return None

        job = poll_until(
            ctx,
            poll,
            lambda seen: seen is not None and is_final(seen),
            min_interval=self._min_poll_interval,
            waiting_since=ctx.clock.now() if waiting_since is None else waiting_since,
            doing=f"{doing} {request.arn}",
            last_error=lambda: last_error,
        )
        assert job is not None
        return job

    def _clear_blocker(
        self,
        exc: ServiceCallError,
        request: ExportRequest,
        grace_periods: GracePeriods,
        ctx: OperationContext,
        when_busy: Callable[[], StartResponse | None],
    ) -> StartResponse | None:
        """Return when another attempt to start may succeed, or the export that ``when_busy`` found; raise where none will."""
        rule = rule_for(exc)
        if rule.depends_on_job:
            job = self.describe(request, ctx, "starting the export of")
            if job.status not in EXPORTABLE_JOB_STATUSES:
                self._wait_for_job(job, request, ctx)
                return None
            if job.export_status == "IN_PROGRESS":
                found = when_busy()
                if found is None:
                    self._wait_for_other_export(request, ctx)
                return found
        if not self._may_retry(rule.on_start, rule, exc.code, grace_periods):
            raise exc
        if rule.error_id is ErrorId.ROLE_NOT_USABLE:
            self._wait_for_role(exc, rule, request, ctx)
        return None

    def _wait_for_role(
        self, exc: ServiceCallError, rule: ErrorRule, request: ExportRequest, ctx: OperationContext
    ) -> None:
        """Say once why the role is refused, and raise where the exports with this role have waited long enough."""
        now = ctx.clock.now()
        if now - self._refused_roles.setdefault(request.execution_role_arn, now) >= rule.grace_period:
            raise exc
        ctx.log_info_once(
            exc.error_id.mark(
                f"execution_role_arn is refused: {exc.service_message}. Trying again for {rule.grace_period:.0f} s, as IAM "
                "takes that long to propagate a new role"
            )
        )

    def _wait_for_other_export(self, request: ExportRequest, ctx: OperationContext) -> None:
        ctx.log_progress(JOB_IS_BUSY)
        self.poll_until(request, lambda seen: seen.export_status != "IN_PROGRESS", ctx, "waiting for another export of")

    def _wait_for_job(self, job: JobDescription, request: ExportRequest, ctx: OperationContext) -> None:
        def is_final(seen: JobDescription) -> bool:
            ctx.log_progress(f"job is {seen.status}")
            return seen.status not in PENDING_JOB_STATUSES

        if job.status in PENDING_JOB_STATUSES:
            ctx.log_progress(f"job is {job.status}")
            job = self.poll_until(request, is_final, ctx, "waiting for the job")
        if job.status not in EXPORTABLE_JOB_STATUSES:
            why = f": {job.error}" if job.error else ""
            raise JobNotExportableError(
                f"exporting {request.arn}: the job is {job.status}{why}. Only a COMPLETED job can be exported; "
                "run a new job and use its ARN, or remove this export."
            )

    def _may_retry(self, retry: Retry, rule: ErrorRule, code: str, grace_periods: GracePeriods) -> bool:
        if code == UNREACHABLE and self._client.has_answered:
            return True  # an outage: the address is right
        if retry is Retry.WITHIN_GRACE_PERIOD:
            return grace_periods.is_within(code, rule.grace_period)
        return retry is Retry.UNTIL_DEADLINE
