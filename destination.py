"""The S3 bucket, KMS key and IAM role that `createDestination: true` creates with pulumi-aws.

Never deployed in this repository: pulumi-aws needs the aws plugin, which package registries do not offer; `pulumi up`
downloads it from get.pulumi.com or GitHub. The resources are tested with Pulumi's mocks
(tests/root_project/test_create_destination.py) and type-checked against pulumi-aws 7.

All exports of a stack share them. The component `EarthObservationExport` has a role for each export, and other URNs: with it, existing stacks
would replace their buckets.

The role's policies are those of pulumi_sagemaker_geospatial/policies, which grant only what an export needs. The key has the
default policy of KMS, which leaves access to IAM: one that names the role would fail until IAM has propagated the role. The
files are encrypted with the key, the bucket is private, and `pulumi destroy` fails to delete a bucket that still contains files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_sagemaker_geospatial.policies import fill_policy


@dataclass(frozen=True)
class Destination:
    """The inputs of the exports, and the resources that must exist before an export starts."""

    s3_uri: pulumi.Output[str]
    kms_key_id: pulumi.Output[str]
    execution_role_arn: pulumi.Output[str]
    dependencies: Sequence[pulumi.Resource]


def create(job_arns: Sequence[str], bucket_name: str | None = None) -> Destination:
    """Declare a bucket, a key and an execution role for the exports of these jobs.

    :param job_arns: The jobs that the role can read.
    :param bucket_name: The bucket's name; by default, one derived from the stack's name.
    """
    label = f"{pulumi.get_project()}-{pulumi.get_stack()}"
    key = aws.kms.Key("key", description=f"Results of Earth observation jobs ({label})", enable_key_rotation=True)
    alias = aws.kms.Alias("key-alias", name=f"alias/{label}", target_key_id=key.key_id)
    bucket = aws.s3.Bucket("exports", bucket=bucket_name, bucket_prefix=None if bucket_name else _bucket_prefix())
    private = aws.s3.BucketPublicAccessBlock(
        "exports-private",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    encrypted = aws.s3.BucketServerSideEncryptionConfiguration(
        "exports-encrypted",
        bucket=bucket.bucket,
        rules=[
            {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},
                "bucket_key_enabled": True,
            }
        ],
    )
    role = aws.iam.Role(
        "export",
        description=f"Exports of Earth observation jobs ({label})",
        assume_role_policy=json.dumps(fill_policy("execution-role-trust", {})),
    )
    permissions = aws.iam.RolePolicy(
        "export-rights",
        role=role.name,
        policy=pulumi.Output.all(bucket.arn, key.arn).apply(lambda arns: role_policy(arns[0], arns[1], job_arns)),
    )
    return Destination(
        s3_uri=pulumi.Output.concat("s3://", bucket.bucket, "/"),
        kms_key_id=key.arn,
        execution_role_arn=role.arn,
        dependencies=[alias, private, encrypted, permissions],
    )


def role_policy(bucket_arn: str, key_arn: str, job_arns: Sequence[str]) -> str:
    """Return the role's policy: write to the bucket, read the jobs, use the key."""
    jobs = sorted(set(job_arns))
    values = {"BUCKET_ARN": bucket_arn, "PREFIX": "", "JOB_ARN": jobs, "KEY_ARN": key_arn}
    return json.dumps(fill_policy("execution-role", values))


def _bucket_prefix() -> str:
    # A bucket's name has at most 63 characters, and pulumi-aws appends 26.
    return f"eoj-exports-{pulumi.get_stack()}-".lower().replace("_", "-")[:37]
