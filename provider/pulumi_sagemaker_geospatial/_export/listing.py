"""Listing what lies at an export's destination."""

from __future__ import annotations

from typing import Protocol

from .._geospatial.request import ExportRequest
from .._runtime.aws_errors import CALL_ERRORS, describe_error
from .._runtime.context import OperationContext
from .._runtime.retry import call_with_retries
from .._runtime.s3_objects import Folder, S3Object
from ..error_ids import ErrorId
from ..errors import ServiceCallError


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
    except ServiceCallError as exc:
        reason = exc.code
    except CALL_ERRORS as exc:
        error = describe_error(exc)
        if error.code == "NoSuchBucket":
            return []
        reason = error.reported_code
    warn_not_listed(reason, ctx)
    return None


def warn_not_listed(reason: str, ctx: OperationContext) -> None:
    """Warn, once, that what lies at a destination is not known."""
    ctx.log_warning_once(
        ErrorId.DESTINATION_NOT_LISTED.mark(
            f"cannot list the destination of an export ({reason}); using the job's status only. Grant s3:ListBucket on it, "
            "or set verify_objects=False"
        )
    )
