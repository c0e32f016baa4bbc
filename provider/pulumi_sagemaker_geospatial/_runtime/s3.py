"""The objects of an S3 folder: listing them and their versions, and deleting versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from .aws_session import AwsSession
from .calls import CallRunner
from .context import OperationContext
from .pages import Parameters, read_pages
from .s3_objects import Folder, S3Object, parse_object

#: Errors of a conditional deletion where S3 cannot check the condition.
_CONDITION_REFUSED = ("AccessDenied", "InvalidArgument", "InvalidRequest", "NotImplemented")
_OBJECT_MARKERS = {"NextContinuationToken": "ContinuationToken"}
_VERSION_MARKERS = {"NextKeyMarker": "KeyMarker", "NextVersionIdMarker": "VersionIdMarker"}

Result = TypeVar("Result")


@dataclass
class Deletion:
    """What became of a deletion.

    Attributes:
        failed: name and reason of each object that S3 did not delete.
        overwritten: names of objects that somebody has overwritten meanwhile, and that were kept.
        unconditional: whether S3 was not allowed to compare an object with the listed one, and deleted it as it was.
    """

    failed: list[tuple[str, str]] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    unconditional: bool = False


@dataclass(frozen=True)
class Bucket:
    """What S3 tells of a bucket.

    Attributes:
        region: empty where S3 does not tell it.
        is_refused: whether the caller may not read it; listing a prefix may be allowed nevertheless.
    """

    region: str
    is_refused: bool = False


class S3Client:
    """The calls of S3 that are needed. Each method raises botocore's errors, and what parsing a response raises."""

    def __init__(self, session: AwsSession, runner: CallRunner) -> None:
        self._session, self._runner = session, runner

    def list_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        """Return everything in the folder, whoever wrote it."""
        return self._run(folder, ctx, doing, lambda s3: list_objects(s3, folder.bucket, folder.prefix))

    def has_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> bool:
        """Return whether anything is in the folder."""

        def look(s3: Any) -> bool:
            return bool(s3.list_objects_v2(Bucket=folder.bucket, Prefix=folder.prefix, MaxKeys=1).get("Contents"))

        return self._run(folder, ctx, doing, look)

    def find_bucket(self, folder: Folder, ctx: OperationContext, doing: str) -> Bucket | None:
        """Return what S3 tells of the folder's bucket; None if there is no such bucket."""

        def find(s3: Any) -> Bucket | None:
            try:
                response, status = s3.head_bucket(Bucket=folder.bucket), 200
            except ClientError as exc:
                response = dict(exc.response)
                status = response["ResponseMetadata"].get("HTTPStatusCode")
            headers = response["ResponseMetadata"].get("HTTPHeaders") or {}
            return None if status == 404 else Bucket(str(headers.get("x-amz-bucket-region", "")), status == 403)

        return self._run(folder, ctx, doing, find)

    def put_object(
        self, folder: Folder, body: bytes, content_type: str, kms_key_id: str | None, ctx: OperationContext, doing: str
    ) -> str:
        """Write one object, whose key is the folder's prefix, and return its ETag."""
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}

        def put(s3: Any) -> str:
            response = s3.put_object(
                Bucket=folder.bucket, Key=folder.prefix, Body=body, ContentType=content_type, **encryption
            )
            return str(response["ETag"]).strip('"')

        return self._run(folder, ctx, doing, put)

    def get_object(
        self, folder: Folder, ctx: OperationContext, doing: str, byte_range: str | None = None
    ) -> tuple[bytes, str]:
        """Return the content of the object whose key is the folder's prefix, or of a range of it, and its ETag."""

        def get(s3: Any) -> tuple[bytes, str]:
            part = {"Range": byte_range} if byte_range else {}
            response = s3.get_object(Bucket=folder.bucket, Key=folder.prefix, **part)
            return response["Body"].read(), str(response["ETag"]).strip('"')

        return self._run(folder, ctx, doing, get)

    def head_object(self, folder: Folder, ctx: OperationContext, doing: str) -> Mapping[str, Any]:
        """Return what S3 knows of the object whose key is the folder's prefix, its checksums included."""

        def head(s3: Any) -> Mapping[str, Any]:
            response: Mapping[str, Any] = s3.head_object(
                Bucket=folder.bucket, Key=folder.prefix, ChecksumMode="ENABLED"
            )
            return response

        return self._run(folder, ctx, doing, head)

    def list_current_versions(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        """Return the current version of everything in the folder."""
        return [each for page in self._version_pages(folder, ctx, doing) for each in page]

    def delete_versions(
        self, folder: Folder, objects: Sequence[S3Object], ctx: OperationContext, doing: str
    ) -> Deletion:
        """Delete these versions, each where it is still the current one immediately before its batch."""
        own, deletion = {each.name: each for each in objects}, Deletion()
        pages = self._version_pages(folder, ctx, doing)
        page = next(pages, None)
        while page is not None:
            following = next(pages, None)  # before the deletion, so that the key that it begins after is still there
            current = [each for each in page if each.name in own]
            deletion.overwritten += [each.name for each in current if own[each.name] != each]
            if batch := [each for each in current if own[each.name] == each]:
                self._delete_batch(folder, batch, deletion, ctx, doing)
            page = following
        return deletion

    def _delete_batch(
        self, folder: Folder, batch: Sequence[S3Object], deletion: Deletion, ctx: OperationContext, doing: str
    ) -> None:
        for error in self._run(folder, ctx, doing, lambda s3: _delete(s3, folder, batch, deletion)):
            name, code = str(error.get("Key") or "").removeprefix(folder.prefix), str(error.get("Code"))
            if code == "PreconditionFailed":
                deletion.overwritten.append(name)
            else:
                deletion.failed.append((name, f"{code}: {error.get('Message')}"))

    def _version_pages(self, folder: Folder, ctx: OperationContext, doing: str) -> Iterator[list[S3Object]]:
        s3 = self._session.client("s3", folder.region, ctx)
        pages = _pages(s3.list_object_versions, folder.bucket, folder.prefix, _VERSION_MARKERS)

        def next_page() -> list[S3Object] | None:
            page = next(pages, None)
            if page is None:
                return None
            versions = (each for each in page.get("Versions") or () if each.get("IsLatest"))
            return [parse_object(each, folder.prefix) for each in versions]

        while (page := self._runner.run(ctx, doing, next_page)) is not None:
            yield page

    def _run(self, folder: Folder, ctx: OperationContext, doing: str, call: Callable[[Any], Result]) -> Result:
        s3 = self._session.client("s3", folder.region, ctx)
        return self._runner.run(ctx, doing, lambda: call(s3))


def list_objects(s3: Any, bucket: str, prefix: str) -> list[S3Object]:
    """Return everything below a prefix, with a boto3 client of S3."""
    pages = _pages(s3.list_objects_v2, bucket, prefix, _OBJECT_MARKERS)
    return [parse_object(each, prefix) for page in pages for each in page.get("Contents") or ()]


def _pages(
    operation: Callable[..., Any], bucket: str, prefix: str, markers: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """Yield the pages of a listing; ``markers``: what a page calls the place where the next one begins, and a request.

    Raises:
        ValueError: a page is not one of a listing, or the listing has no end.
    """

    def next_parameters(page: Mapping[str, Any]) -> Parameters:
        if "Name" not in page or "IsTruncated" not in page:
            raise ValueError("the response is not a listing of a bucket")
        contents = page.get("Contents") or ()
        if page.get("KeyCount", len(contents)) != len(contents):
            raise ValueError("the page has another number of objects than it says")
        if not page["IsTruncated"]:
            return {}
        following = {parameter: page[name] for name, parameter in markers.items() if page.get(name)}
        if not following:
            raise ValueError("the page is truncated, and does not say where the next one begins")
        return following

    def fetch(parameters: Parameters) -> Mapping[str, Any]:
        page: Mapping[str, Any] = operation(Bucket=bucket, Prefix=prefix, **parameters)
        return page

    return read_pages(fetch, next_parameters)


def _delete(s3: Any, folder: Folder, objects: Sequence[S3Object], deletion: Deletion) -> list[Mapping[str, Any]]:
    """Delete versions, and return the errors that S3 reports for single ones.

    By version: an older version of somebody else's becomes current again, and a newer one is not touched. Where the bucket
    keeps no versions, S3 compares the ETag. That needs s3:GetObject, so that a refusal is tried again without it.
    """
    errors = _delete_once(s3, folder, objects, conditionally=True)
    refused = {each.get("Key"): each.get("Code") for each in errors if each.get("Code") in _CONDITION_REFUSED}
    again = [each for each in objects if folder.prefix + each.name in refused and not each.has_version]
    if not again:
        return errors
    kept = {folder.prefix + each.name for each in again}
    rest = [each for each in errors if each.get("Key") not in kept]
    last_errors = _delete_once(s3, folder, again, conditionally=False)
    if "AccessDenied" in refused.values() and len(last_errors) < len(again):
        deletion.unconditional = True
    return rest + last_errors


def _delete_once(s3: Any, folder: Folder, objects: Sequence[S3Object], conditionally: bool) -> list[Mapping[str, Any]]:
    entries = [
        {
            "Key": folder.prefix + each.name,
            "VersionId": each.version,
            **({"ETag": f'"{each.etag}"'} if conditionally and not each.has_version else {}),
        }
        for each in objects
    ]
    response = s3.delete_objects(Bucket=folder.bucket, Delete={"Objects": entries})
    errors = response.get("Errors") or []
    if len(response.get("Deleted") or ()) + len(errors) < len(entries):
        raise ValueError("the response does not tell of each object whether it was deleted")
    return list(errors)
