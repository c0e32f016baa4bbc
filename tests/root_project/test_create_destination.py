"""`createDestination` with Pulumi's mocks: the created resources, their policies, and the exports that use them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.harness import CHECKOUT

JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo0000000{}"
OWN = {"destination": "s3://own/", "executionRoleArn": "arn:aws:iam::123456789012:role/own"}
KEY = "arn:aws:kms:us-west-2:123456789012:key/created"
ROLE = "arn:aws:iam::123456789012:role/created"

#: Runs the root project with the given config, and prints its resources and the optional modules it imported.
PROGRAM = """
import asyncio, json, runpy, sys
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def __init__(self):
        self.resources = {}
    def new_resource(self, args):
        inputs = dict(args.inputs)
        more = {
            "aws:kms/key:Key": {"arn": KEY, "keyId": "created"},
            "aws:iam/role:Role": {"arn": ROLE, "name": "created"},
            "aws:s3/bucket:Bucket": {"bucket": inputs.get("bucket") or "created", "arn": "arn:aws:s3:::created"},
        }.get(args.typ, {})
        self.resources[args.name] = {"type": args.typ, **inputs}
        return [args.name, {**inputs, **more}]
    def call(self, args):
        raise AssertionError(args.token)

KEY, ROLE, config = json.loads(sys.argv[1])
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
mocks = Mocks()
pulumi.runtime.set_mocks(mocks, project="p", stack="s")
pulumi.runtime.set_all_config({f"p:{key}": value for key, value in config.items()})

@pulumi.runtime.test
def run():
    runpy.run_path("__main__.py")

run()
names = [name for name in ("destination", "pulumi_aws", "boto3", "botocore") if name in sys.modules]
print(json.dumps([mocks.resources, names]))
"""


def run_project(*entries: dict[str, Any], **config: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Run the root project in its own process; return its resources by name and the optional modules it imported."""
    exports = [
        {"name": f"lake-{index}", "jobArn": JOB.format(index), **entry} for index, entry in enumerate(entries, 1)
    ]
    argument = json.dumps([KEY, ROLE, {"exports": json.dumps(exports), **config}])
    command = [sys.executable, "-c", PROGRAM, argument]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    resources, modules = json.loads(done.stdout)
    return resources, modules


@pytest.fixture(scope="module")
def resources() -> dict[str, dict[str, Any]]:
    """Two exports without a destination, one with its own key, one with its own role, one with its own destination."""
    entries: list[dict[str, Any]] = [
        {},
        {},
        {"kmsKeyId": "alias/own"},
        {"executionRoleArn": OWN["executionRoleArn"]},
        OWN,
    ]
    resources, modules = run_project(*entries, createDestination="true")
    assert "pulumi_aws" in modules
    return resources


def test_pulumi_aws_is_imported_only_with_create_destination() -> None:
    resources, modules = run_project(OWN)
    assert list(resources) == ["lake-1"]
    assert modules == []


def test_the_expected_resources_are_created(resources: dict[str, dict[str, Any]]) -> None:
    types = sorted(each["type"] for each in resources.values() if each["type"].startswith("aws:"))
    assert types == [
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/alias:Alias",
        "aws:kms/key:Key",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    ]


def test_only_the_service_can_assume_the_role(resources: dict[str, dict[str, Any]]) -> None:
    assert json.loads(resources["export"]["assumeRolePolicy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TrustService",
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker-geospatial.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }


def test_the_role_grants_only_what_an_export_needs(resources: dict[str, dict[str, Any]]) -> None:
    assert resources["export-rights"]["role"] == "created"
    policy = json.loads(resources["export-rights"]["policy"])
    statements = [{name: value for name, value in each.items() if name != "Sid"} for each in policy["Statement"]]
    assert {**policy, "Statement": statements} == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"],
                "Resource": "arn:aws:s3:::created/*",
            },
            {"Effect": "Allow", "Action": "s3:ListBucketMultipartUploads", "Resource": "arn:aws:s3:::created"},
            {
                "Effect": "Allow",
                "Action": "sagemaker-geospatial:GetEarthObservationJob",
                "Resource": [JOB.format(number) for number in (1, 2, 3, 4, 5)],
            },
            {
                "Effect": "Allow",
                "Action": [
                    "kms:CreateGrant",
                    "kms:Decrypt",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                ],
                "Resource": KEY,
            },
        ],
    }


def test_the_key_has_the_default_policy_which_leaves_access_to_iam(resources: dict[str, dict[str, Any]]) -> None:
    assert "policy" not in resources["key"]
    assert resources["key-alias"]["name"] == "alias/p-s"
    assert resources["key-alias"]["targetKeyId"] == "created"


def test_the_bucket_is_private_and_encrypted_with_the_key(resources: dict[str, dict[str, Any]]) -> None:
    private = resources["exports-private"]
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [private[flag] for flag in flags] == [True] * 4
    [rule] = resources["exports-encrypted"]["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert "forceDestroy" not in resources["exports"]


@pytest.mark.parametrize(
    ("name", "uri", "key", "role"),
    [
        ("lake-1", "s3://created/", KEY, ROLE),
        ("lake-2", "s3://created/", KEY, ROLE),
        ("lake-3", "s3://created/", "alias/own", ROLE),
        ("lake-4", "s3://created/", KEY, OWN["executionRoleArn"]),
        ("lake-5", OWN["destination"], None, OWN["executionRoleArn"]),
    ],
)
def test_an_export_uses_the_created_resources_for_omitted_fields(
    resources: dict[str, dict[str, Any]], name: str, uri: str, key: str | None, role: str
) -> None:
    s3_data = resources[name]["output_config"]["s3_data"]
    assert (s3_data["s3_uri"], s3_data.get("kms_key_id"), resources[name]["execution_role_arn"]) == (uri, key, role)


@pytest.mark.parametrize(
    ("config", "bucket", "prefix"), [({"bucketName": "mine"}, "mine", None), ({}, None, "eoj-exports-s-")]
)
def test_the_bucket_name_comes_from_the_config(config: dict[str, str], bucket: str | None, prefix: str | None) -> None:
    resources, _ = run_project({}, createDestination="true", **config)
    bucket_inputs = resources["exports"]
    assert (bucket_inputs.get("bucket"), bucket_inputs.get("bucketPrefix")) == (bucket, prefix)
