"""Export every completed Earth observation job of the account."""

import jobs
import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs

config = pulumi.Config()
prefix = config.get("prefix", "").strip("/")
destination = S3DataArgs(
    s3_uri=f"s3://{config.require('bucket')}/{prefix}{'/' if prefix else ''}", kms_key_id=config.get("kmsKeyId")
)

selected = jobs.selected()
for job in selected:
    ExportEarthObservationJob(
        f"{job.name}-{job.id}",
        arn=job.arn,
        execution_role_arn=config.require("executionRoleArn"),
        output_config=OutputConfigArgs(s3_data=destination),
        export_source_images=config.get_bool("exportSourceImages"),
    )
pulumi.export("jobs", len(selected))
