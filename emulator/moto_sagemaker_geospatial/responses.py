"""Handles incoming sagemaker-geospatial requests: validation, faults, the call log and the responses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import (
    AccessDeniedError,
    InvalidClientTokenIdError,
    ServiceException,
    SignatureDoesNotMatchError,
)
from moto.core.request import Request
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import camelcase_to_underscores, get_service_model

from .authorization import check_pass_role, is_enforced
from .control import control
from .exceptions import (
    AccessDeniedException,
    ConflictException,
    InternalServerException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ThrottlingException,
    ValidationException,
)
from .fault_injection import RawResponse, inject_faults
from .faults import Fault
from .jobs import ExportRequest
from .kinds import KINDS, JobKind
from .models import SageMakerGeospatialBackend, sagemakergeospatial_backends
from .operations import IMPLEMENTED, SIGNING_NAME
from .validation import problems

UNKNOWN_OPERATION = (404, "UnknownOperationException")
FAULT_ERRORS: dict[str, type[ServiceException]] = {
    "throttle": ThrottlingException,
    "internal": InternalServerException,
    "access_denied": AccessDeniedException,
    "not_found": ResourceNotFoundException,
    "validation": ValidationException,
    "conflict": ConflictException,
    "quota": ServiceQuotaExceededException,
}


class SignInError(Exception):
    """The signature of a call is not valid. `code`: what a service with a protocol in JSON calls that."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class SageMakerGeospatialResponse(BaseResponse):
    """Handler for SageMakerGeospatial requests and responses."""

    default_region = "us-west-2"

    def __init__(self) -> None:
        super().__init__(service_name=SIGNING_NAME)
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}
        self.validation_error: ServiceException | None = None
        self._action: str | None = None

    @property
    def backend(self) -> SageMakerGeospatialBackend:
        """Return backend instance specific for this region."""
        regions = sagemakergeospatial_backends[self.current_account]
        if self.region not in regions:
            raise AccessDeniedException(f"{SIGNING_NAME} is not available in region {self.region}.")
        return regions[self.region]

    def _get_action(self) -> str:
        # moto asks several times per request, and the answer does not change
        if self._action is None:
            self._action = self._get_action_from_method_and_request_uri(self.normalized_request) or ""
        return self._action

    def parse_parameters(self, request: Request) -> None:
        try:
            body = json.loads(request.data) if request.data else {}
        except ValueError:
            self.validation_error = ValidationException("The request's body is not JSON.")
            return
        shape = get_service_model(SIGNING_NAME).operation_model(self._get_action()).input_shape
        given = {**body, **self.uri_match} if isinstance(body, dict) else body
        violations = list(problems(given, shape))
        if violations:
            count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected"
            self.validation_error = ValidationException(f"{count}: {'; '.join(violations)}")
            self.params = given if isinstance(given, dict) else {}
        else:
            super().parse_parameters(request)

    def call_action(self) -> TYPE_RESPONSE:
        action, arn = self._get_action(), self._string_param("Arn")
        if not action:
            return _error(*UNKNOWN_OPERATION, f"{self.method} {self.path} is not an operation of {SIGNING_NAME}.")
        now = control.clock().timestamp()
        entry = control.log_call(action, arn, self._string_param("ClientToken"), now)
        if control.limits.admits(action, control.settings.calls_per_second, now):
            response = inject_faults(action, arn, self._carry_out, self._fault_response, self.uri) or self._carry_out()
        else:
            response = self._error_response(ThrottlingException())
        entry["status"] = int(response[0])
        return response

    def _carry_out(self) -> TYPE_RESPONSE:
        if self._get_action() not in IMPLEMENTED:
            return _error(*UNKNOWN_OPERATION, f"The emulator does not implement {self._get_action()}.")
        if self.validation_error is not None:
            return self._error_response(self.validation_error)
        try:
            return super().call_action()
        except AccessDeniedException as refusal:  # raised before the operation
            return self._error_response(refusal)
        except SignInError as refusal:
            return _error(403, refusal.code, refusal.message)

    def _determine_resource(self) -> str:
        return self._string_param("Arn") or "*"

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        if is_enforced() and "Authorization" not in self.headers:
            raise SignInError("MissingAuthenticationTokenException", "Missing Authentication Token")
        self.data = {}  # moto has the headers here, and would sign them as the body of a GET
        try:
            super()._authenticate_and_authorize_normal_action(resource)
        except AccessDeniedError as exc:  # moto's errors have a body in XML
            raise AccessDeniedException(f"{exc.message} on resource: {resource}") from None
        except InvalidClientTokenIdError as exc:
            raise SignInError("UnrecognizedClientException", exc.message) from None
        except SignatureDoesNotMatchError as exc:
            raise SignInError("InvalidSignatureException", exc.message) from None

    def _fault_response(self, fault: Fault) -> RawResponse:
        error = FAULT_ERRORS[fault.kind]
        return self._error_response(error(fault.message) if fault.message else error())

    def _error_response(self, error: ServiceException) -> RawResponse:
        status, headers, body = self.serialized(ActionResult(error))
        return RawResponse(status, *self._enrich_response(headers, body))

    def _string_param(self, name: str) -> str | None:
        value = self.params.get(name)
        return value if isinstance(value, str) else None

    def _start(self, kind: JobKind) -> ActionResult:
        check_pass_role(self, self._get_param("ExecutionRoleArn"))
        response = self.backend.start_job(
            kind,
            client_token=self._get_param("ClientToken"),
            name=self._get_param("Name"),
            execution_role_arn=self._get_param("ExecutionRoleArn"),
            input_config=self._get_param("InputConfig"),
            job_config=self._get_param("JobConfig"),
            kms_key_id=self._get_param("KmsKeyId"),
            tags=self._get_param("Tags"),
        )
        return ActionResult(response)

    def _get(self, kind: JobKind) -> ActionResult:
        return ActionResult(self.backend.get_job(self._get_param("Arn")).to_dict(control.clock()))

    def _list(self, kind: JobKind) -> ActionResult:
        jobs, next_token = self.backend.list_jobs(
            kind,
            max_results=self._get_param("MaxResults"),
            next_token=self._get_param("NextToken"),
            sort_by=self._get_param("SortBy"),
            sort_order=self._get_param("SortOrder"),
            status_equals=self._get_param("StatusEquals"),
        )
        now = control.clock()
        result: dict[str, Any] = {f"{kind.resource}Summaries": [job.to_summary(now) for job in jobs]}
        if next_token:
            result["NextToken"] = next_token
        return ActionResult(result)

    def _stop(self, kind: JobKind) -> ActionResult:
        self.backend.stop_job(self._get_param("Arn"))
        return EmptyResult()

    def _delete(self, kind: JobKind) -> ActionResult:
        self.backend.delete_job(self._get_param("Arn"))
        return EmptyResult()

    def _export(self, kind: JobKind) -> ActionResult:
        check_pass_role(self, self._get_param("ExecutionRoleArn"))
        s3_data = self._get_param("OutputConfig")["S3Data"]
        request = ExportRequest(
            arn=self._get_param("Arn"),
            execution_role_arn=self._get_param("ExecutionRoleArn"),
            s3_uri=s3_data["S3Uri"],
            kms_key_id=s3_data.get("KmsKeyId") or None,
            export_source_images=self._get_bool_param("ExportSourceImages"),
        )
        return ActionResult(self.backend.export_job(request, self._get_param("ClientToken")))


def _error(status: int, code: str, message: str) -> RawResponse:
    """An error that AWS answers for each of its services, and that the service model does not have."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    body = json.dumps({"Message": message})
    return RawResponse(status, *BaseResponse._enrich_response(headers, body))


Handler = Callable[[SageMakerGeospatialResponse, JobKind], ActionResult]
_HANDLERS: dict[str, Handler] = {
    "Start": SageMakerGeospatialResponse._start,
    "Get": SageMakerGeospatialResponse._get,
    "List": SageMakerGeospatialResponse._list,
    "Stop": SageMakerGeospatialResponse._stop,
    "Delete": SageMakerGeospatialResponse._delete,
    "Export": SageMakerGeospatialResponse._export,
}


def _operation(handler: Handler, kind: JobKind) -> Callable[[SageMakerGeospatialResponse], ActionResult]:
    def operation(self: SageMakerGeospatialResponse) -> ActionResult:
        return handler(self, kind)

    return operation


# moto calls the method that has the name of the operation
for _kind in KINDS:
    for _verb, _handler in _HANDLERS.items():
        _method_name = camelcase_to_underscores(_kind.operation(_verb))
        setattr(SageMakerGeospatialResponse, _method_name, _operation(_handler, _kind))
