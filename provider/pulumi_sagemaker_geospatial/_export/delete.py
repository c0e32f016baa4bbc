"""Deletion of the objects that an export wrote, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import tenacity

from .._runtime.aws_errors import CALL_ERRORS, SERVER_FAULT, THROTTLED, describe_error
from .._runtime.context import OperationContext
from .._runtime.s3_objects import Folder, S3Object
from ..errors import ServiceCallError
from .manifest import format_count, intact_objects
from .state import ExportState

#: Reasons of S3's for which a deletion is tried again, as a delete call reports them for single objects.
S3_TRANSIENT = ("InternalError", "SlowDown", "ServiceUnavailable")
_MAX_ATTEMPTS = 5

Failures = list[tuple[str, str]]


class VersionStore(Protocol):
    """The part of S3 that objects are deleted with; `S3Client` has it."""

    def list_current_versions(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]: ...

    def delete_versions(
        self, folder: Folder, objects: Sequence[S3Object], ctx: OperationContext, doing: str
    ) -> Failures: ...


def delete_exported_objects(store: VersionStore, state: ExportState, ctx: OperationContext) -> str:
    """Delete what an export wrote, and return what was deleted or kept, and why, in one sentence.

    Raises:
        ServiceCallError: S3 refused, or did not answer.
        CancelledError, WaitTimeoutError: the operation has to return.
    """
    request = state.request
    if state.manifest is None or not state.ownership_certain:
        return "objects kept: it is not known which of them this export wrote"
    doing = f"deleting the objects of the export of {request.arn}"
    try:
        versions = store.list_current_versions(state.folder, ctx, doing)
        own = intact_objects(state.manifest, state.window.select(versions))
        if own is None:
            return "objects kept: they are no longer those that this export wrote"
        if state.observed_late and not all(each.name.startswith(request.kind.results_prefix) for each in own):
            return "objects kept: completion was not observed, ownership is uncertain"
        failed = _delete_with_retry(store, state.folder, own, ctx, doing)
    except CALL_ERRORS as exc:
        error = describe_error(exc)
        if error.code == "NoSuchBucket":
            return "nothing to delete: the bucket is gone"
        message = request.redact(error.message)
        if not error.is_refusal:
            raise ServiceCallError(f"{doing} failed: {message}. Run it again.", error.code, message) from exc
        raise ServiceCallError(
            f"{doing} was refused: {error.reported_code}: {message}. Allow s3:ListBucketVersions, "
            "s3:DeleteObject and s3:DeleteObjectVersion on the destination, or set delete_objects=False.",
            error.code,
            message,
        ) from exc
    if failed:
        raise _not_deleted(doing, state, failed, len(own))
    return f"deleted the {format_count(len(own))} that this export wrote"


def _not_deleted(doing: str, state: ExportState, failed: Failures, count: int) -> ServiceCallError:
    name, reason = failed[0]
    remediation = (
        "Allow it, or set delete_objects=False."
        if len(failed) == count
        else "The others are deleted; remaining objects must be deleted manually: a retry cannot identify them."
    )
    return ServiceCallError(
        f"{doing}: S3 did not delete {len(failed)} of {count}, first {name} "
        f"({state.request.redact(reason)}). {remediation}",
        "NotDeleted",
    )


def _delete_with_retry(
    store: VersionStore, folder: Folder, objects: list[S3Object], ctx: OperationContext, doing: str
) -> Failures:
    """Delete the objects, and return the failures that remain. S3 accepts the deletion of what is deleted already."""
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(_has_transient_failures) | tenacity.retry_if_exception(_is_transient),
        stop=tenacity.stop_after_attempt(_MAX_ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=0.2),
        sleep=ctx.sleep,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
    )
    return retrying(store.delete_versions, folder, objects, ctx, doing)


def _has_transient_failures(failed: Failures) -> bool:
    return any(reason.startswith(S3_TRANSIENT) for _, reason in failed)


def _is_transient(exc: BaseException) -> bool:
    return isinstance(exc, CALL_ERRORS) and describe_error(exc).code in (SERVER_FAULT, THROTTLED)
