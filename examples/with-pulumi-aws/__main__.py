"""Create a bucket, a key and a role with pulumi-aws, and export a job with them."""

import json

import pulumi
import pulumi_aws as aws
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs
from pulumi_sagemaker_geospatial.policies import fill_policy

JOB_ARN = pulumi.Config().require("jobArn")
PREFIX = "lake-mead/"

key = aws.kms.Key("exports", description="Results of Earth observation jobs", enable_key_rotation=True)
bucket = aws.s3.Bucket("exports")
private = aws.s3.BucketPublicAccessBlock(
    "exports",
    bucket=bucket.bucket,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)

role = aws.iam.Role("export", assume_role_policy=json.dumps(fill_policy("execution-role-trust", {})))


def role_policy(bucket_arn: str, key_arn: str) -> str:
    """Return the minimal policy of the role: write below the prefix, read the job, use the key."""
    values = {"JOB_ARN": JOB_ARN, "BUCKET_ARN": bucket_arn, "PREFIX": PREFIX, "KEY_ARN": key_arn}
    return json.dumps(fill_policy("execution-role", values))


permissions = aws.iam.RolePolicy(
    "export",
    role=role.name,
    policy=pulumi.Output.all(bucket.arn, key.arn).apply(lambda arns: role_policy(*arns)),
)

export = ExportEarthObservationJob(
    "lake-mead",
    arn=JOB_ARN,
    execution_role_arn=role.arn,
    output_config=OutputConfigArgs(
        s3_data=S3DataArgs(s3_uri=pulumi.Output.concat("s3://", bucket.bucket, "/", PREFIX), kms_key_id=key.arn)
    ),
    # The export's inputs name the bucket and the role, but not what makes them ready.
    opts=pulumi.ResourceOptions(depends_on=[private, permissions]),
)
pulumi.export("location", export.location)
