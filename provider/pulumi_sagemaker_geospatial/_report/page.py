"""index.html: the report as one page that needs no network. Importing this module imports jinja2."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from .._export.manifest import format_size, format_utc
from .footprint import Polygon, bounds
from .report import Report, ReportRow

#: The size of the map in its own units, margins included.
WIDTH, HEIGHT, MARGIN = 800.0, 400.0, 36.0
#: The least extent of the map, in degrees, so that one small area is not a whole page.
MIN_EXTENT = 0.5
#: The distances between lines of longitude and latitude, in degrees.
GRID_STEPS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 45, 90)


@dataclass(frozen=True)
class Shape:
    """The footprint of a job on the map, as the path of an SVG."""

    job: str
    path: str
    is_missing: bool


@dataclass(frozen=True)
class GridLine:
    """A line of longitude or latitude, and its label."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    is_vertical: bool


@dataclass(frozen=True)
class FootprintMap:
    """The footprints of a report in an equirectangular projection."""

    shapes: list[Shape]
    grid: list[GridLine]


class Projection:
    """Maps longitudes and latitudes to the map's units: the extent of all polygons, with a scale that fits."""

    def __init__(self, polygons: list[Polygon]) -> None:
        west, south, east, north = bounds(polygons)
        self.center = ((west + east) / 2, (south + north) / 2)
        self.stretch = max(0.1, math.cos(math.radians(self.center[1])))
        width = max((east - west) * self.stretch, MIN_EXTENT)
        height = max(north - south, MIN_EXTENT)
        self.scale = min((WIDTH - 2 * MARGIN) / width, (HEIGHT - 2 * MARGIN) / height)

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return a place on the map."""
        x = WIDTH / 2 + (longitude - self.center[0]) * self.stretch * self.scale
        return x, HEIGHT / 2 - (latitude - self.center[1]) * self.scale

    def extent(self, axis: int) -> tuple[float, float]:
        """Return the least and the greatest longitude (axis 0) or latitude (axis 1) of the whole map."""
        scale = self.scale * (self.stretch if axis == 0 else 1)
        half = (WIDTH if axis == 0 else HEIGHT) / 2 / scale
        limit = 180 if axis == 0 else 90
        return max(-limit, self.center[axis] - half), min(limit, self.center[axis] + half)


def render_page(report: Report) -> str:
    """Return the page. Every value is escaped."""
    environment = Environment(
        loader=PackageLoader(__package__, "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(size=format_size, utc=format_utc, duration=format_duration)
    return environment.get_template("report.html.j2").render(report=report, map=draw_map(report.rows))


def format_duration(seconds: int | None) -> str:
    """Return a duration such as ``4 min 10 s``."""
    if seconds is None:
        return "-"
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60:,} min {seconds % 60} s"


def draw_map(rows: Iterable[ReportRow]) -> FootprintMap | None:
    """Return the map; None where no job has a footprint."""
    placed = [row for row in rows if row.footprint]
    if not placed:
        return None
    projection = Projection([polygon for row in placed for polygon in row.footprint])
    shapes = [Shape(row.job, _path(row.footprint, projection), row.is_missing) for row in placed]
    return FootprintMap(shapes, [*_grid(projection, 0), *_grid(projection, 1)])


def _path(polygons: Iterable[Polygon], projection: Projection) -> str:
    rings = (ring for polygon in polygons for ring in polygon)
    return " ".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (projection.point(*point) for point in ring)) + "Z"
        for ring in rings
    )


def _grid(projection: Projection, axis: int) -> Iterator[GridLine]:
    low, high = projection.extent(axis)
    step = next((step for step in GRID_STEPS if (high - low) / step <= 8), GRID_STEPS[-1])
    positive, negative = ("E", "W") if axis == 0 else ("N", "S")
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        degrees = number * step
        letter = positive if degrees > 0 else negative if degrees < 0 else ""
        label = f"{abs(degrees):g}°{letter}"
        if axis == 0:
            x, _ = projection.point(degrees, 0)
            yield GridLine(x, 0, x, HEIGHT, label, True)
        else:
            _, y = projection.point(0, degrees)
            yield GridLine(0, y, WIDTH, y, label, False)
