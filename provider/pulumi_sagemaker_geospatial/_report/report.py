"""The report on a stack: one row for each export, and one for each job of the account that is not exported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._export.manifest import format_utc
from .._geospatial.arns import job_id
from .._geospatial.job_summaries import JobSummary
from .decisions import find_problem, why_not_exported
from .footprint import Polygon, read_footprint
from .observation import ExportObservation, Raster

NOT_LISTED = "not listed"


@dataclass(frozen=True)
class ReportedObject:
    """An object of an export; its key is that of the bucket."""

    key: str
    bytes: int
    etag: str
    last_modified: datetime
    raster: Raster | None = None
    checksum: str | None = None


@dataclass(frozen=True)
class ReportRow:
    """An export of the stack, or a job without one.

    Attributes:
        export: the resource's name; None for a job that no export is declared for.
        status: the export's status; None without an export.
        location: the S3 URI of the folder; empty without an export.
        duration_in_seconds: from the export's start to its newest object; None where it is not known.
        reason: what is wrong with the export, or why the job is not exported; None where all is well.
        is_missing: whether results are missing from the exports.
        metadata: the job's description; None where it is not known.
    """

    arn: str
    kind: str
    job: str
    job_status: str
    type: str = ""
    export: str | None = None
    status: str | None = None
    location: str = ""
    started: datetime | None = None
    duration_in_seconds: int | None = None
    objects: tuple[ReportedObject, ...] = ()
    reason: str | None = None
    is_missing: bool = False
    metadata: Mapping[str, Any] | None = None
    footprint: tuple[Polygon, ...] = field(default=())

    @property
    def id(self) -> str:
        """The last part of the job's ARN."""
        return job_id(self.arn)

    @property
    def bytes(self) -> int:
        """The size of the objects."""
        return sum(each.bytes for each in self.objects)

    @property
    def is_exported(self) -> bool:
        """Whether the stack has an export of the job, and it is whole."""
        return self.export is not None and not self.is_missing


@dataclass(frozen=True)
class Report:
    """What a stack has exported of an account, at a time."""

    stack: str
    account: str
    created: datetime
    rows: tuple[ReportRow, ...]

    @property
    def exported(self) -> list[ReportRow]:
        """The rows of exports that are whole."""
        return [row for row in self.rows if row.is_exported]

    @property
    def missing(self) -> list[ReportRow]:
        """The rows whose results are missing from the exports."""
        return [row for row in self.rows if row.is_missing]

    @property
    def not_exportable(self) -> list[ReportRow]:
        """The rows of jobs that have no results to export."""
        return [row for row in self.rows if row.export is None and not row.is_missing]

    @property
    def object_count(self) -> int:
        """How many objects the whole exports have."""
        return sum(len(row.objects) for row in self.exported)

    @property
    def bytes(self) -> int:
        """The size of the whole exports."""
        return sum(row.bytes for row in self.exported)

    @property
    def created_text(self) -> str:
        """The time of the report, in UTC."""
        return format_utc(self.created)


def build_rows(
    exports: Sequence[ExportObservation],
    jobs: Iterable[JobSummary],
    descriptions: Mapping[str, Mapping[str, Any]],
) -> tuple[ReportRow, ...]:
    """Return the rows: exports in the order of their names, then the other jobs in the order of the listing.

    ``descriptions``: those of jobs by ARN, for exports that have not saved one.
    """
    by_arn = {job.arn: job for job in jobs}
    exported = {seen.export.arn for seen in exports}
    rows = [_export_row(seen, by_arn.get(seen.export.arn), descriptions) for seen in exports]
    rows.sort(key=lambda row: (row.job, row.export or ""))
    return (*rows, *(_job_row(job) for job in by_arn.values() if job.arn not in exported))


def _export_row(
    seen: ExportObservation, job: JobSummary | None, descriptions: Mapping[str, Mapping[str, Any]]
) -> ReportRow:
    state, redact = seen.export.state, seen.export.redact
    request, problem = state.request, find_problem(seen)
    document = seen.metadata.document if seen.metadata else None
    metadata = (document or {}).get("job") or descriptions.get(request.arn)
    newest = seen.newest
    return ReportRow(
        arn=request.arn,
        kind=request.kind.job,
        job=job.name if job else str((metadata or {}).get("Name") or job_id(request.arn)),
        job_status=job.status if job else NOT_LISTED,
        type=job.type if job else "",
        export=seen.export.name,
        status=state.status,
        location=redact(f"s3://{request.bucket}/{request.folder}"),
        started=state.created,
        duration_in_seconds=max(0, int((newest - state.created).total_seconds())) if newest else None,
        objects=tuple(
            ReportedObject(
                redact(f"{request.folder}{each.name}"),
                each.size,
                each.etag,
                each.modified,
                seen.rasters.get(each.name),
                seen.checksums.get(each.name),
            )
            for each in sorted(seen.objects, key=lambda each: each.name)
        ),
        reason=redact(problem) if problem else None,
        is_missing=problem is not None,
        metadata=metadata,
        footprint=read_footprint(metadata),
    )


def _job_row(job: JobSummary) -> ReportRow:
    reason, is_missing = why_not_exported(job.status)
    return ReportRow(
        arn=job.arn,
        kind=job.kind.job,
        job=job.name,
        job_status=job.status,
        type=job.type,
        reason=reason,
        is_missing=is_missing,
    )
