"""Listing what lies at an export's destination."""

from __future__ import annotations

from typing import Protocol

from .._geospatial.error_rules import CREDENTIALS_REMEDIATION, rule_name
from .._geospatial.request import ExportRequest
from .._runtime.aws_errors import (
    CALL_ERRORS,
    SERVER_FAULT,
    SIGN_IN,
    THROTTLED,
    UNEXPECTED_RESPONSE,
    UNREACHABLE,
    AwsError,
    describe_error,
)
from .._runtime.context import OperationContext
from .._runtime.endpoint_names import endpoint_settings
from .._runtime.retry import call_with_retries
from .._runtime.s3_objects import Folder, S3Object
from ..error_ids import ErrorId
from ..errors import ServiceCallError

#: What to do where a destination cannot be listed, by the error's name in `ERROR_RULES` or its code.
_REMEDIES = {
    "AccessDenied": "Grant s3:ListBucket on it, or set verify_objects=False",
    UNREACHABLE: f"S3 does not answer: check the network, {endpoint_settings('s3')}",
    UNEXPECTED_RESPONSE: f"What answers is not S3: check {endpoint_settings('s3')}, and any proxy between this machine and AWS",
    THROTTLED: "S3 throttles the calls: run `pulumi refresh` later",
    SERVER_FAULT: "S3 has a fault: run `pulumi refresh` later",
    SIGN_IN: CREDENTIALS_REMEDIATION.rstrip("."),
}
_OTHER_REMEDY = "Check the bucket and the stack's aws: config, or set verify_objects=False"


class ObjectStore(Protocol):
    """The part of S3 that exports are listed with; `S3Client` has it."""

    def list_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]: ...


def try_list_destination(store: ObjectStore, request: ExportRequest, ctx: OperationContext) -> list[S3Object] | None:
    """Return everything at the destination; None, with one warning, where it cannot be listed.

    Raises:
        CancelledError, WaitTimeoutError: the operation has to return.
    """
    return try_list_folder(store, request, request.destination, ctx)


def try_list_folder(
    store: ObjectStore, request: ExportRequest, folder: Folder, ctx: OperationContext
) -> list[S3Object] | None:
    """Return everything in a folder at the destination; None, with one warning, where it cannot be listed.

    Raises:
        CancelledError, WaitTimeoutError: the operation has to return.
    """
    try:
        doing = f"listing the objects of the export of {request.arn}"
        return call_with_retries(ctx, lambda: store.list_objects(folder, ctx, doing))
    except ServiceCallError as exc:  # signing in failed, and its message says what to do
        _warn(exc.code, exc.message.rstrip("."), ctx)
    except CALL_ERRORS as exc:
        error = describe_error(exc)
        if error.code == "NoSuchBucket":
            return []
        warn_not_listed(error, ctx)
    return None


def warn_not_listed(error: AwsError, ctx: OperationContext) -> None:
    """Warn, once for each reason, that what lies at a destination is not known, and say what to do about it."""
    if error.service:
        remedy = f"The credentials cannot be had: check the network, {endpoint_settings(error.service)}"
    else:
        remedy = _REMEDIES.get(rule_name(error.code, error.message), _OTHER_REMEDY)
    _warn(error.reported_code, remedy, ctx)


def _warn(reason: str, remedy: str, ctx: OperationContext) -> None:
    ctx.log_warning_once(
        ErrorId.DESTINATION_NOT_LISTED.mark(
            f"cannot list the destination of an export ({reason}); using the job's status only. {remedy}"
        )
    )
