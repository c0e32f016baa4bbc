"""The files that an export writes, for each kind of job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .geotiff import geotiff
from .vector_files import addresses, combined, feature_collection, link_features, waypoint_features

SOURCE_IMAGES = 2


@dataclass(frozen=True)
class ResultsOfJob:
    """What the files of an export depend on."""

    job_id: str
    job_config: Mapping[str, Any]
    objects: int
    source_images: bool
    vector_folder: str  # of the results of a vector enrichment job


@dataclass(frozen=True)
class ResultFile:
    """A file: its name below `<S3Uri>/<job id>/`, content, MD5 (S3's ETag; None: not computed yet) and media type.

    `geotiff_of`: what a GeoTIFF was made from. A state file stores this instead of the content.
    """

    name: str
    content: bytes
    content_type: str
    etag: str | None = None
    geotiff_of: tuple[str, str] | None = None


def file_names(objects: int, source_images: bool) -> Iterator[str]:
    """The names of the rasters of an export."""
    for number in range(objects):
        yield f"output/consolidated/tile_{number:05}.tif"
    for number in range(SOURCE_IMAGES if source_images else 0):
        yield f"input/source_{number:05}.tif"


def raster_files(results: ResultsOfJob) -> Iterator[ResultFile]:
    """The files of an Earth observation job."""
    for name in file_names(results.objects, results.source_images):
        content, etag = geotiff(results.job_id, name)
        yield ResultFile(name, content, "image/tiff", etag, (results.job_id, name))


def vector_files(results: ResultsOfJob) -> Iterator[ResultFile]:
    """The files of a vector enrichment job, at most as many as `objects`."""
    config = results.job_config.get("ReverseGeocodingConfig")
    files = _map_matching_files(results.job_id) if config is None else _reverse_geocoding_files(results.job_id, config)
    for name, content_type, content in islice(files, results.objects):
        yield ResultFile(f"{results.vector_folder}{name}", content, content_type)


def _map_matching_files(job_id: str) -> Iterator[tuple[str, str, bytes]]:
    yield "links.geojson", "application/geo+json", feature_collection(link_features(job_id))
    yield "waypoints.geojson", "application/geo+json", feature_collection(waypoint_features(job_id))
    yield "mapmatch_output.json", "application/json", combined(job_id)


def _reverse_geocoding_files(job_id: str, config: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    yield "results_0.csv", "text/csv", addresses(job_id, config["XAttributeName"], config["YAttributeName"])
