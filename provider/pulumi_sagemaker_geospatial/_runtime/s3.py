"""The objects of an S3 folder: listing them and their versions, and deleting versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from .aws_session import AwsSession
from .calls import CallRunner
from .context import OperationContext
from .s3_objects import Folder, S3Object, parse_object

#: What a delete call takes at most.
DELETE_BATCH_SIZE = 1000

Result = TypeVar("Result")


class S3Client:
    """The calls of S3 that are needed. Each method raises botocore's errors, and what parsing a response raises."""

    def __init__(self, session: AwsSession, runner: CallRunner) -> None:
        self._session, self._runner = session, runner

    def list_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        """Return everything in the folder, whoever wrote it."""
        return self._run(folder, ctx, doing, lambda s3: list_objects(s3, folder.bucket, folder.prefix))

    def list_current_versions(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        """Return the current version of everything in the folder."""

        def listing(s3: Any) -> list[S3Object]:
            pages = s3.get_paginator("list_object_versions").paginate(Bucket=folder.bucket, Prefix=folder.prefix)
            versions = (each for page in pages for each in page.get("Versions") or () if each.get("IsLatest"))
            return [parse_object(each, folder.prefix) for each in versions]

        return self._run(folder, ctx, doing, listing)

    def delete_versions(
        self, folder: Folder, objects: Sequence[S3Object], ctx: OperationContext, doing: str
    ) -> list[tuple[str, str]]:
        """Delete these versions, and return (name, reason) for each that S3 did not delete."""
        failed: list[tuple[str, str]] = []
        for batch in _batches(objects):
            response = self._run(folder, ctx, doing, lambda s3, batch=batch: _delete(s3, folder, batch))  # type: ignore[misc]
            for error in response.get("Errors") or ():
                name = str(error.get("Key") or "").removeprefix(folder.prefix)
                failed.append((name, f"{error.get('Code')}: {error.get('Message')}"))
        return failed

    def _run(self, folder: Folder, ctx: OperationContext, doing: str, call: Callable[[Any], Result]) -> Result:
        s3 = self._session.client("s3", folder.region, ctx)
        return self._runner.run(ctx, doing, lambda: call(s3))


def list_objects(s3: Any, bucket: str, prefix: str) -> list[S3Object]:
    """Return everything below a prefix, with a boto3 client of S3."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [parse_object(each, prefix) for page in pages for each in page.get("Contents") or ()]


def _delete(s3: Any, folder: Folder, objects: Sequence[S3Object]) -> Any:
    # By version: an older version of somebody else's becomes current again, and a newer one is not touched.
    keys = [{"Key": folder.prefix + each.name, "VersionId": each.version} for each in objects]
    return s3.delete_objects(Bucket=folder.bucket, Delete={"Objects": keys, "Quiet": True})


def _batches(objects: Sequence[S3Object]) -> Iterator[Sequence[S3Object]]:
    for first in range(0, len(objects), DELETE_BATCH_SIZE):
        yield objects[first : first + DELETE_BATCH_SIZE]
