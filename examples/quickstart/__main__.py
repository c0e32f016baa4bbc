import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob

export = ExportEarthObservationJob(
    "lake-mead",
    arn="arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000003",
    execution_role_arn="arn:aws:iam::123456789012:role/eoj-export",
    output_config={"s3_data": {"s3_uri": "s3://eoj-exports-demo/quickstart/"}},
)
pulumi.export("status", export.export_status)
pulumi.export("location", export.location)
