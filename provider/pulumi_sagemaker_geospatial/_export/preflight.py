"""The check of an export's destination before it is started: the bucket's existence and region, and whether it can be listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from .._runtime.aws_errors import CALL_ERRORS, UNREACHABLE, AwsError, describe_error
from .._runtime.context import OperationContext
from .._runtime.keyed_lock import KeyedLock
from .._runtime.s3 import Bucket
from .._runtime.s3_objects import Folder
from ..error_ids import ErrorId
from ..errors import ServiceCallError, WaitTimeoutError
from .listing import warn_not_listed
from .spec import ExportSpec

Result = TypeVar("Result")

#: Seconds that a check may take.
CHECK_TIMEOUT = 10.0
#: Seconds until a bucket that does not exist is looked up again, as the same run may create it.
RECHECK_MISSING_AFTER = 5.0
#: Seconds until a bucket whose region was not told is looked up again; longer, as such a check may take its whole timeout.
RECHECK_UNKNOWN_AFTER = 60.0
#: What is known of a bucket whose look-up failed.
UNKNOWN = Bucket("")


class BucketStore(Protocol):
    """The part of S3 that buckets are looked up with; `S3Client` has it."""

    def find_bucket(self, folder: Folder, ctx: OperationContext, doing: str) -> Bucket | None: ...
    def has_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> bool: ...


class DestinationChecks:
    """Checks each bucket once a process, and one that was not found again later.

    A check that cannot be made (no permission, no answer) finds no mistake.
    """

    def __init__(self, store: BucketStore) -> None:
        self._store = store
        self._lock = KeyedLock()
        self._found: dict[str, str] = {}
        self._not_found: dict[str, tuple[float, str | None]] = {}

    def check(self, spec: ExportSpec, ctx: OperationContext) -> bool:
        """Raise if the destination's bucket does not exist or is in another region than the job.

        Returns whether S3 has told about the bucket.

        Where objects are to be verified and the caller may not list them, a warning says so before the export is started.

        Raises:
            ServiceCallError, CancelledError, WaitTimeoutError
        """
        request = spec.request
        region = self._region(spec, ctx)
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
        return bool(region)

    def _region(self, spec: ExportSpec, ctx: OperationContext) -> str | None:
        """Return the bucket's region; empty if it is not known, None if there is no such bucket."""
        doing = "checking the destination's bucket"
        folder = spec.request.destination
        bucket = folder.bucket
        with self._lock.hold(bucket, ctx, doing):
            if bucket in self._found:
                return self._found[bucket]
            valid_until, region = self._not_found.get(bucket, (float("-inf"), None))
            if ctx.clock.now() < valid_until:
                return region
            found = _try_call(
                lambda limited: self._store.find_bucket(folder, limited, doing), ctx, lambda error: UNKNOWN
            )
            if found and found.is_refused and spec.verify_objects:
                self._check_listing(folder, ctx)
            region = found.region if found else None
            if region:
                self._found[bucket] = region
                return region
            recheck_after = RECHECK_MISSING_AFTER if region is None else RECHECK_UNKNOWN_AFTER
            self._not_found[bucket] = (ctx.clock.now() + recheck_after, region)
            return region

    def _check_listing(self, folder: Folder, ctx: OperationContext) -> None:
        doing = "checking whether the destination can be listed"

        def warn(error: AwsError) -> bool:
            if error.code == "AccessDenied":
                warn_not_listed(error, ctx)
            return False

        _try_call(lambda limited: self._store.has_objects(folder, limited, doing), ctx, warn)


def is_occupied(store: BucketStore, folder: Folder, ctx: OperationContext) -> bool:
    """Return whether something is known to lie at a destination. Raises where the operation has to return."""
    doing = "looking for an earlier export at the destination"
    return _try_call(lambda limited: store.has_objects(folder, limited, doing), ctx, lambda error: False)


def _try_call(
    call: Callable[[OperationContext], Result], ctx: OperationContext, on_error: Callable[[AwsError], Result]
) -> Result:
    """Return the result of a call of a limited duration, or that of ``on_error``. Raises where the operation has to return."""
    try:
        return call(replace(ctx, deadline=min(ctx.deadline, ctx.clock.now() + CHECK_TIMEOUT)))
    except CALL_ERRORS as exc:
        return on_error(describe_error(exc))
    except WaitTimeoutError:
        if ctx.done:
            raise
        return on_error(AwsError(UNREACHABLE, UNREACHABLE, "no answer"))
