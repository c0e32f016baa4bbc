"""Deletion of the objects that an export wrote, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .._runtime.aws_errors import CALL_ERRORS, describe_error
from .._runtime.context import OperationContext
from .._runtime.retry import call_with_retries
from .._runtime.s3 import Deletion
from .._runtime.s3_objects import Folder, S3Object
from ..error_ids import ErrorId
from ..errors import ServiceCallError
from .manifest import ExportManifest, format_count, intact_objects, remaining_objects
from .state import ExportState

#: Reasons of S3's for which a deletion is tried again, as a delete call reports them for single objects.
S3_TRANSIENT = ("InternalError", "SlowDown", "ServiceUnavailable")

_DELETE_ACTIONS = "s3:DeleteObject and s3:DeleteObjectVersion"


class VersionStore(Protocol):
    """The part of S3 that objects are deleted with; `S3Client` has it."""

    def list_current_versions(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]: ...

    def delete_versions(
        self, folder: Folder, objects: Sequence[S3Object], ctx: OperationContext, doing: str
    ) -> Deletion: ...


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
        versions = call_with_retries(ctx, lambda: store.list_current_versions(state.folder, ctx, doing))
        found = state.window.select(versions)
        own = intact_objects(state.manifest, found)
        if own is None:
            own = remaining_objects(request.kind, state.manifest, found)
        if own is None:
            return "objects kept: they are no longer those that this export wrote"
        if not own:
            return "nothing to delete: this export's objects are gone"
        if state.observed_late and not all(each.name.startswith(request.kind.results_prefix) for each in own):
            return "objects kept: completion was not observed, ownership is uncertain"
        # What an earlier attempt has deleted is not there any longer, and not deleted again.
        deletion = call_with_retries(
            ctx, lambda: store.delete_versions(state.folder, own, ctx, doing), _has_transient_failures
        )
    except CALL_ERRORS as exc:
        error = describe_error(exc)
        if error.code == "NoSuchBucket":
            return "nothing to delete: the bucket is gone"
        message = request.redact(error.message)
        if not error.is_refusal:
            raise ServiceCallError(
                f"{doing} failed: {message}. Run it again.", error.code, message, ErrorId.OBJECTS_NOT_DELETED
            ) from exc
        raise ServiceCallError(
            f"{doing} was refused: {error.reported_code}: {message}. Allow s3:ListBucketVersions, "
            f"{_DELETE_ACTIONS} on the destination, or set delete_objects=False.",
            error.code,
            message,
            ErrorId.OBJECTS_NOT_DELETED,
        ) from exc
    if deletion.failed:
        raise _not_deleted(doing, state, deletion, len(own))
    return _summary(state.manifest, own, deletion)


def _summary(manifest: ExportManifest, own: Sequence[S3Object], deletion: Deletion) -> str:
    count = len(own) - len(deletion.overwritten)
    left = f" of {manifest.count}; the others were gone" if len(own) < manifest.count else ""
    summary = f"deleted the {format_count(count)} that this export wrote{left}"
    if deletion.overwritten:
        kept = format_count(len(deletion.overwritten))
        summary += f"; kept {kept} that somebody has overwritten meanwhile, first {deletion.overwritten[0]}"
    if deletion.unconditional:
        summary += "; allow s3:GetObject on the destination, so that S3 keeps what somebody overwrites in the moment of the deletion"
    if any(each.has_version for each in own):
        summary += "; the bucket keeps versions: what these objects replaced is current again"
    return summary


def _not_deleted(doing: str, state: ExportState, deletion: Deletion, count: int) -> ServiceCallError:
    failed = deletion.failed
    name, reason = failed[0]
    remediation = f"Allow {_DELETE_ACTIONS} on it and run it again, or set delete_objects=False."
    return ServiceCallError(
        f"{doing}: S3 did not delete {len(failed)} of {count}, first {name} "
        f"({state.request.redact(reason)}). {remediation}",
        "NotDeleted",
        error_id=ErrorId.OBJECTS_NOT_DELETED,
    )


def _has_transient_failures(deletion: Deletion) -> bool:
    return any(reason.startswith(S3_TRANSIENT) for _, reason in deletion.failed)
