"""Validation of a declaration: each rule of the API page."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN
from pulumi_sagemaker_geospatial._export.inputs import has_unknown, normalize_inputs
from pulumi_sagemaker_geospatial._export.validation import arn_of_id, property_errors, validation_errors
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial.errors import ExportError

from tests.support.aws_names import ACCOUNT, ROLE, job_arn
from tests.support.declarations import JOB, TOKEN, UNKNOWN_VALUE, inputs, inputs_with, inputs_without

ARN = job_arn(JOB)
URI, KEY = "output_config.s3_data.s3_uri", "output_config.s3_data.kms_key_id"


def errors_of(declaration: dict[str, Any]) -> list[tuple[str, str]]:
    return list(validation_errors(EARTH_OBSERVATION, declaration))


def errors_with(path: str, value: Any) -> list[tuple[str, str]]:
    return errors_of(inputs_with(path, value))


def test_a_declaration_with_every_field_breaks_no_rule() -> None:
    key = {"s3_data": {"s3_uri": "s3://bucket/prefix/", "kms_key_id": "alias/key"}}
    flags: dict[str, Any] = {"wait_for_completion": True, "verify_objects": False, "delete_objects": True}
    full = inputs(client_token=TOKEN, triggers={"a": [1]}, export_source_images=True, **flags)
    assert errors_of({**full, "output_config": key}) == []


@pytest.mark.parametrize("path", ["arn", "execution_role_arn", "output_config", "output_config.s3_data", URI])
def test_a_required_field_that_is_null_or_missing_is_named(path: str) -> None:
    assert errors_with(path, None) == [(path, "is required")]
    assert errors_of(inputs_without(path)) == [(path, "is required")]


@pytest.mark.parametrize("path", ["client_token", "export_source_images", KEY, "triggers", "verify_objects"])
def test_an_optional_field_may_be_null(path: str) -> None:
    assert errors_of(normalize_inputs(inputs_with(path, None))) == []


def test_every_broken_rule_is_reported_at_once() -> None:
    found = dict(errors_of({"arn": "x", "output_config": {"s3_data": {}}, "client_token": "short"}))
    assert set(found) == {"arn", "execution_role_arn", URI, "client_token"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("arn", "arn:aws-us-gov:sagemaker-geospatial:us-gov-west-1:123456789012:earth-observation-job/abcdefghijkl"),
        ("arn", job_arn("a" * 40)),
        ("execution_role_arn", "arn:aws-cn:iam::123456789012:role/a"),
        ("execution_role_arn", "arn:aws:iam::123456789012:role/path/to/a+=,.@_-role"),
        ("execution_role_arn", "arn:aws:iam::123456789012:role/" + "a" * (2048 - 31)),
        (URI, "s3://bucket"),
        (URI, "s3://bucket/"),
        (URI, "s3://bucket/a prefix/ünï/"),
        (KEY, ""),
        (KEY, "k" * 2048),
        ("client_token", "t" * 36),
        ("client_token", "t" * 64),
    ],
)
def test_a_value_that_keeps_the_rules_is_accepted(path: str, value: str) -> None:
    assert errors_with(path, value) == []


@pytest.mark.parametrize(
    ("path", "value", "meaning"),
    [
        ("arn", "", "ARN of an Earth observation job"),
        ("arn", "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/short", "REGION:ACCOUNT"),
        ("arn", job_arn("Uppercase0000"), "ARN of an Earth observation job"),
        ("arn", ARN.replace("123456789012", "1234"), "ARN of an Earth observation job"),
        ("arn", ARN.replace("earth-observation", "vector-enrichment"), "ARN of an Earth observation job"),
        ("arn", " " + ARN, "ARN of an Earth observation job"),
        ("arn", ARN + "\n", "ARN of an Earth observation job"),
        ("execution_role_arn", "eoj-export", "ARN of an IAM role"),
        ("execution_role_arn", "arn:aws:iam::123456789012:user/somebody", "ARN of an IAM role"),
        ("execution_role_arn", ROLE + "\n", "ARN of an IAM role"),
        ("execution_role_arn", ROLE + " ", "ARN of an IAM role"),
        (URI, "bucket/prefix", "S3 URI"),
        (URI, "S3://bucket/prefix", "S3 URI"),
        (URI, "s3:///prefix", "S3 URI"),
        (URI, "https://bucket.s3.amazonaws.com/", "S3 URI"),
        (URI, "s3://bucket/prefix/\n", "S3 URI"),
        (URI, "", "S3 URI"),
    ],
)
def test_a_value_that_does_not_match_its_pattern_is_explained_and_not_repeated(
    path: str, value: str, meaning: str
) -> None:
    [(name, reason)] = errors_with(path, value)
    assert name == path
    assert meaning in reason
    assert not value or value not in reason


@pytest.mark.parametrize("uri", ["s3://bucket\n", "s3://bucket\n/prefix/"])
def test_a_newline_in_the_bucket_is_refused(uri: str) -> None:
    assert [name for name, _ in errors_with(URI, uri)] == [URI]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("client_token", "", "must have 36 to 64 characters, not 0"),
        ("client_token", "t" * 35, "must have 36 to 64 characters, not 35"),
        ("client_token", "t" * 65, "must have 36 to 64 characters, not 65"),
        (KEY, "key\n", "must have no line breaks or other control characters"),
        (KEY, "k" * 2049, "must have at most 2048 characters, not 2049"),
        (
            "execution_role_arn",
            "arn:aws:iam::123456789012:role/" + "a" * (2049 - 31),
            "must have 20 to 2048 characters, not 2049",
        ),
        ("arn", 1, "must be a string, not a number"),
        ("arn", True, "must be a string, not a boolean"),
        ("arn", b"arn", "must be a string, not bytes"),
        ("client_token", ["t" * 36], "must be a string, not a list"),
        ("export_source_images", "true", "must be true or false, not a string"),
        ("export_source_images", 1, "must be true or false, not a number"),
        ("wait_for_completion", "yes", "must be true or false, not a string"),
        ("verify_objects", 0, "must be true or false, not a number"),
        ("delete_objects", {}, "must be true or false, not an object"),
        ("output_config", "s3://bucket/", "must be an object with s3_data, not a string"),
        ("output_config.s3_data", [], "must be an object with kms_key_id, s3_uri, not a list"),
        ("output_config.s3Data", {}, "is not a field of output_config: it has s3_data"),
        (
            "output_config.s3_data.region",
            "x",
            "is not a field of output_config.s3_data: it has kms_key_id, s3_uri",
        ),
        (
            "role",
            ROLE,
            "is not a field of the resource: it has arn, client_token, execution_role_arn, export_source_images, "
            "output_config",
        ),
    ],
)
def test_a_wrong_length_or_type_or_an_unknown_field_is_named(path: str, value: Any, reason: str) -> None:
    assert errors_with(path, value) == [(path, reason)]


@pytest.mark.parametrize("unknown", [UNKNOWN_VALUE, UNKNOWN], ids=["object", "wire"])
@pytest.mark.parametrize(
    "path",
    ["arn", "execution_role_arn", "output_config", "output_config.s3_data", URI, KEY, "client_token", "verify_objects"]
    + ["export_source_images", "triggers", "wait_for_completion", "delete_objects"],
)
def test_a_value_that_is_not_known_yet_breaks_no_rule(path: str, unknown: Any) -> None:
    found = inputs_with(path, unknown)
    assert errors_of(found) == []
    assert has_unknown(found)
    assert not has_unknown(inputs(triggers=[{"a": (1, "b")}]))


@pytest.mark.parametrize("triggers", [None, "a", True, 1, 1.5, [], {}, {"a": [None, {"b": "ü"}]}, [UNKNOWN_VALUE]])
def test_triggers_may_be_any_json_value(triggers: Any) -> None:
    assert errors_of(inputs(triggers=triggers)) == []


@pytest.mark.parametrize(
    ("number", "reasons"),
    [
        (2**53 - 1, []),
        (2**53, ["is a number of 2^53 or more, which Pulumi does not keep exactly: pass it as a string"]),
        (-float(2**53), ["is a number of 2^53 or more, which Pulumi does not keep exactly: pass it as a string"]),
    ],
)
def test_triggers_may_have_numbers_that_doubles_keep_exactly(number: float, reasons: list[str]) -> None:
    assert errors_of(inputs(triggers=[number])) == [("triggers[0]", reason) for reason in reasons]


@pytest.mark.parametrize(
    ("name", "value", "reasons"),
    [
        ("execution_role_arn", ROLE, []),
        ("execution_role_arn", UNKNOWN_VALUE, []),
        ("execution_role_arn", None, ["is required"]),
        ("execution_role_arn", 5, ["must be a string, not a number"]),
        (
            "execution_role_arn",
            "me",
            [
                "must be the ARN of an IAM role, arn:aws:iam::ACCOUNT:role/NAME "
                "(pattern ^arn:(aws[a-z-]*):iam::([0-9]{12}):role/[a-zA-Z0-9+=,.@_/-]+$)"
            ],
        ),
        ("output_config", {"s3_data": {"s3_uri": 5}}, ["must be a string, not a number"]),
    ],
)
def test_one_property_is_checked_alone(name: str, value: Any, reasons: list[str]) -> None:
    found = list(property_errors(EARTH_OBSERVATION, name, value))
    assert [reason for _, reason in found] == reasons
    assert all(path == name or path.startswith(f"{name}.") for path, _ in found)


def test_a_pattern_that_the_kind_does_not_describe_is_shown() -> None:
    kind = dataclasses.replace(EARTH_OBSERVATION, pattern_descriptions={})
    assert list(validation_errors(kind, inputs_with(URI, "bucket/"))) == [(URI, "must match ^s3://([^/]+)/?(.*)$")]


def test_an_id_that_is_none_of_the_kinds_jobs_is_shown_with_what_it_has_to_be() -> None:
    for id_ in (ARN, f"{ACCOUNT}/{JOB}"):
        assert arn_of_id(EARTH_OBSERVATION, id_) == ARN
    for id_ in ("lake", ARN.replace("earth-observation", "vector-enrichment")):
        with pytest.raises(ExportError) as caught:
            arn_of_id(EARTH_OBSERVATION, id_)
        assert str(caught.value) == (
            f"the id '{id_}' is neither ACCOUNT/JOB nor the ARN of a job of the type earth-observation-job [SGE107]"
        )


@pytest.mark.parametrize(
    ("triggers", "path"),
    [
        (float("nan"), "triggers"),
        ([1, float("inf")], "triggers[1]"),
        ({"a": {"b": float("-inf")}}, "triggers.a.b"),
        ({"when": datetime(2024, 1, 1)}, "triggers.when"),
        ([[b"bytes"]], "triggers[0][0]"),
        ({1, 2}, "triggers"),
    ],
)
def test_triggers_that_are_not_json_are_refused_by_their_path(triggers: Any, path: str) -> None:
    [(name, reason)] = errors_of(inputs(triggers=triggers))
    assert (name, "must be a JSON value" in reason) == (path, True)


def test_the_type_of_a_value_that_is_not_json_is_named() -> None:
    [(_, reason)] = errors_of(inputs(triggers=datetime(2024, 1, 1)))
    assert reason.endswith(", not datetime")
