"""The component `EarthObservationExport`: an export with its execution role and, if wanted, its bucket and KMS key.

It needs pulumi-aws, the extra `[aws]`, and is the only module of the package that does. The component's type token and the names of
its resources are users' state, and never change.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Optional, TypedDict

import pulumi

from ._component_inputs import check_arguments
from ._inputs import OutputConfigArgs, S3DataArgs
from .export_earth_observation_job import ExportEarthObservationJob
from .policies import escape_wildcards, fill_policy

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

try:
    import pulumi_aws as aws
except ModuleNotFoundError as exc:
    if exc.name != "pulumi_aws":
        raise
    raise ModuleNotFoundError(
        f"{__name__} needs pulumi-aws: install it with `pip install 'pulumi-sagemaker-geospatial[aws]'`", name=exc.name
    ) from exc

#: The component's type in the URNs of itself and of its resources.
TYPE_TOKEN = "sagemaker-geospatial:index:EarthObservationExport"


class ExportSettings(TypedDict, total=False):
    """The optional arguments of `ExportEarthObservationJob`, which documents them."""

    export_source_images: Optional[pulumi.Input[bool]]
    client_token: Optional[pulumi.Input[str]]
    triggers: Optional[pulumi.Input[Any]]
    wait_for_completion: Optional[pulumi.Input[bool]]
    verify_objects: Optional[pulumi.Input[bool]]
    delete_objects: Optional[pulumi.Input[bool]]
    save_job_metadata: Optional[pulumi.Input[bool]]


class EarthObservationExport(pulumi.ComponentResource):
    """The results of an Earth observation job in S3, and what their export needs: a role, and optionally a bucket and a key.

    The role has the minimal policies of `pulumi_sagemaker_geospatial.policies`: only the service can assume it, and it can
    write below the prefix, read the job and use the key. A bucket that the component creates is private, and `pulumi destroy`
    deletes it only if it is empty. A key that it creates has the default policy, which leaves access to IAM, and rotates yearly.
    The resources of pulumi-aws use the AWS provider of the component; the export uses the `aws:` config of the stack.

    ```python
    from pulumi_sagemaker_geospatial.component import EarthObservationExport

    lake = EarthObservationExport("lake-mead", arn=JOB_ARN, prefix="lake-mead", create_kms_key=True)
    pulumi.export("location", lake.location)
    ```
    """

    bucket: pulumi.Output[str]
    """The name of the bucket, given or created."""
    kms_key_arn: pulumi.Output[Optional[str]]
    """The ARN of the KMS key, given or created; None without a key."""
    execution_role_arn: pulumi.Output[str]
    """The ARN of the role that the service assumes."""
    export: ExportEarthObservationJob
    """The export and its outputs."""
    location: pulumi.Output[str]
    """The folder that the export writes, ``s3://<bucket>/<prefix>/<job id>/``."""

    def __init__(
        self,
        resource_name: str,
        arn: pulumi.Input[str],
        *,
        bucket: Optional[pulumi.Input[str]] = None,
        prefix: Optional[pulumi.Input[str]] = None,
        kms_key_arn: Optional[pulumi.Input[str]] = None,
        create_kms_key: bool = False,
        opts: Optional[pulumi.ResourceOptions] = None,
        **settings: Unpack[ExportSettings],
    ) -> None:
        """Create the role and, if wanted, the bucket and the key, then export the job.

        :param resource_name: The component's name. The names of its resources begin with it.
        :param arn: The ARN of the Earth observation job.
        :param bucket: The name of an existing bucket of the same account. Default: a new bucket.
        :param prefix: The key prefix; the objects are below ``<prefix>/<job id>/``. Default: none.
        :param kms_key_arn: The ARN of an existing KMS key of the same account that encrypts the objects. Default: none.
        :param create_kms_key: Create a key that encrypts the objects. Default False.
        :param opts: Pulumi's options. `custom_timeouts` limits the wait for the export.
        :param settings: The optional arguments of `ExportEarthObservationJob`, such as `triggers` and `save_job_metadata`.
        :raises ExportError: Both `kms_key_arn` and `create_kms_key` are given, or an argument has another type or form.
        """
        given = {"arn": arn, "bucket": bucket, "prefix": prefix, "kms_key_arn": kms_key_arn}
        unknown = settings.keys() - ExportSettings.__annotations__.keys()
        checked = check_arguments(type(self).__name__, resource_name, given, create_kms_key, sorted(unknown))
        arn, bucket, prefix, kms_key_arn = checked.values()
        super().__init__(TYPE_TOKEN, resource_name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = _create_key(resource_name, child) if create_kms_key else kms_key_arn
        needed: list[pulumi.Resource] = []
        if bucket is None:
            bucket, needed = _create_bucket(resource_name, key, child)
        folder = pulumi.Output.from_input(prefix).apply(_folder)
        role, permissions = _create_role(resource_name, _role_policy(arn, bucket, folder, key), child)
        self.bucket, self.kms_key_arn = pulumi.Output.from_input(bucket), pulumi.Output.from_input(key)
        self.execution_role_arn = role.arn
        destination = S3DataArgs(s3_uri=pulumi.Output.concat("s3://", self.bucket, "/", folder), kms_key_id=key)
        config, timeouts = OutputConfigArgs(s3_data=destination), opts.custom_timeouts if opts else None
        child = pulumi.ResourceOptions(parent=self, depends_on=[*needed, permissions], custom_timeouts=timeouts)
        self.export = ExportEarthObservationJob(resource_name, arn, role.arn, config, opts=child, **settings)
        self.location = self.export.location
        outputs = ("bucket", "kms_key_arn", "execution_role_arn", "location")
        self.register_outputs({name: getattr(self, name) for name in outputs})


def _create_key(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Return the ARN of a new key."""
    description = f"Results of an Earth observation job ({name})"
    return aws.kms.Key(f"{name}-key", description=description, enable_key_rotation=True, opts=opts).arn


def _create_bucket(
    name: str, key: Optional[pulumi.Input[str]], opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
    """Return the name of a new private bucket, and what must exist before objects are written to it."""
    bucket = aws.s3.Bucket(f"{name}-bucket", opts=opts)
    needed: list[pulumi.Resource] = [
        aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=opts,
        )
    ]
    if key is not None:
        needed.append(
            aws.s3.BucketServerSideEncryptionConfiguration(
                f"{name}-encrypted",
                bucket=bucket.bucket,
                rules=[
                    {
                        "apply_server_side_encryption_by_default": {
                            "sse_algorithm": "aws:kms",
                            "kms_master_key_id": key,
                        },
                        "bucket_key_enabled": True,
                    }
                ],
                opts=opts,
            )
        )
    return bucket.bucket, needed


def _create_role(
    name: str, policy: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Return the execution role, which only the service can assume, and its policy."""
    role = aws.iam.Role(
        f"{name}-role",
        description=f"Export of an Earth observation job ({name})",
        assume_role_policy=json.dumps(fill_policy("execution-role-trust", {})),
        opts=opts,
    )
    return role, aws.iam.RolePolicy(f"{name}-permissions", role=role.name, policy=policy, opts=opts)


def _role_policy(
    arn: pulumi.Input[str],
    bucket: pulumi.Input[str],
    folder: pulumi.Output[str],
    key: Optional[pulumi.Input[str]],
) -> pulumi.Output[str]:
    """Return the execution role's policy as JSON."""

    def fill(values: dict[str, Any]) -> str:
        partition = values["arn"].split(":")[1]
        placeholders = {
            "JOB_ARN": values["arn"],
            "BUCKET_ARN": f"arn:{partition}:s3:::{values['bucket']}",
            "PREFIX": escape_wildcards(values["folder"]),
            "KEY_ARN": values["key"],
        }
        return json.dumps(fill_policy("execution-role", placeholders))

    return pulumi.Output.all(arn=arn, bucket=bucket, folder=folder, key=key).apply(fill)


def _folder(prefix: Optional[str]) -> str:
    """Return the key prefix with one slash at its end; empty without a prefix."""
    stripped = (prefix or "").strip("/")
    return f"{stripped}/" if stripped else ""
