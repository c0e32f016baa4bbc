"""The area and the time that a job is about, of its description."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: A ring is a sequence of longitudes and latitudes; a polygon is its outer ring and its holes.
Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]


def read_footprint(description: Mapping[str, Any] | None) -> tuple[Polygon, ...]:
    """Return the polygons of the area of interest; empty where the description has none, or one that is damaged."""
    geometry = _query(description).get("AreaOfInterest", {}).get("AreaOfInterestGeometry", {})
    try:
        if "PolygonGeometry" in geometry:
            return (_polygon(geometry["PolygonGeometry"]["Coordinates"]),)
        if "MultiPolygonGeometry" in geometry:
            return tuple(_polygon(each) for each in geometry["MultiPolygonGeometry"]["Coordinates"])
    except (KeyError, TypeError, ValueError, IndexError):
        return ()
    return ()


def read_time_range(description: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """Return the start and the end of the imagery that the job read, in ISO 8601; None where it is not known."""
    time_range = _query(description).get("TimeRangeFilter")
    if not isinstance(time_range, Mapping):
        return None
    start, end = time_range.get("StartTime"), time_range.get("EndTime")
    return (start, end) if isinstance(start, str) and isinstance(end, str) else None


def bounds(polygons: Sequence[Polygon]) -> tuple[float, float, float, float]:
    """Return west, south, east and north of polygons, of which there is at least one."""
    points = [point for polygon in polygons for point in polygon[0]]
    return (
        min(x for x, _ in points),
        min(y for _, y in points),
        max(x for x, _ in points),
        max(y for _, y in points),
    )


def _query(description: Mapping[str, Any] | None) -> Mapping[str, Any]:
    config = (description or {}).get("InputConfig")
    query = config.get("RasterDataCollectionQuery") if isinstance(config, Mapping) else None
    return query if isinstance(query, Mapping) else {}


def _polygon(rings: Any) -> Polygon:
    polygon = tuple(tuple((_degrees(point[0], 180), _degrees(point[1], 90)) for point in ring) for ring in rings)
    if not polygon or len(polygon[0]) < 4:
        raise ValueError("a ring has at least four points")
    return polygon


def _degrees(value: Any, limit: int) -> float:
    number = float(value)
    if not (math.isfinite(number) and abs(number) <= limit):
        raise ValueError("not a coordinate")
    return number
