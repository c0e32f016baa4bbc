"""Looks at exports in S3 and at jobs in the service, many at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from .._export.drift import detect_drift
from .._geospatial.job_summaries import JobSummary
from .._geospatial.kinds import KINDS, ExportKind
from .._report.checksums import read_checksum
from .._report.observation import DeclaredExport, ExportObservation, JobObservation, SavedMetadata
from .._runtime.aws_errors import CALL_ERRORS, describe_error
from .._runtime.context import Cancellation, OperationContext
from .._runtime.parallel import map_concurrently
from .._runtime.retry import call_with_retries
from .._runtime.s3_objects import Folder, S3Object
from ..error_ids import ErrorId
from ..errors import JobNotFoundError
from .failure import CommandError
from .stack import Stack

if TYPE_CHECKING:
    from .._export.runtime import Runtime

#: Seconds that one look at a job or an export may take, retries included.
TIMEOUT = 600.0

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Observer:
    """The look at AWS with the credentials of a stack."""

    runtime: Runtime
    cancellation: Cancellation = field(default_factory=Cancellation)

    def context(self) -> OperationContext:
        """Return the context of one look or one deletion."""
        ctx = OperationContext(cancellation=self.cancellation, timeout_remedy="run the command again")
        return replace(ctx, deadline=ctx.clock.now() + TIMEOUT)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return a function's results, in order. The first error ends the others, and so does Ctrl-C."""
        return map_concurrently(function, items, self.cancellation)

    def require_account(self, stack: Stack) -> str:
        """Return the account of the credentials, which has to be the one of every job of the stack.

        Raises:
            CommandError: it is another one. The service would take the jobs for deleted.
            ServiceCallError, WrongAccountError
        """
        region = stack.exports[0].state.request.region
        account = self.runtime.jobs.account(region, self.context())
        others = sorted({each.arn.split(":")[4] for each in stack.exports} - {account})
        if others:
            raise CommandError(
                f"the stack {stack.name} has exports of jobs of account {', '.join(others)}, "
                f"but the credentials are of account {account}",
                ErrorId.WRONG_ACCOUNT,
            )
        return account

    def list_jobs(self, stack: Stack) -> list[JobSummary]:
        """Return the jobs of both kinds in the regions of the stack's exports. Raises ServiceCallError."""
        regions = sorted({each.state.request.region for each in stack.exports})
        pairs = [(kind, region) for region in regions for kind in KINDS]
        pages = self.map(lambda pair: self.runtime.jobs.list(*pair, self.context()), pairs)
        return [job for jobs in pages for job in jobs]

    def describe(self, export: DeclaredExport) -> Mapping[str, Any] | None:
        """Return the description of an export's job; None where the service does not know it."""
        from .._export.job_metadata import job_description

        try:
            job = self.runtime.client.get_job(export.state.request, self.context(), "getting the description of")
        except JobNotFoundError:
            return None
        return job_description(job, export.state.request.redact)

    def observe_job(self, kind: ExportKind, arn: str, exports: Sequence[DeclaredExport]) -> JobObservation:
        """Return a job and its exports as they are now; exports are not looked at where the job is deleted."""
        try:
            job = self.runtime.client.describe_unmanaged(kind, arn, self.context())
        except JobNotFoundError:
            return JobObservation(arn, None)
        return JobObservation(arn, job.status, job.export_status, tuple(self.observe(each) for each in exports))

    def observe(self, export: DeclaredExport) -> ExportObservation:
        """Return an export as it is in S3 now.

        Raises:
            CommandError: S3 refuses, or does not answer.
        """
        state = export.state
        if state.status != "SUCCEEDED":
            return ExportObservation(export)
        ctx, doing = self.context(), f"listing the objects of the export of {export.arn}"
        with _failing(export, doing, "s3:ListBucket"):
            found = call_with_retries(ctx, lambda: self._list(state.folder, ctx, doing))
        objects = state.window.select(found)
        if state.manifest is None:
            return ExportObservation(export, tuple(objects))
        drift = detect_drift(state.request.kind, state.manifest, objects)
        newest = state.manifest.newest
        own = tuple(each for each in objects if newest is not None and each.modified <= newest)
        return ExportObservation(export, own, drift, self._read_metadata(export))

    def observe_rasters(self, seen: ExportObservation) -> ExportObservation:
        """Return an observation with the headers of its rasters. Raises CommandError where S3 refuses."""
        from .rasters import SUFFIXES, read_raster

        export, ctx = seen.export, self.context()
        doing, folder = f"reading the rasters of the export of {export.arn}", export.state.folder
        rasters = {}
        with _failing(export, doing, _reading(export)):
            for each in [each for each in seen.objects if each.name.lower().endswith(SUFFIXES)]:
                key = replace(folder, prefix=f"{folder.prefix}{each.name}")

                def fetch(start: int, end: int, key: Folder = key) -> bytes:
                    byte_range = f"bytes={start}-{end - 1}"
                    return call_with_retries(ctx, lambda: self.runtime.store.get_object(key, ctx, doing, byte_range)[0])

                rasters[each.name] = read_raster(each.size, fetch)
        return replace(seen, rasters=rasters)

    def observe_checksums(self, exports: Sequence[ExportObservation]) -> list[ExportObservation]:
        """Return observations with the checksums of their objects. Raises CommandError where S3 refuses."""
        pairs = [(seen.export, each) for seen in exports for each in seen.objects]
        found = iter(self.map(lambda pair: self._read_checksum(*pair), pairs))  # in the order of the pairs
        read = [{each.name: next(found) for each in seen.objects} for seen in exports]
        return [
            replace(seen, checksums={name: value for name, value in checksums.items() if value})
            for seen, checksums in zip(exports, read, strict=True)
        ]

    def _read_checksum(self, export: DeclaredExport, each: S3Object) -> str | None:
        from botocore.exceptions import ClientError

        ctx, folder = self.context(), export.state.folder
        key, doing = replace(folder, prefix=f"{folder.prefix}{each.name}"), f"reading the checksums of {export.arn}"
        with _failing(export, doing, _reading(export)):
            try:
                head = call_with_retries(ctx, lambda: self.runtime.store.head_object(key, ctx, doing))
            except ClientError as exc:
                if describe_error(exc).code in ("404", "NoSuchKey"):
                    return None  # it was deleted since it was listed
                raise
            return read_checksum(head, folder.bucket, each.etag)

    def _list(self, folder: Folder, ctx: OperationContext, doing: str) -> list[Any]:
        from botocore.exceptions import ClientError

        try:
            return list(self.runtime.store.list_objects(folder, ctx, doing))
        except ClientError as exc:
            if describe_error(exc).code == "NoSuchBucket":
                return []
            raise

    def _read_metadata(self, export: DeclaredExport) -> SavedMetadata | None:
        from botocore.exceptions import ClientError

        from .._export.job_metadata import metadata_object

        recorded, request = export.state.metadata, export.state.request
        if recorded is None:
            return None
        ctx, doing = self.context(), f"reading the metadata of {export.arn}"
        folder = metadata_object(request)  # the recorded key may be redacted
        with _failing(export, doing, _reading(export)):
            try:
                body, etag = call_with_retries(ctx, lambda: self.runtime.store.get_object(folder, ctx, doing))
            except ClientError as exc:
                if describe_error(exc).code in ("NoSuchKey", "NoSuchBucket"):
                    return SavedMetadata("is gone")
                raise
        return _parse_metadata(export, body) if etag == recorded.etag else SavedMetadata("was overwritten")


def _parse_metadata(export: DeclaredExport, body: bytes) -> SavedMetadata:
    try:
        document = json.loads(body)
        is_own = document["job"]["Arn"] == export.arn
    except (ValueError, KeyError, TypeError):
        return SavedMetadata("cannot be read")
    return SavedMetadata(document=document) if is_own else SavedMetadata("is of another job")


@contextmanager
def _failing(export: DeclaredExport, doing: str, actions: str) -> Iterator[None]:
    """Turn an error of S3 into one sentence, which names the actions that the caller needs."""
    try:
        yield
    except CALL_ERRORS as exc:
        error = describe_error(exc)
        raise CommandError(
            f"{doing} failed: {error.reported_code}: {export.redact(error.message)}. Allow the caller {actions}, "
            "and check the stack's aws: config",
            ErrorId.OBJECTS_NOT_READ,
        ) from exc


def _reading(export: DeclaredExport) -> str:
    """Return what reading an object of an export needs."""
    return "s3:GetObject" + (" and kms:Decrypt on the key" if export.state.request.kms_key_id else "")
