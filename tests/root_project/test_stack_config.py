"""Each mistake in a stack's config is one sentence with the stack file, the entry and the field."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

import stack_config

JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000001"
GOOD: dict[str, Any] = {
    "name": "lake",
    "jobArn": JOB,
    "destination": "s3://bucket/",
    "executionRoleArn": "arn:aws:iam::123456789012:role/export",
}
FIELDS = ", ".join(stack_config.FIELDS)
LIST_ONE = "list at least one export, with name, jobArn, destination, executionRoleArn."


def without(*fields: str, **more: Any) -> dict[str, Any]:
    return {**{field: value for field, value in GOOD.items() if field not in fields}, **more}


def parse(exports: Any, **values: str) -> stack_config.StackConfig:
    if exports is not None:
        values["exports"] = exports if isinstance(exports, str) else json.dumps(exports)
    return stack_config.parse("prod", values)


@pytest.mark.parametrize(
    ("exports", "values", "sentences"),
    [
        (None, {}, [f"exports is missing: {LIST_ONE}"]),
        ([], {}, [f"exports is empty: {LIST_ONE}"]),
        ("lake", {}, [f"exports must be a list: {LIST_ONE}"]),
        ({"lake": GOOD}, {}, [f"exports must be a list: {LIST_ONE}"]),
        (["lake"], {}, [f"exports[0]: the entry must have fields ({FIELDS}), and is a string."]),
        ([without("name")], {}, ["exports[0]: name is missing."]),
        ([GOOD, without("jobArn", name="two")], {}, ["exports[1] (two): jobArn is missing."]),
        ([without("destination")], {}, ["exports[0] (lake): destination is missing."]),
        ([{**GOOD, "destination": None}], {}, ["exports[0] (lake): destination is missing."]),
        ([without("executionRoleArn")], {}, ["exports[0] (lake): executionRoleArn is missing."]),
        (
            [{**GOOD, "jobARN": JOB}],
            {},
            [f"exports[0] (lake): jobARN is not a field of an export: it has {FIELDS}."],
        ),
        ([{**GOOD, "name": 7}], {}, ["exports[0]: name must be a string, not a number."]),
        ([{**GOOD, "destination": ["s3://b/"]}], {}, ["exports[0] (lake): destination must be a string, not a list."]),
        (
            [{**GOOD, "exportSourceImages": "yes"}],
            {},
            ["exports[0] (lake): exportSourceImages must be true or false, not a string."],
        ),
        (
            [{**GOOD, "waitForCompletion": 0}],
            {},
            ["exports[0] (lake): waitForCompletion must be true or false, not a number."],
        ),
        ([GOOD, GOOD], {}, ["exports[1] (lake): name is also that of exports[0]: each needs its own."]),
        (
            [{**GOOD, "destination": "s3://<bucket>/a/"}],
            {},
            ["exports[0] (lake): destination still has the placeholder <bucket>: fill it in."],
        ),
        ([GOOD], {"createDestination": "yes"}, ["createDestination must be true or false."]),
        (
            [GOOD],
            {"bucketName": "b"},
            ["bucketName names the bucket of createDestination: set createDestination to true, or leave it out."],
        ),
        (
            [GOOD],
            {"createDestination": "true", "bucketName": "<bucket>"},
            ["bucketName still has the placeholder <bucket>: fill it in."],
        ),
        (
            [without("executionRoleArn")],
            {"createDestination": "true"},
            [
                "exports[0] (lake): executionRoleArn is missing: the role that createDestination makes may only write to "
                "the bucket that it makes, so name a role for this destination, or leave destination out."
            ],
        ),
        (
            [GOOD],
            {"export": "[]"},
            ["export is not a key of this project: it has exports, createDestination, bucketName."],
        ),
        (
            [without("jobArn", verifyObjects="no"), {**GOOD, "name": "two", "kmsKeyId": 1}],
            {},
            [
                "exports[0] (lake): jobArn is missing.",
                "exports[0] (lake): verifyObjects must be true or false, not a string.",
                "exports[1] (two): kmsKeyId must be a string, not a number.",
            ],
        ),
    ],
)
def test_a_mistake_is_a_sentence(exports: Any, values: dict[str, str], sentences: list[str]) -> None:
    with pytest.raises(pulumi.RunError) as raised:
        parse(exports, **values)
    assert str(raised.value).splitlines() == [f"Pulumi.prod.yaml, {sentence}" for sentence in sentences]


def test_an_entry_is_read_field_for_field() -> None:
    more = {"kmsKeyId": "alias/a", "triggers": [1, {"a": None}], "exportSourceImages": True, "deleteObjects": False}
    [export] = parse([{**GOOD, **more}]).exports
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


def test_what_is_made_may_be_left_out() -> None:
    config = parse([without("destination", "executionRoleArn")], createDestination="true", bucketName="mine")
    assert config.create_destination
    assert config.bucket_name == "mine"
    assert config.exports[0].destination is None


def test_a_sentence_about_an_encrypted_entry_hides_its_value() -> None:
    entry = {**GOOD, "destination": "s3://<hidden>/"}
    with pytest.raises(pulumi.RunError, match=r"destination still has a placeholder: fill it in\."):
        stack_config.parse("prod", {"exports": json.dumps([entry])}, secret=True)


def test_triggers_may_look_like_a_placeholder() -> None:
    assert parse([{**GOOD, "triggers": "<b>"}]).exports[0].triggers == "<b>"
