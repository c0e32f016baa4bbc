"""The description of a job, kept as a file beside its export: the service forgets it with the job."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from .._geospatial.request import ExportRequest
from .._geospatial.responses import Redact
from .._runtime.aws_errors import CALL_ERRORS, describe_error
from .._runtime.context import OperationContext
from .._runtime.retry import call_with_retries
from .._runtime.s3_objects import Folder, S3Object
from ..error_ids import ErrorId
from ..errors import ServiceCallError
from .listing import ObjectStore, try_list_folder
from .state import JobMetadata
from .waiters import RetryingClient

#: What the key of the file is, after the key of the export's folder.
SUFFIX = ".job.json"
#: Fields of a description that are not the job's: they tell of the response, or of the last export.
_NOT_OF_THE_JOB = ("ResponseMetadata", "ExportStatus", "ExportErrorDetails")
_URL_QUERY = re.compile(r"(https?://[^\s?\"]+)\?[^\s\"]*")


class MetadataStore(ObjectStore, Protocol):
    """The part of S3 that a description is written with; `S3Client` has it."""

    def put_object(
        self, folder: Folder, body: bytes, content_type: str, kms_key_id: str | None, ctx: OperationContext, doing: str
    ) -> str: ...


def save_job_metadata(
    client: RetryingClient, store: MetadataStore, request: ExportRequest, ctx: OperationContext
) -> JobMetadata:
    """Write the job's description to ``<s3_uri>/<job id>.job.json``.

    Raises:
        ServiceCallError: the service or S3 refused, or did not answer.
        CancelledError, WaitTimeoutError: the operation has to return.
    """
    action = "saving the metadata of"
    doing = f"{action} {request.arn}"
    body = metadata_document(request, client.get_job(request, ctx, action), request.redact)
    folder = metadata_object(request)
    try:
        etag = call_with_retries(
            ctx, lambda: store.put_object(folder, body, "application/json", request.kms_key_id, ctx, doing)
        )
    except CALL_ERRORS as exc:
        error = describe_error(exc)
        message = request.redact(error.message)
        key = " and kms:GenerateDataKey on the key" if request.kms_key_id else ""
        raise ServiceCallError(
            f"{doing} failed: {error.reported_code}: {message}. Allow s3:PutObject on "
            f"{request.redact(f's3://{folder.bucket}/{folder.prefix}')}{key} to the caller, or set save_job_metadata=False.",
            error.code,
            message,
            ErrorId.METADATA_NOT_SAVED,
        ) from exc
    # A program of this version tells which inputs are secret; the state has the key in plain.
    return JobMetadata(folder.prefix if request.secret_inputs is None else request.redact(folder.prefix), etag)


def metadata_document(request: ExportRequest, description: Mapping[str, Any], redact: Redact) -> bytes:
    """Return the file's contents: the description of a job as JSON."""
    job = job_description(description, redact)
    document = {"version": 1, "operation": request.kind.describe_operation, "job": job}
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def job_description(description: Mapping[str, Any], redact: Redact) -> dict[str, Any]:
    """Return a job's description as JSON values, without secrets and without what changes while the job does not."""
    job = {name: value for name, value in description.items() if name not in _NOT_OF_THE_JOB}
    return {name: _plain(value, redact) for name, value in job.items()}


def find_changed_metadata(
    store: ObjectStore, request: ExportRequest, recorded: JobMetadata, ctx: OperationContext
) -> str | None:
    """Return what has happened to the file since it was written; None if it is there, or cannot be seen."""
    found = try_list_folder(store, request, metadata_object(request), ctx)
    if found is None:
        return None
    own = next((each for each in found if _is_whole_key(each)), None)
    if own is None:
        return "is gone"
    return None if own.etag == recorded.etag else "was overwritten"


def metadata_object(request: ExportRequest) -> Folder:
    """Return where the file is; the folder's prefix is its key."""
    return Folder(request.bucket, request.folder.rstrip("/") + SUFFIX, request.region)


def _is_whole_key(each: S3Object) -> bool:
    return each.name == ""


def _plain(value: Any, redact: Redact) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, redact) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, redact) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        # The query of a presigned URL is a credential.
        return redact(_URL_QUERY.sub(r"\1", value))
    return value if isinstance(value, (bool, int, float)) or value is None else str(value)
