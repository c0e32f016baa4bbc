"""Export every completed job of the account, of both kinds, with the jobs' metadata."""

import jobs
import pulumi
from pulumi_sagemaker_geospatial import (
    EarthObservationJob,
    ExportEarthObservationJob,
    ExportVectorEnrichmentJob,
    OutputConfigArgs,
    S3DataArgs,
)

config = pulumi.Config()
prefix = config.get("prefix", "").strip("/")
destination = S3DataArgs(
    s3_uri=f"s3://{config.require('bucket')}/{prefix}{'/' if prefix else ''}", kms_key_id=config.get("kmsKeyId")
)
role = config.require("executionRoleArn")

selection = jobs.selected()
for job in selection.jobs:
    name, output_config = f"{job.name}-{job.id}", OutputConfigArgs(s3_data=destination)
    if isinstance(job, EarthObservationJob):
        ExportEarthObservationJob(
            name,
            arn=job.arn,
            execution_role_arn=role,
            output_config=output_config,
            export_source_images=config.get_bool("exportSourceImages"),
            save_job_metadata=True,
        )
    else:
        ExportVectorEnrichmentJob(
            name, arn=job.arn, execution_role_arn=role, output_config=output_config, save_job_metadata=True
        )
pulumi.export("jobs", len(selection.jobs))
pulumi.export("notExportable", {job.id: job.not_exportable for job in selection.not_exportable})
