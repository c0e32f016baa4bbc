"""Export the jobs that the environment's config lists. An environment is a stack with its own destination and role."""

import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs

config = pulumi.Config()
jobs: dict[str, str] = config.require_object("jobs")
exports = {
    name: ExportEarthObservationJob(
        name,
        arn=arn,
        execution_role_arn=config.require("executionRoleArn"),
        output_config=OutputConfigArgs(s3_data=S3DataArgs(s3_uri=config.require("s3Uri"))),
        delete_objects=config.get_bool("deleteObjects"),
    )
    for name, arn in jobs.items()
}
pulumi.export("locations", {name: export.location for name, export in exports.items()})
