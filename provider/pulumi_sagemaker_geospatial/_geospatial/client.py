"""The rate-limited client of SageMaker geospatial, and its errors as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore import xform_name

from .._runtime.aws_errors import CALL_ERRORS, describe_error
from .._runtime.aws_session import AwsSession
from .._runtime.calls import CallRunner, call_in_progress
from .._runtime.context import OperationContext
from .._runtime.pages import Parameters
from .._runtime.rate_limiter import Limiter
from ..errors import JobNotFoundError
from .arns import region_of
from .error_rules import service_error
from .job_summaries import JobPage, parse_job_page
from .kinds import ExportKind
from .request import ExportRequest
from .responses import JobDescription, Redact, StartResponse, parse_job_description, parse_start_response

Result = TypeVar("Result")


class GeospatialClient:
    """The operations of the service that an export needs. Each call ends by the context's deadline."""

    def __init__(self, session: AwsSession, runner: CallRunner, limiter: Limiter) -> None:
        self._session, self._runner, self._limiter = session, runner, limiter
        #: Whether the service has answered a call of this run.
        self.has_answered = False

    def start_export(self, request: ExportRequest, token: str, ctx: OperationContext) -> StartResponse:
        """Start the export of a client token, or get the response of the one that the token has started.

        Raises:
            ServiceCallError: the service refused, or did not answer, or answered something unexpected.
            ResponseMismatchError: the response is for another request.
            UnknownStatusError: the API page does not list the response's status.
            CancelledError, WaitTimeoutError: the operation has to return; the export may have been started.
        """

        def call(client: Any) -> StartResponse:
            operation = getattr(client, xform_name(request.kind.operation))
            return parse_start_response(request, operation(**request.parameters(), ClientToken=token))

        def redact(message: str) -> str:
            return request.redact(message.replace(token, "[client_token]"))

        operation = request.kind.operation
        try:
            return self._call(
                request.kind, operation, f"starting the export of {request.arn}", request.region, call, redact, ctx
            )
        except JobNotFoundError as exc:
            if not request.account_mismatch:
                raise
            raise exc.with_note(request.account_mismatch) from exc.__cause__

    def describe_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> JobDescription:
        """Return the job and the status of its last export.

        Raises:
            JobNotFoundError: the service does not know the job, or not any longer.
            ServiceCallError, UnknownStatusError, CancelledError, WaitTimeoutError: as for `start_export`.
        """

        def call(client: Any) -> JobDescription:
            operation = getattr(client, xform_name(kind.describe_operation))
            return parse_job_description(kind, arn, operation(Arn=arn), redact)

        return self._call(
            kind, kind.describe_operation, f"getting the status of {arn}", region_of(arn), call, redact, ctx
        )

    def get_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> Mapping[str, Any]:
        """Return everything that the service tells of a job. Raises as `describe_job`."""

        def call(client: Any) -> Mapping[str, Any]:
            job: Mapping[str, Any] = getattr(client, xform_name(kind.describe_operation))(Arn=arn)
            parse_job_description(kind, arn, job, redact)  # a response that is none is an error
            return job

        doing = f"getting the description of {arn}"
        return self._call(kind, kind.describe_operation, doing, region_of(arn), call, redact, ctx)

    def list_job_page(self, kind: ExportKind, region: str, page: Parameters, ctx: OperationContext) -> JobPage:
        """Return one page of the account's jobs, the oldest first; ``page``: the parameters that select it.

        Raises:
            ServiceCallError, CancelledError, WaitTimeoutError: as for `start_export`.
        """

        def call(client: Any) -> JobPage:
            operation = getattr(client, xform_name(kind.list_operation))
            return parse_job_page(kind, operation(SortBy="CreationTime", SortOrder="ASCENDING", **page))

        return self._call(kind, kind.list_operation, f"listing the {kind.job}s of {region}", region, call, str, ctx)

    def delete_job(self, kind: ExportKind, arn: str, ctx: OperationContext) -> None:
        """Delete a job and the results that the service stores. Raises as `describe_job`."""

        def call(client: Any) -> None:
            getattr(client, xform_name(kind.delete_operation))(Arn=arn)

        self._call(kind, kind.delete_operation, f"deleting {arn}", region_of(arn), call, str, ctx)

    def get_account(self, region: str, ctx: OperationContext) -> str:
        """Return the account that the calls are made in. Raises ServiceCallError, CancelledError, WaitTimeoutError."""
        client, doing = self._session.client("sts", region, ctx), "getting the account of the credentials"
        try:
            return str(self._runner.run(ctx, doing, lambda: client.get_caller_identity()["Account"]))
        except CALL_ERRORS as exc:
            raise service_error(doing, describe_error(exc), str, "sts:GetCallerIdentity", "sts") from exc

    def _call(
        self,
        kind: ExportKind,
        operation: str,
        doing: str,
        region: str,
        call: Callable[[Any], Result],
        redact: Redact,
        ctx: OperationContext,
    ) -> Result:
        client = self._session.client("sagemaker-geospatial", region, ctx)
        self._limiter.acquire(ctx, doing, operation)

        def admitted() -> Result:
            progress = call_in_progress()
            if progress is not None:
                progress.admitted = True
            return call(client)

        try:
            result = self._runner.run(ctx, doing, admitted)
        except CALL_ERRORS as exc:
            error = describe_error(exc)
            self.has_answered = self.has_answered or error.is_refusal
            raise service_error(doing, error, redact, kind.permissions_of(operation)) from exc
        self.has_answered = True
        return result
