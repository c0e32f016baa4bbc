"""The rate-limited client of SageMaker geospatial, and its errors as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore import xform_name

from .._runtime.aws_errors import CALL_ERRORS, describe_error
from .._runtime.aws_session import AwsSession
from .._runtime.calls import CallRunner, call_in_progress
from .._runtime.context import OperationContext
from .._runtime.rate_limiter import Limiter
from .arns import region_of
from .error_rules import service_error
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
        return self._call(
            request.kind, operation, f"starting the export of {request.arn}", request.arn, call, redact, ctx
        )

    def describe_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> JobDescription:
        """Return the job and the status of its last export.

        Raises:
            JobNotFoundError: the service does not know the job, or not any longer.
            ServiceCallError, UnknownStatusError, CancelledError, WaitTimeoutError: as for `start_export`.
        """

        def call(client: Any) -> JobDescription:
            operation = getattr(client, xform_name(kind.describe_operation))
            return parse_job_description(kind, arn, operation(Arn=arn), redact)

        return self._call(kind, kind.describe_operation, f"getting the status of {arn}", arn, call, redact, ctx)

    def get_job(self, kind: ExportKind, arn: str, ctx: OperationContext, redact: Redact = str) -> Mapping[str, Any]:
        """Return everything that the service tells of a job. Raises as `describe_job`."""

        def call(client: Any) -> Mapping[str, Any]:
            job: Mapping[str, Any] = getattr(client, xform_name(kind.describe_operation))(Arn=arn)
            parse_job_description(kind, arn, job, redact)  # a response that is none is an error
            return job

        return self._call(kind, kind.describe_operation, f"getting the description of {arn}", arn, call, redact, ctx)

    def _call(
        self,
        kind: ExportKind,
        operation: str,
        doing: str,
        arn: str,
        call: Callable[[Any], Result],
        redact: Redact,
        ctx: OperationContext,
    ) -> Result:
        client = self._session.client("sagemaker-geospatial", region_of(arn), ctx)
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
            raise service_error(doing, error, redact, kind.permissions) from exc
        self.has_answered = True
        return result
