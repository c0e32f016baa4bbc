"""The kinds of job that the service has: everything in which they differ, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.core.utils import camelcase_to_underscores

from .results import ResultFile, ResultsOfJob, raster_files, vector_files

VERBS = ("Start", "Get", "List", "Stop", "Delete", "Export")
RASTER_COLLECTION = "raster-data-collection/public/nmqj48dcu3g7ayw8"


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    Attributes:
        resource: the name in the operations and their shapes: StartEarthObservationJob, ListEarthObservationJobs.
        title: what a job is called in messages.
        arn_type: the resource type in the ARN of a job.
        type_field: the member that holds the type of a job in the summaries of the list.
        type_is_described: whether Get and Start show that member too.
        error_fields: the members of ErrorDetails, by the names that `add_job` takes.
        export_error_section: the part of ExportErrorDetails that a failed export fills; None where it has no parts.
        default_configs: the JobConfig of a job that a test adds, by the job's type; the first is the default.
        default_input: the InputConfig of such a job, by its id, region and time of creation.
        default_role: the name of its role; None where a description need not show a role.
        result_files: the files that an export writes below `<S3Uri>/<job id>/`.
    """

    resource: str
    title: str
    arn_type: str
    type_field: str
    type_is_described: bool
    error_fields: Mapping[str, str]
    export_error_section: str | None
    default_configs: Mapping[str, Mapping[str, Any]]
    default_input: Callable[[str, str, datetime], dict[str, Any]]
    default_role: str | None
    result_files: Callable[[ResultsOfJob], Iterator[ResultFile]]

    @property
    def state_model(self) -> str:
        """The name of moto's transition of such a job."""
        return f"sagemaker-geospatial::{self.arn_type}"

    def operation(self, verb: str) -> str:
        """The name of an operation: Start, Get, List, Stop, Delete or Export."""
        return f"{verb}{self.resource}{'s' if verb == 'List' else ''}"

    @property
    def default_config(self) -> Mapping[str, Any]:
        return next(iter(self.default_configs.values()))

    def export_error_details(self, error_type: str, message: str) -> dict[str, Any]:
        """The ExportErrorDetails of an export that has failed."""
        details = {"Type": error_type, "Message": message}
        return {self.export_error_section: details} if self.export_error_section else details


def job_type(job_config: Mapping[str, Any]) -> str:
    """The type of a job, by its JobConfig: LAND_COVER_SEGMENTATION for a LandCoverSegmentationConfig."""
    return camelcase_to_underscores(next(iter(job_config)).removesuffix("Config")).upper()


def _raster_query(job_id: str, region: str, created_at: datetime) -> dict[str, Any]:
    query = {
        "RasterDataCollectionArn": f"arn:aws:sagemaker-geospatial:{region}:378778860802:{RASTER_COLLECTION}",
        "RasterDataCollectionName": "Sentinel-2 L2A COGs",
        "TimeRangeFilter": {"StartTime": created_at - timedelta(days=30), "EndTime": created_at},
    }
    return {"RasterDataCollectionQuery": query}


def _table(job_id: str, region: str, created_at: datetime) -> dict[str, Any]:
    s3_data = {"S3Uri": f"s3://vector-enrichment-input/{job_id}.csv"}
    return {"DataSourceConfig": {"S3Data": s3_data}, "DocumentType": "CSV"}


EARTH_OBSERVATION = JobKind(
    resource="EarthObservationJob",
    title="Earth Observation job",
    arn_type="earth-observation-job",
    type_field="OperationType",
    type_is_described=False,
    error_fields={"Type": "Type", "Message": "Message"},
    export_error_section="ExportResults",
    default_configs={"LAND_COVER_SEGMENTATION": {"LandCoverSegmentationConfig": {}}},
    default_input=_raster_query,
    default_role=None,
    result_files=raster_files,
)
VECTOR_ENRICHMENT = JobKind(
    resource="VectorEnrichmentJob",
    title="Vector Enrichment job",
    arn_type="vector-enrichment-job",
    type_field="Type",
    type_is_described=True,
    error_fields={"Type": "ErrorType", "Message": "ErrorMessage"},
    export_error_section=None,
    default_configs={
        "MAP_MATCHING": {
            "MapMatchingConfig": {
                "IdAttributeName": "route_id",
                "TimestampAttributeName": "timestamp",
                "XAttributeName": "longitude",
                "YAttributeName": "latitude",
            }
        },
        "REVERSE_GEOCODING": {"ReverseGeocodingConfig": {"XAttributeName": "longitude", "YAttributeName": "latitude"}},
    },
    default_input=_table,
    default_role="vector-enrichment",
    result_files=vector_files,
)
KINDS = (EARTH_OBSERVATION, VECTOR_ENRICHMENT)
EXPORT_OPERATIONS = tuple(kind.operation("Export") for kind in KINDS)


def kind_of(arn: str) -> JobKind:
    """The kind of the job with this ARN. Raises ValueError if it is not the ARN of a job."""
    for kind in KINDS:
        if f":{kind.arn_type}/" in str(arn):
            return kind
    raise ValueError(f"{arn!r} is not the ARN of a job")


def find_kind(arn_type: str | None, requested_type: str | None) -> tuple[JobKind, Mapping[str, Any]]:
    """The first kind with this resource type and type of job, and the JobConfig of the type; None: any.

    Raises ValueError where there is none.
    """
    for kind in KINDS:
        for name, job_config in kind.default_configs.items():
            if arn_type in (None, kind.arn_type) and requested_type in (None, name):
                return kind, job_config
    known = "; ".join(f"{kind.arn_type}: {', '.join(kind.default_configs)}" for kind in KINDS)
    raise ValueError(f"there is no job of kind {arn_type!r} and type {requested_type!r}, but {known}")
