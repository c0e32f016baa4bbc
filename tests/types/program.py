"""A program of a user with every argument and output, for mypy and pyright (`make check`). It is not run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Optional

import pulumi
from pulumi_sagemaker_geospatial import (
    EarthObservationJob,
    ExportEarthObservationJob,
    ExportedObjects,
    ExportError,
    ExportVectorEnrichmentJob,
    JobList,
    JobMetadata,
    OutputConfig,
    OutputConfigArgs,
    OutputConfigArgsDict,
    S3Data,
    S3DataArgs,
    S3DataArgsDict,
    ServiceCallError,
    VectorEnrichmentJob,
    completed_earth_observation_jobs,
    completed_vector_enrichment_jobs,
)

ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012"
ROLE = "arn:aws:iam::123456789012:role/eoj-export"
config = pulumi.Config()
key: pulumi.Output[str] = config.require_secret("key")
season: pulumi.Output[str] = pulumi.Output.from_input("2024")

as_dictionary: OutputConfigArgsDict = {"s3_data": {"s3_uri": "s3://bucket/prefix/", "kms_key_id": key}}
destination: S3DataArgsDict = {"s3_uri": season.apply(lambda name: f"s3://bucket/{name}/")}
as_class = OutputConfigArgs(s3_data=S3DataArgs(s3_uri="s3://bucket/prefix/", kms_key_id=key))
mixed = OutputConfigArgs(s3_data=destination)

lake = ExportEarthObservationJob(
    "lake",
    arn=f"{ARN}:earth-observation-job/demo00000001",
    execution_role_arn=ROLE,
    output_config=as_dictionary,
    export_source_images=True,
    client_token="a-token-of-at-least-36-characters-0001",
    triggers=[season, {"reason": 1}],
    wait_for_completion=True,
    verify_objects=True,
    delete_objects=False,
    save_job_metadata=True,
    opts=pulumi.ResourceOptions(protect=True, custom_timeouts=pulumi.CustomTimeouts(create="30m")),
)
roads = ExportVectorEnrichmentJob(
    "roads",
    arn=pulumi.Output.concat(ARN, ":vector-enrichment-job/demo00000004"),
    execution_role_arn=ROLE,
    output_config=as_class,
    client_token=None,
    triggers=lake.triggers,
    wait_for_completion=config.get_bool("wait"),
    verify_objects=lake.verify_objects,
    delete_objects=False,
    save_job_metadata=False,
    opts=pulumi.ResourceOptions(depends_on=[lake]),
)
inline = ExportEarthObservationJob(
    "inline", lake.arn, lake.execution_role_arn, {"s3_data": {"s3_uri": "s3://bucket/inline/"}}
)
nested = ExportVectorEnrichmentJob("nested", roads.arn, ROLE, mixed)
read = ExportEarthObservationJob.get("read", id=f"{ARN}:earth-observation-job/demo00000002")
read_roads: ExportVectorEnrichmentJob = ExportVectorEnrichmentJob.get("read-roads", id=roads.id)

for export in (lake, roads):
    arn: pulumi.Output[str] = export.arn
    role: pulumi.Output[str] = export.execution_role_arn
    output_config: pulumi.Output[OutputConfig] = export.output_config
    s3_data: pulumi.Output[S3Data] = output_config.apply(lambda value: value.s3_data)
    s3_uri: pulumi.Output[str] = s3_data.apply(lambda value: value.s3_uri)
    kms_key_id: pulumi.Output[Optional[str]] = s3_data.apply(lambda value: value.kms_key_id)
    client_token: pulumi.Output[str] = export.client_token
    triggers: pulumi.Output[Any] = export.triggers
    waits: pulumi.Output[bool] = export.wait_for_completion
    verifies: pulumi.Output[bool] = export.verify_objects
    deletes: pulumi.Output[bool] = export.delete_objects
    saves: pulumi.Output[bool] = export.save_job_metadata
    started: pulumi.Output[Optional[str]] = export.creation_time
    status: pulumi.Output[Optional[str]] = export.export_status
    objects: pulumi.Output[Optional[ExportedObjects]] = export.exported_objects
    drift: pulumi.Output[Optional[str]] = export.drift
    metadata: pulumi.Output[Optional[JobMetadata]] = export.job_metadata
    location: pulumi.Output[str] = export.location
with_source_images: pulumi.Output[bool] = lake.export_source_images
details: pulumi.Output[Optional[Mapping[str, Mapping[str, str]]]] = lake.export_error_details
roads_details: pulumi.Output[Optional[Mapping[str, str]]] = roads.export_error_details


def describe(written: Optional[ExportedObjects], file: Optional[JobMetadata]) -> str:
    if written is None or file is None:
        return "not known"
    newest: Optional[str] = written.newest
    return f"{written.count} objects, {written.bytes} bytes, {written.fingerprint}, {newest}, {file.key}, {file.etag}"


pulumi.export("summary", pulumi.Output.all(objects=lake.exported_objects).apply(lambda values: values["objects"]))
pulumi.export("status", read.export_status)

try:
    jobs: JobList[EarthObservationJob] = completed_earth_observation_jobs(
        "us-west-2",
        name_prefix="lake-",
        tags={"team": "water"},
        created_after="2023-01-31",
        created_before=datetime(2024, 1, 31),
        operation_type="LAND_COVER_SEGMENTATION",
        status=None,
    )
    vector_jobs: JobList[VectorEnrichmentJob] = completed_vector_enrichment_jobs(job_type="MAP_MATCHING")
except ServiceCallError as exc:
    pulumi.log.error(f"{exc.code}: {exc.service_message}")
    raise
except ExportError as exc:
    raise exc.with_note("See the runbook.") from exc

for job in jobs:
    name: str = f"{job.name}-{job.id}-{job.operation_type}-{job.duration_in_seconds}-{job.creation_time:%Y}-{job.tags}"
    ExportEarthObservationJob(name, arn=job.arn, execution_role_arn=ROLE, output_config=mixed)
skipped: list[str] = [f"{job.id}: {job.not_exportable}" for job in vector_jobs.not_exportable if job.job_type]
