"""Export a job to a bucket of its own, with a KMS key and a role that can do no more than this export needs."""

import pulumi
from pulumi_sagemaker_geospatial.component import EarthObservationExport

lake = EarthObservationExport(
    "lake-mead", arn=pulumi.Config().require("jobArn"), prefix="lake-mead", create_kms_key=True, save_job_metadata=True
)
pulumi.export("location", lake.location)
pulumi.export("status", lake.export.export_status)
