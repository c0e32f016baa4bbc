"""Listing what lies at an export's destination, and the retries of calls to S3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import tenacity

from .._geospatial.request import ExportRequest
from .._runtime.aws_errors import CALL_ERRORS, SERVER_FAULT, THROTTLED, UNEXPECTED_RESPONSE, describe_error
from .._runtime.context import OperationContext
from .._runtime.s3_objects import Folder, S3Object
from ..errors import ServiceCallError

Result = TypeVar("Result")

_MAX_ATTEMPTS = 5


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
    ctx.log_warning_once(
        f"cannot list the destination of an export ({reason}); using the job's status only. Grant s3:ListBucket on it, "
        "or set verify_objects=False"
    )
    return None


def call_with_retries(
    ctx: OperationContext, call: Callable[[], Result], is_incomplete: Callable[[Result], bool] = lambda result: False
) -> Result:
    """Call S3, and again after a fault that may pass or an incomplete result, up to five times.

    botocore has retried what it takes for transient; it takes no response with status 200 for that.

    Raises:
        What the call raised last; CancelledError, WaitTimeoutError: the operation has to return.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(is_incomplete) | tenacity.retry_if_exception(_is_transient),
        stop=tenacity.stop_after_attempt(_MAX_ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=0.2),
        sleep=ctx.sleep,
        retry_error_callback=_last_result,
    )
    return retrying(call)


def _last_result(state: tenacity.RetryCallState) -> Any:
    return state.outcome.result() if state.outcome else None


def _is_transient(exc: BaseException) -> bool:
    return isinstance(exc, CALL_ERRORS) and describe_error(exc).code in (
        SERVER_FAULT,
        THROTTLED,
        UNEXPECTED_RESPONSE,
    )
