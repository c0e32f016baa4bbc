"""The role, key and bucket of an export, as moto has them, and the files that the export writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from moto.kms.models import Key, kms_backends
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from .authorization import SERVICE, find_role, role_refusals, trusts_service
from .exceptions import AccessDeniedException, ValidationException
from .results import ResultFile

if TYPE_CHECKING:
    from .jobs import ExportRequest


class ExportFailure(Exception):
    """Why an export ends FAILED."""


def check_role(arn: str, account_id: str, now: datetime, propagation: float) -> None:
    """Refuse a role that the service could not assume. A role younger than `propagation` seconds is not visible yet."""
    owner = arn.split(":")[4]
    if owner != account_id:
        raise AccessDeniedException(f"Cross-account pass role is not allowed: {arn} is not of account {account_id}.")
    role = find_role(arn)
    if role is not None:
        age = now - role.create_date.replace(tzinfo=timezone.utc)
        visible = not propagation or age >= timedelta(seconds=propagation)
        if visible and trusts_service(role):
            return
    raise ValidationException(
        f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
        f"'{SERVICE}' to assume the role."
    )


def find_key(key_id: str, account_id: str, region: str) -> Key:
    """The KMS key given as id, ARN, alias or alias's ARN. Raises ExportFailure if there is no such enabled key."""
    name = key_id
    if key_id.startswith("arn:"):
        parts = key_id.split(":", 5)
        if len(parts) != 6:
            raise ExportFailure(f"Invalid KMS key ARN '{key_id}'")
        region, account_id, name = parts[3], parts[4], parts[5]
        name = name.removeprefix("key/")
    try:
        backend = kms_backends[account_id][region]
    except KeyError:
        raise ExportFailure(f"Key '{key_id}' does not exist") from None
    found_id = backend.get_key_id_from_alias(name) if name.startswith("alias/") else name
    key = backend.keys.get(found_id) if found_id else None
    if key is None:
        raise ExportFailure(f"{'Alias' if name.startswith('alias/') else 'Key'} '{key_id}' does not exist")
    if not key.enabled or key.key_state != "Enabled":
        raise ExportFailure(f"Key '{key.arn}' is in state {key.key_state}")
    return key


def split_uri(s3_uri: str) -> tuple[str, str]:
    """Bucket and prefix; the prefix is empty or ends with a slash."""
    bucket, _, prefix = s3_uri.removeprefix("s3://").partition("/")
    return bucket, f"{prefix.removesuffix('/')}/" if prefix else ""


def write_files(request: ExportRequest, files: Iterator[ResultFile], at: datetime, read_action: str | None) -> None:
    """Write the files with `at` as LastModified, overwriting others.

    `read_action`: the action with which the execution role reads the job; None where nobody's permissions are checked.
    Raises ExportFailure if the bucket or the key is missing, or the role is not allowed what an export does.
    """
    _, _, _, region, account_id, _ = request.arn.split(":", 5)
    job_id = request.arn.rpartition("/")[2]
    key = find_key(request.kms_key_id, account_id, region) if request.kms_key_id else None
    bucket_name, prefix = split_uri(request.s3_uri)
    backend = s3_backends[account_id][get_partition(region)]
    try:
        bucket = backend.get_bucket(bucket_name)
    except MissingBucket:
        raise ExportFailure(f"The specified bucket does not exist: {bucket_name}") from None
    if read_action is not None:
        folder = f"{prefix}{job_id}/output/"
        for refusal in role_refusals(request.execution_role_arn, read_action, request.arn, bucket, folder, key):
            raise ExportFailure(refusal)
    without_notifications = bucket.notification_configuration is None
    last_modified = at.astimezone(timezone.utc).replace(tzinfo=None)
    for file in files:
        written = backend.put_object(
            bucket_name,
            f"{prefix}{job_id}/{file.name}",
            file.content,
            etag=file.etag,
            encryption="aws:kms" if key else None,
            kms_key_id=key.arn if key else None,
            disable_notification=without_notifications,
        )
        written.last_modified = last_modified
        written.set_metadata({"Content-Type": file.content_type})
        written.geotiff_of = file.geotiff_of  # type: ignore[attr-defined]
