import pulumi
from pulumi_sagemaker_geospatial import (
    ExportEarthObservationJob,
    ExportVectorEnrichmentJob,
    OutputConfigArgs,
    S3DataArgs,
)

config = pulumi.Config()
role = config.require("executionRoleArn")
wait = config.get_bool("wait")
destination = OutputConfigArgs(s3_data=S3DataArgs(s3_uri=f"s3://{config.require('bucket')}/results/"))

lake = ExportEarthObservationJob(
    "lake",
    arn=config.require("lakeJob"),
    execution_role_arn=role,
    output_config=destination,
    wait_for_completion=wait,
)
roads = ExportVectorEnrichmentJob(
    "roads",
    arn=config.require("roadsJob"),
    execution_role_arn=role,
    output_config=destination,
    wait_for_completion=wait,
    triggers=lake.location,
)
pulumi.export("lake", lake.location)
pulumi.export("lakeStatus", lake.export_status)
pulumi.export("roads", roads.location)
