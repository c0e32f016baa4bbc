"""Writes the results of vector enrichment jobs, GeoJSON (RFC 7946) and CSV: always the same bytes for the same job."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from .geotiff import origin

DRIVES = ("1", "2")  # a map matching job has one or several
WAYPOINTS = 8  # of a drive
STEP_DEGREES = 0.002  # about 200 m
FIRST_TIME = datetime(2023, 1, 4, 17, 46, 33, tzinfo=timezone.utc)
INTERVAL = timedelta(seconds=20)
# The columns that a reverse geocoding job adds to its input, as an AWS notebook lists them.
ADDRESS_COLUMNS = (
    "address_number",
    "country",
    "label",
    "municipality",
    "neighborhood",
    "postal_code",
    "region",
    "status",
)
STREETS = ("Harbor Road", "Peña Street", "Mill Lane", 'Old "Mine" Trail')

Position = tuple[float, float]


def positions(job_id: str, drive: str) -> list[Position]:
    """Longitude and latitude of the waypoints of a drive."""
    west, north = origin(job_id, drive)
    shifts = hashlib.sha256(f"{job_id}/{drive}".encode()).digest()
    return [
        (round(west + number * STEP_DEGREES, 6), round(north - shifts[number] / 256 * STEP_DEGREES, 6))
        for number in range(WAYPOINTS)
    ]


def waypoint_features(job_id: str) -> list[dict[str, Any]]:
    """The positions of each drive on its road."""
    return [
        _feature(
            "Point",
            position,
            driveId=drive,
            sequence=number,
            timestamp=(FIRST_TIME + number * INTERVAL).isoformat(),
        )
        for drive in DRIVES
        for number, position in enumerate(positions(job_id, drive))
    ]


def link_features(job_id: str) -> list[dict[str, Any]]:
    """The roads between the waypoints of each drive."""
    return [
        _feature("LineString", [start, end], driveId=drive, linkId=f"{drive}-{number}", sequence=number)
        for drive in DRIVES
        for number, (start, end) in enumerate(pairwise(positions(job_id, drive)))
    ]


def feature_collection(features: list[dict[str, Any]]) -> bytes:
    """A GeoJSON file."""
    return _json({"type": "FeatureCollection", "features": features})


def combined(job_id: str) -> bytes:
    """mapmatch_output.json: links and waypoints by drive. It is JSON, not GeoJSON."""
    parts = {"links": link_features(job_id), "waypoints": waypoint_features(job_id)}
    drives = [
        {
            "driveId": drive,
            **{name: [each for each in part if each["properties"]["driveId"] == drive] for name, part in parts.items()},
        }
        for drive in DRIVES
    ]
    return _json({"drives": drives})


def addresses(job_id: str, x_name: str, y_name: str) -> bytes:
    """The CSV file of a reverse geocoding job: the columns of its input, then the address of each row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([x_name, y_name, *(f"reverse_geo.{name}" for name in ADDRESS_COLUMNS)])
    for number, (longitude, latitude) in enumerate(positions(job_id, DRIVES[0])):
        street = STREETS[number % len(STREETS)]
        house, postal_code = str(number + 1), f"{89000 + number:05}"
        label = f"{house} {street}, Boulder City, NV {postal_code}, USA"
        address = [house, "USA", label, "Boulder City", "", postal_code, "Nevada", "VALID"]
        writer.writerow([longitude, latitude, *address])
    return text.getvalue().encode()


def _feature(geometry: str, coordinates: object, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": geometry, "coordinates": coordinates},
        "properties": properties,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
