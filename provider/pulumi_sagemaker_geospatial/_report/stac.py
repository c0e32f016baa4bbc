"""A STAC catalog of the exported jobs, which GIS tools open. Importing this module imports pystac."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Any

import pystac

from .._export.manifest import parse_utc
from .footprint import Polygon, bounds, read_time_range
from .report import Report, ReportedObject, ReportRow

#: What the names of our own properties begin with; docs/report.md describes them.
PREFIX = "sagemaker_geospatial"
FILE_EXTENSION = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
WORLD = [-180.0, -90.0, 180.0, 90.0]
MEDIA_TYPES = {
    ".tif": pystac.MediaType.GEOTIFF,
    ".tiff": pystac.MediaType.GEOTIFF,
    ".geojson": pystac.MediaType.GEOJSON,
    ".json": pystac.MediaType.JSON,
    ".csv": "text/csv",
}
AWS = pystac.Provider(
    "Amazon Web Services",
    roles=[pystac.ProviderRole.PROCESSOR, pystac.ProviderRole.HOST],
    url="https://aws.amazon.com/sagemaker/geospatial/",
)


def write_catalog(report: Report, directory: Path) -> None:
    """Write a self-contained catalog with one collection, and an item for each whole export. Raises OSError."""
    items = _items(report)
    catalog = pystac.Catalog(report.stack, f"Exports of account {report.account}, as of {report.created_text}")
    collection = pystac.Collection(
        id=f"{report.stack}-exports",
        description=f"The results of jobs of Amazon SageMaker geospatial that the stack {report.stack} has exported",
        extent=_extent(report, items),
        license="other",
        providers=[AWS],
    )
    collection.add_items(items)
    catalog.add_child(collection)
    catalog.normalize_hrefs(str(directory))
    catalog.save(pystac.CatalogType.SELF_CONTAINED)


def _items(report: Report) -> list[pystac.Item]:
    counts = Counter(row.id for row in report.exported)
    return [_item(row, row.id if counts[row.id] == 1 else f"{row.id}-{row.export}") for row in report.exported]


def _item(row: ReportRow, id_: str) -> pystac.Item:
    times = [parse_utc(each) for each in read_time_range(row.metadata) or ()]
    item = pystac.Item(
        id=id_,
        geometry=_geometry(row.footprint),
        bbox=list(bounds(row.footprint)) if row.footprint else None,
        datetime=None if times else row.started or datetime.now(timezone.utc),
        start_datetime=times[0] if times else None,
        end_datetime=times[1] if times else None,
        properties={"title": row.job, **_own_properties(row)},
        stac_extensions=[FILE_EXTENSION],
    )
    for each in row.objects:
        item.add_asset(_asset_key(each, row), _asset(each, row))
    return item


def _own_properties(row: ReportRow) -> dict[str, Any]:
    return {
        f"{PREFIX}:job_arn": row.arn,
        f"{PREFIX}:kind": row.kind,
        f"{PREFIX}:operation": row.type or None,
        f"{PREFIX}:export": row.export,
        f"{PREFIX}:location": row.location,
    }


def _asset(each: ReportedObject, row: ReportRow) -> pystac.Asset:
    bucket = row.location.removeprefix("s3://").partition("/")[0]
    return pystac.Asset(
        href=f"s3://{bucket}/{each.key}",
        media_type=MEDIA_TYPES.get(PurePosixPath(each.key).suffix.lower(), "application/octet-stream"),
        roles=["data"],
        extra_fields={
            "file:size": each.bytes,
            **({"file:checksum": each.checksum} if each.checksum else {}),
            f"{PREFIX}:etag": each.etag,
        },
    )


def _asset_key(each: ReportedObject, row: ReportRow) -> str:
    return each.key.rpartition(f"/{row.id}/")[2] or each.key


def _geometry(polygons: tuple[Polygon, ...]) -> dict[str, Any] | None:
    if not polygons:
        return None
    rings = [[[list(point) for point in ring] for ring in polygon] for polygon in polygons]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings[0]}
    return {"type": "MultiPolygon", "coordinates": rings}


def _extent(report: Report, items: Iterable[pystac.Item]) -> pystac.Extent:
    polygons = [polygon for row in report.exported for polygon in row.footprint]
    starts = [each.common_metadata.start_datetime or each.datetime for each in items]
    ends = [each.common_metadata.end_datetime or each.datetime for each in items]
    start = min((each for each in starts if each), default=report.created)
    end = max((each for each in ends if each), default=report.created)
    box = list(bounds(polygons)) if polygons else WORLD
    return pystac.Extent(pystac.SpatialExtent([box]), pystac.TemporalExtent([[start, end]]))
