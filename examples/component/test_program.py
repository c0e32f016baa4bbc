"""The program with Pulumi's mocks: without an engine, a plugin or an AWS account."""

import asyncio
import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest

JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000001"


class Mocks(pulumi.runtime.Mocks):
    """Records the resources, and returns the outputs that AWS would compute."""

    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.inputs[args.typ] = args.inputs
        outputs = {"arn": f"arn:of:{args.name}", "name": args.name, "bucket": args.name}
        return args.name, {**args.inputs, **outputs} if args.typ.startswith("aws:") else args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], None]:
        return {}, None


@pytest.fixture(scope="module")
def inputs() -> dict[str, dict[str, Any]]:
    """The inputs of the program's resources, by type."""
    mocks = Mocks()
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(mocks, project="component", stack="test")
    pulumi.runtime.set_config("component:jobArn", JOB)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run_program() -> None:
        runpy.run_path(str(Path(__file__).with_name("__main__.py")))

    run_program()
    return mocks.inputs


def test_the_job_is_exported_to_the_prefix_of_the_new_bucket(inputs: dict[str, dict[str, Any]]) -> None:
    export = inputs["pulumi-python:dynamic:ExportEarthObservationJob"]
    assert export["arn"] == JOB
    assert export["output_config"]["s3_data"] == {
        "s3_uri": "s3://lake-mead-bucket/lake-mead/",
        "kms_key_id": "arn:of:lake-mead-key",
    }


def test_the_role_can_write_below_the_prefix_only(inputs: dict[str, dict[str, Any]]) -> None:
    policy = json.loads(inputs["aws:iam/rolePolicy:RolePolicy"]["policy"])
    [write] = [each for each in policy["Statement"] if "s3:PutObject" in each["Action"]]
    assert write["Resource"] == "arn:aws:s3:::lake-mead-bucket/lake-mead/*"
