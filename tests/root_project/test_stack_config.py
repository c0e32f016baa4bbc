"""stack_config: each error in a stack's config is reported on one line with the stack file, the entry and the field."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

import stack_config

JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000001"
VALID: dict[str, Any] = {
    "name": "lake",
    "jobArn": JOB,
    "destination": "s3://bucket/",
    "executionRoleArn": "arn:aws:iam::123456789012:role/export",
}
FIELDS = ", ".join(stack_config.FIELDS)
LIST_AT_LEAST_ONE = "list at least one export, with name, jobArn, destination, executionRoleArn."


def without(*fields: str, **replaced: Any) -> dict[str, Any]:
    """Return a valid entry without some fields."""
    return {**{field: value for field, value in VALID.items() if field not in fields}, **replaced}


def parse(exports: Any, **values: str) -> stack_config.StackConfig:
    if exports is not None:
        values["exports"] = exports if isinstance(exports, str) else json.dumps(exports)
    return stack_config.parse("prod", values)


@pytest.mark.parametrize(
    ("exports", "values", "errors"),
    [
        (None, {}, [f"exports is missing: {LIST_AT_LEAST_ONE}"]),
        ([], {}, [f"exports is empty: {LIST_AT_LEAST_ONE}"]),
        ("lake", {}, [f"exports must be a list: {LIST_AT_LEAST_ONE}"]),
        ({"lake": VALID}, {}, [f"exports must be a list: {LIST_AT_LEAST_ONE}"]),
        (["lake"], {}, [f"exports[0]: the entry must be an object with the fields {FIELDS}, not a string."]),
        ([without("name")], {}, ["exports[0]: name is missing."]),
        ([VALID, without("jobArn", name="two")], {}, ["exports[1] (two): jobArn is missing."]),
        ([without("destination")], {}, ["exports[0] (lake): destination is missing."]),
        ([{**VALID, "destination": None}], {}, ["exports[0] (lake): destination is missing."]),
        ([without("executionRoleArn")], {}, ["exports[0] (lake): executionRoleArn is missing."]),
        (
            [{**VALID, "jobARN": JOB}],
            {},
            [f"exports[0] (lake): jobARN is not a field of an export, which has {FIELDS}."],
        ),
        ([{**VALID, "name": 7}], {}, ["exports[0]: name must be a string, not a number."]),
        ([{**VALID, "destination": ["s3://b/"]}], {}, ["exports[0] (lake): destination must be a string, not a list."]),
        (
            [{**VALID, "exportSourceImages": "yes"}],
            {},
            ["exports[0] (lake): exportSourceImages must be true or false, not a string."],
        ),
        (
            [{**VALID, "waitForCompletion": 0}],
            {},
            ["exports[0] (lake): waitForCompletion must be true or false, not a number."],
        ),
        ([VALID, VALID], {}, ["exports[1] (lake): name is already used by exports[0]: names must be unique."]),
        (
            [{**VALID, "destination": "s3://<bucket>/a/"}],
            {},
            ["exports[0] (lake): destination contains the placeholder <bucket>: replace it with a value."],
        ),
        ([VALID], {"createDestination": "yes"}, ["createDestination must be true or false."]),
        (
            [VALID],
            {"bucketName": "b"},
            ["bucketName requires createDestination: set createDestination to true, or remove bucketName."],
        ),
        (
            [VALID],
            {"createDestination": "true", "bucketName": "<bucket>"},
            ["bucketName contains the placeholder <bucket>: replace it with a value."],
        ),
        (
            [without("executionRoleArn")],
            {"createDestination": "true"},
            [
                "exports[0] (lake): executionRoleArn is missing: the role that createDestination creates can only write "
                "to the bucket that it creates. Set a role for this destination, or remove destination."
            ],
        ),
        (
            [VALID],
            {"export": "[]"},
            ["export is not a key of this project, which has exports, createDestination, bucketName."],
        ),
        (
            [without("jobArn", verifyObjects="no"), {**VALID, "name": "two", "kmsKeyId": 1}],
            {},
            [
                "exports[0] (lake): jobArn is missing.",
                "exports[0] (lake): verifyObjects must be true or false, not a string.",
                "exports[1] (two): kmsKeyId must be a string, not a number.",
            ],
        ),
    ],
)
def test_each_error_is_reported_on_one_line(exports: Any, values: dict[str, str], errors: list[str]) -> None:
    with pytest.raises(pulumi.RunError) as raised:
        parse(exports, **values)
    assert str(raised.value).splitlines() == [f"Pulumi.prod.yaml, {error}" for error in errors]


def test_an_entry_is_parsed_into_an_export() -> None:
    optional = {"kmsKeyId": "alias/a", "triggers": [1, {"a": None}], "exportSourceImages": True, "deleteObjects": False}
    [export] = parse([{**VALID, **optional}]).exports
    assert export == stack_config.Export(
        name="lake",
        job_arn=JOB,
        destination="s3://bucket/",
        execution_role_arn="arn:aws:iam::123456789012:role/export",
        kms_key_id="alias/a",
        triggers=[1, {"a": None}],
        export_source_images=True,
        delete_objects=False,
    )


def test_created_fields_can_be_omitted_with_create_destination() -> None:
    config = parse([without("destination", "executionRoleArn")], createDestination="true", bucketName="mine")
    assert config.create_destination
    assert config.bucket_name == "mine"
    assert config.exports[0].destination is None


def test_an_error_in_an_encrypted_config_value_does_not_print_the_value() -> None:
    entry = {**VALID, "destination": "s3://<hidden>/"}
    with pytest.raises(pulumi.RunError, match=r"destination contains a placeholder: replace it with a value\."):
        stack_config.parse("prod", {"exports": json.dumps([entry])}, secret=True)


def test_triggers_can_contain_angle_brackets() -> None:
    assert parse([{**VALID, "triggers": "<b>"}]).exports[0].triggers == "<b>"
