"""`createDestination: true` with Pulumi's mocks: what is made, what it allows, and that the exports are given it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.harness import CHECKOUT

JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo0000000{}"
OWN = {"destination": "s3://own/", "executionRoleArn": "arn:aws:iam::123456789012:role/own"}
KEY = "arn:aws:kms:us-west-2:123456789012:key/made"
ROLE = "arn:aws:iam::123456789012:role/made"

#: Runs the root project in a process of its own, with the config and what was declared as JSON.
PROGRAM = """
import asyncio, json, runpy, sys
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def __init__(self):
        self.made = {}
    def new_resource(self, args):
        inputs = dict(args.inputs)
        more = {
            "aws:kms/key:Key": {"arn": KEY, "keyId": "made"},
            "aws:iam/role:Role": {"arn": ROLE, "name": "made"},
            "aws:s3/bucket:Bucket": {"bucket": inputs.get("bucket") or "made", "arn": "arn:aws:s3:::made"},
        }.get(args.typ, {})
        self.made[args.name] = {"type": args.typ, **inputs}
        return [args.name, {**inputs, **more}]
    def call(self, args):
        assert args.token == "aws:index/getCallerIdentity:getCallerIdentity"
        return {"accountId": "123456789012", "arn": "arn:aws:iam::123456789012:user/u", "userId": "u", "id": "u"}

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
print(json.dumps([mocks.made, names]))
"""


def declare(*entries: dict[str, Any], **config: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What the root project declares, by name, and which of the modules in question it has imported."""
    exports = [
        {"name": f"lake-{index}", "jobArn": JOB.format(index), **entry} for index, entry in enumerate(entries, 1)
    ]
    argument = json.dumps([KEY, ROLE, {"exports": json.dumps(exports), **config}])
    command = [sys.executable, "-c", PROGRAM, argument]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made, modules = json.loads(done.stdout)
    return made, modules


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, Any]]:
    """Two exports that leave everything out, one that names its key, one its role, and one that has all of its own."""
    entries: list[dict[str, Any]] = [
        {},
        {},
        {"kmsKeyId": "alias/own"},
        {"executionRoleArn": OWN["executionRoleArn"]},
        OWN,
    ]
    declared, modules = declare(*entries, createDestination="true")
    assert "pulumi_aws" in modules
    return declared


def test_pulumi_aws_is_imported_only_for_it() -> None:
    declared, modules = declare(OWN)
    assert list(declared) == ["lake-1"]
    assert modules == []


def test_it_makes_these_resources(made: dict[str, dict[str, Any]]) -> None:
    types = sorted(each["type"] for each in made.values() if each["type"].startswith("aws:"))
    assert types == [
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/alias:Alias",
        "aws:kms/key:Key",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    ]


def test_only_the_service_may_take_the_role(made: dict[str, dict[str, Any]]) -> None:
    assert json.loads(made["export"]["assumeRolePolicy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker-geospatial.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }


def test_the_role_may_do_what_an_export_needs_and_no_more(made: dict[str, dict[str, Any]]) -> None:
    assert made["export-rights"]["role"] == "made"
    assert json.loads(made["export-rights"]["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"],
                "Resource": "arn:aws:s3:::made/*",
            },
            {"Effect": "Allow", "Action": "s3:ListBucketMultipartUploads", "Resource": "arn:aws:s3:::made"},
            {
                "Effect": "Allow",
                "Action": "sagemaker-geospatial:GetEarthObservationJob",
                "Resource": [JOB.format(number) for number in (1, 2, 3, 4, 5)],
            },
            {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt", "kms:Encrypt"], "Resource": KEY},
        ],
    }


def test_the_key_is_the_accounts(made: dict[str, dict[str, Any]]) -> None:
    assert json.loads(made["key"]["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    assert made["key-alias"]["name"] == "alias/p-s"
    assert made["key-alias"]["targetKeyId"] == "made"


def test_the_bucket_is_private_and_encrypted_with_the_key(made: dict[str, dict[str, Any]]) -> None:
    private = made["exports-private"]
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [private[flag] for flag in flags] == [True] * 4
    [rule] = made["exports-encrypted"]["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert "forceDestroy" not in made["exports"]


@pytest.mark.parametrize(
    ("name", "uri", "key", "role"),
    [
        ("lake-1", "s3://made/", KEY, ROLE),
        ("lake-2", "s3://made/", KEY, ROLE),
        ("lake-3", "s3://made/", "alias/own", ROLE),
        ("lake-4", "s3://made/", KEY, OWN["executionRoleArn"]),
        ("lake-5", OWN["destination"], None, OWN["executionRoleArn"]),
    ],
)
def test_an_export_is_given_what_it_leaves_out(
    made: dict[str, dict[str, Any]], name: str, uri: str, key: str | None, role: str
) -> None:
    s3_data = made[name]["output_config"]["s3_data"]
    assert (s3_data["s3_uri"], s3_data.get("kms_key_id"), made[name]["execution_role_arn"]) == (uri, key, role)


@pytest.mark.parametrize(
    ("config", "bucket", "prefix"), [({"bucketName": "mine"}, "mine", None), ({}, None, "eoj-exports-s-")]
)
def test_the_bucket_has_the_name_of_the_config(config: dict[str, str], bucket: str | None, prefix: str | None) -> None:
    declared, _ = declare({}, createDestination="true", **config)
    assert (declared["exports"].get("bucket"), declared["exports"].get("bucketPrefix")) == (bucket, prefix)
