"""Responses of the service as values, and the check that a response is for the request that was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ..errors import ResponseMismatchError
from .kinds import ExportKind
from .request import ExportRequest
from .statuses import ExportStatus, parse_export_status

#: ExportErrorDetails as the state keeps it: type and message, or these for each section of the kind.
ErrorDetails = dict[str, Any]
Redact = Callable[[str], str]


@dataclass(frozen=True)
class StartResponse:
    """The answer to the call that starts an export. It describes the export of the token that was sent, and no other.

    IN_PROGRESS: the export was started, by this call or an earlier one. SUCCEEDED or FAILED: a replay of an export that
    an earlier call started.
    """

    arn: str
    created: datetime
    status: ExportStatus


@dataclass(frozen=True)
class JobDescription:
    """A job, and the status of its last export, whoever started it.

    ``responded_at``: when, by the service's clock, in whole seconds; None where the response does not tell.
    """

    status: str
    error: str | None
    export_status: ExportStatus | None
    export_errors: ErrorDetails | None
    responded_at: datetime | None = None


def parse_start_response(request: ExportRequest, response: Mapping[str, Any]) -> StartResponse:
    """Return the response's fields.

    Raises:
        ResponseMismatchError: it is the response to another request.
        UnknownStatusError: the API page does not list its status.
        KeyError, TypeError, ValueError, AttributeError, OverflowError: a field is missing, of another type or out of range.
    """
    _verify_request(request, response)
    return StartResponse(
        arn=require_text(response["Arn"]),
        created=response["CreationTime"].astimezone(timezone.utc),
        status=parse_export_status(response["ExportStatus"], request.arn),
    )


def parse_job_description(kind: ExportKind, arn: str, response: Mapping[str, Any], redact: Redact) -> JobDescription:
    """Return the response's fields; the messages are redacted. Raises as `parse_start_response`."""
    status = response.get("ExportStatus")
    error = response.get("ErrorDetails")
    return JobDescription(
        status=require_text(response["Status"]),
        error=redact(_type_and_message(error)) if error else None,
        export_status=parse_export_status(status, arn) if status else None,
        export_errors=_error_details(kind, response.get("ExportErrorDetails"), redact),
        responded_at=_response_time(response),
    )


def format_error_details(details: ErrorDetails | None) -> str:
    """Return ExportErrorDetails in one line."""
    if not details:
        return "the service gave no details"
    if "message" in details or "type" in details:
        return _joined(details.get("type"), details.get("message"))
    parts = [f"{name}: {_joined(each.get('type'), each.get('message'))}" for name, each in details.items()]
    return "; ".join(parts)


def _verify_request(request: ExportRequest, response: Mapping[str, Any]) -> None:
    data = response["OutputConfig"]["S3Data"]
    checks = {
        "output_config.s3_data.s3_uri": data["S3Uri"].rstrip("/") == request.s3_uri.rstrip("/"),
        "output_config.s3_data.kms_key_id": _is_same_key(data.get("KmsKeyId"), request.kms_key_id),
        "execution_role_arn": response["ExecutionRoleArn"] == request.execution_role_arn,
        "export_source_images": bool(response.get("ExportSourceImages")) == request.export_source_images,
    }
    different = [name for name, same in checks.items() if not same]
    if different:
        raise ResponseMismatchError(
            f"starting the export of {request.arn}: the service answered for an export with another "
            f"{', '.join(different)}, which the same client token has started. "
            "Use a client_token that was not used before."
        )


def _is_same_key(theirs: str | None, ours: str | None) -> bool:
    # A key may be requested by its id and reported by its ARN.
    theirs, ours = theirs or "", ours or ""
    return theirs == ours or bool(ours and theirs.endswith(f"/{ours}"))


def _error_details(kind: ExportKind, details: Mapping[str, Any] | None, redact: Redact) -> ErrorDetails | None:
    if not details:
        return None
    if not kind.error_sections:
        return _section(details, redact)
    return {ours: _section(details[name], redact) for name, ours in kind.error_sections.items() if details.get(name)}


def _section(details: Mapping[str, Any], redact: Redact) -> dict[str, str]:
    return {"type": details.get("Type") or "", "message": redact(details.get("Message") or "")}


def _type_and_message(error: Mapping[str, Any]) -> str:
    # The two kinds of job name the fields differently.
    return _joined(error.get("Type") or error.get("ErrorType"), error.get("Message") or error.get("ErrorMessage"))


def _joined(type_: str | None, message: str | None) -> str:
    text = str(message).rstrip(" .") if message else ""  # a sentence of ours goes on after it
    return f"{type_}: {text}" if type_ and text else type_ or text or "no details"


def _response_time(response: Mapping[str, Any]) -> datetime | None:
    date: Any = ((response.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}).get("date")
    try:
        return parsedate_to_datetime(date).astimezone(timezone.utc)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def require_text(value: Any) -> str:
    """Return a field of a response. Raises TypeError where it is empty or no string."""
    if not isinstance(value, str) or not value:
        raise TypeError("a field of the response is empty")
    return value
