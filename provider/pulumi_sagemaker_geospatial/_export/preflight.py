"""The check of an export's destination before it is started: whether the bucket exists, and in which region it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from .._geospatial.request import ExportRequest
from .._runtime.aws_errors import CALL_ERRORS
from .._runtime.context import OperationContext
from .._runtime.keyed_lock import KeyedLock
from .._runtime.s3_objects import Folder
from ..error_ids import ErrorId
from ..errors import ServiceCallError, WaitTimeoutError

#: Seconds that a check may take.
CHECK_TIMEOUT = 10.0
#: Seconds until a bucket that does not exist is looked up again, as the same run may create it.
RECHECK_MISSING_AFTER = 5.0
#: Seconds until a bucket whose region was not told is looked up again; longer, as such a check may take its whole timeout.
RECHECK_UNKNOWN_AFTER = 60.0


class BucketStore(Protocol):
    """The part of S3 that buckets are looked up with; `S3Client` has it."""

    def find_bucket_region(self, folder: Folder, ctx: OperationContext, doing: str) -> str | None: ...


class DestinationChecks:
    """Checks each bucket once a process, and one that was not found again later.

    A check that cannot be made (no permission, no answer) finds no mistake.
    """

    def __init__(self, store: BucketStore) -> None:
        self._store = store
        self._lock = KeyedLock()
        self._found: dict[str, str] = {}
        self._not_found: dict[str, tuple[float, str | None]] = {}

    def check(self, request: ExportRequest, ctx: OperationContext) -> None:
        """Raise if the destination's bucket does not exist or is in another region than the job.

        Raises:
            ServiceCallError, CancelledError, WaitTimeoutError
        """
        region = self._region(request.destination, ctx)
        bucket = request.redact(f"s3://{request.bucket}")
        if region is None:
            raise ServiceCallError(
                f"the bucket {bucket} does not exist. No export to it was started: correct output_config.s3_data.s3_uri, "
                "or create the bucket.",
                "NoSuchBucket",
                error_id=ErrorId.BUCKET_NOT_FOUND,
            )
        if region and region != request.region:
            raise ServiceCallError(
                f"the bucket {bucket} is in {region}, but the job is in {request.region}. No export to it was started: "
                "use a bucket in the job's region.",
                "WrongRegion",
                error_id=ErrorId.BUCKET_IN_ANOTHER_REGION,
            )

    def _region(self, folder: Folder, ctx: OperationContext) -> str | None:
        """Return the bucket's region; empty if it is not known, None if there is no such bucket."""
        doing = "checking the destination's bucket"
        bucket = folder.bucket
        with self._lock.hold(bucket, ctx, doing):
            if bucket in self._found:
                return self._found[bucket]
            valid_until, region = self._not_found.get(bucket, (float("-inf"), None))
            if ctx.clock.now() < valid_until:
                return region
            region = self._find_region(folder, ctx, doing)
            if region:
                self._found[bucket] = region
            else:
                recheck_after = RECHECK_MISSING_AFTER if region is None else RECHECK_UNKNOWN_AFTER
                self._not_found[bucket] = (ctx.clock.now() + recheck_after, region)
            return region

    def _find_region(self, folder: Folder, ctx: OperationContext, doing: str) -> str | None:
        limited = replace(ctx, deadline=min(ctx.deadline, ctx.clock.now() + CHECK_TIMEOUT))
        try:
            return self._store.find_bucket_region(folder, limited, doing)
        except CALL_ERRORS:
            return ""
        except WaitTimeoutError:
            if ctx.done:
                raise
            return ""
