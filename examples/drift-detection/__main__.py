"""Export one job. detect-drift.sh and the workflow in .github/workflows work for any program."""

import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs

config = pulumi.Config()
export = ExportEarthObservationJob(
    "lake-mead",
    arn=config.require("jobArn"),
    execution_role_arn=config.require("executionRoleArn"),
    output_config=OutputConfigArgs(s3_data=S3DataArgs(s3_uri=config.require("s3Uri"))),
)
pulumi.export("location", export.location)
