"""Values for tests of recorded exports: objects as S3 lists them, and states with what was observed of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription
from pulumi_sagemaker_geospatial._geospatial.statuses import ExportStatus
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object

from tests.support.declarations import export_request

#: When the exports of these tests were started.
START = datetime(2024, 7, 1, 12, 0, 0, tzinfo=timezone.utc)


def at(seconds: float) -> datetime:
    """Return a time this long after the start."""
    return START + timedelta(seconds=seconds)


def written_objects(count: int, last: int = 300) -> list[S3Object]:
    """Return this many results of an export, the last of which was written ``last`` seconds after its start."""
    return [
        S3Object(f"output/consolidated/tile_{n}.tif", 100 + n, f"etag{n}", at(last - (count - 1 - n) % 3))
        for n in range(count)
    ]


def foreign_objects(count: int, seconds: int, suffix: str = "xml") -> list[S3Object]:
    """Return objects that somebody else wrote at one time."""
    return [S3Object(f"output/consolidated/theirs_{n}.{suffix}", 7, f"theirs{n}", at(seconds)) for n in range(count)]


def overwritten(objects: list[S3Object], seconds: int) -> list[S3Object]:
    """Return the same objects with other content, written at another time."""
    return [S3Object(each.name, each.size, f"{each.etag}-again", at(seconds)) for each in objects]


def recorded(status: ExportStatus, objects: list[S3Object] | None = None, **more: Any) -> ExportState:
    """Return the state of an export; with ``objects``, their manifest is recorded."""
    manifest = None if objects is None else ExportManifest.of(objects)
    return ExportState(export_request(), status, START, manifest, **more)


def described_job(export_status: ExportStatus | None, errors: dict[str, Any] | None = None) -> JobDescription:
    """Return a COMPLETED job whose last export has this status."""
    return JobDescription("COMPLETED", None, export_status, errors)
