"""The fields of an export: each rule of the API page, the normal form, and what is derived from a request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial.request import (
    UNKNOWN,
    Request,
    arn_of,
    has_unknown,
    location,
    normal,
    problems,
    short_id,
)

from tests.unit.unit_harness import ROLE, TOKEN, UNKNOWN_YET, arn, inputs, request

URI, KEY = "output_config.s3_data.s3_uri", "output_config.s3_data.kms_key_id"


def declared(path: str, value: Any) -> dict[str, Any]:
    """A correct declaration, but for one property."""
    found = inputs()
    inner = found
    *above, name = path.split(".")
    for each in above:
        inner = inner[each]
    inner[name] = value
    return found


def refused(path: str, value: Any) -> list[tuple[str, str]]:
    return list(problems(declared(path, value)))


def test_a_declaration_with_every_field_breaks_no_rule() -> None:
    key = {"s3_data": {"s3_uri": "s3://bucket/prefix/", "kms_key_id": "alias/key"}}
    flags: dict[str, Any] = {"wait_for_completion": True, "verify_objects": False, "delete_objects": True}
    full = inputs(client_token=TOKEN, triggers={"a": [1]}, export_source_images=True, **flags)
    assert list(problems({**full, "output_config": key})) == []


@pytest.mark.parametrize("path", ["arn", "execution_role_arn", "output_config", "output_config.s3_data", URI])
def test_a_required_field_that_is_null_or_left_out_is_named(path: str) -> None:
    assert refused(path, None) == [(path, "is required")]
    left_out = declared(path, None)
    inner = left_out
    *above, name = path.split(".")
    for each in above:
        inner = inner[each]
    del inner[name]
    assert list(problems(left_out)) == [(path, "is required")]


@pytest.mark.parametrize("path", ["client_token", "export_source_images", KEY, "triggers", "verify_objects"])
def test_an_optional_field_may_be_left_out(path: str) -> None:
    given_none = declared(path, None)
    assert list(problems(normal(given_none))) == []


def test_every_broken_rule_is_told_at_once() -> None:
    found = dict(problems({"arn": "x", "output_config": {"s3_data": {}}, "client_token": "short"}))
    assert set(found) == {"arn", "execution_role_arn", URI, "client_token"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("arn", "arn:aws-us-gov:sagemaker-geospatial:us-gov-west-1:123456789012:earth-observation-job/abcdefghijkl"),
        ("arn", arn("a" * 40)),
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
def test_a_value_within_the_rules_passes(path: str, value: str) -> None:
    assert refused(path, value) == []


@pytest.mark.parametrize(
    ("path", "value", "meaning"),
    [
        ("arn", "", "ARN of an Earth observation job"),
        ("arn", "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/short", "REGION:ACCOUNT"),
        ("arn", arn("Uppercase0000"), "ARN of an Earth observation job"),
        ("arn", arn().replace("123456789012", "1234"), "ARN of an Earth observation job"),
        ("arn", arn().replace("earth-observation", "vector-enrichment"), "ARN of an Earth observation job"),
        ("arn", " " + arn(), "ARN of an Earth observation job"),
        ("arn", arn() + "\n", "ARN of an Earth observation job"),
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
def test_a_value_that_its_pattern_does_not_match_is_explained_and_not_repeated(
    path: str, value: str, meaning: str
) -> None:
    [(name, reason)] = refused(path, value)
    assert name == path
    assert meaning in reason
    assert not value or value not in reason


@pytest.mark.parametrize("uri", ["s3://bucket\n", "s3://bucket\n/prefix/"])
def test_a_newline_in_the_bucket_does_not_pass(uri: str) -> None:
    assert [name for name, _ in refused(URI, uri)] == [URI]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("client_token", "", "must have 36 to 64 characters, not 0"),
        ("client_token", "t" * 35, "must have 36 to 64 characters, not 35"),
        ("client_token", "t" * 65, "must have 36 to 64 characters, not 65"),
        (KEY, "k" * 2049, "must have at most 2048 characters, not 2049"),
        (
            "execution_role_arn",
            "arn:aws:iam::123456789012:role/" + "a" * (2049 - 31),
            "must have 20 to 2048 characters, not 2049",
        ),
        ("arn", 1, "must be a string, not a number"),
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
def test_a_length_a_type_or_an_unknown_field_is_refused_by_name(path: str, value: Any, reason: str) -> None:
    assert refused(path, value) == [(path, reason)]


@pytest.mark.parametrize("unknown", [UNKNOWN_YET, UNKNOWN], ids=["object", "wire"])
@pytest.mark.parametrize(
    "path",
    ["arn", "execution_role_arn", "output_config", "output_config.s3_data", URI, KEY, "client_token", "verify_objects"]
    + ["export_source_images", "triggers", "wait_for_completion", "delete_objects"],
)
def test_what_is_not_known_yet_breaks_no_rule(path: str, unknown: Any) -> None:
    found = declared(path, unknown)
    assert list(problems(found)) == []
    assert has_unknown(found)
    assert not has_unknown(inputs(triggers=[{"a": (1, "b")}]))


@pytest.mark.parametrize("triggers", [None, "a", True, 1, 1.5, [], {}, {"a": [None, {"b": "ü"}]}, [UNKNOWN_YET]])
def test_triggers_are_any_json_value(triggers: Any) -> None:
    assert list(problems(inputs(triggers=triggers))) == []


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
def test_triggers_that_are_no_json_are_refused_where_they_lie(triggers: Any, path: str) -> None:
    [(name, reason)] = problems(inputs(triggers=triggers))
    assert (name, "must be a JSON value" in reason) == (path, True)


def test_the_normal_form_leaves_out_what_says_nothing() -> None:
    noise = {"client_token": None, "triggers": None, "export_source_images": False}
    settings = {"wait_for_completion": True, "verify_objects": True, "delete_objects": False}
    empty_key = {"s3_data": {"s3_uri": "s3://b/p/", "kms_key_id": ""}}
    assert normal({**inputs(), **noise, **settings, "output_config": empty_key}) == {
        **inputs(),
        "output_config": {"s3_data": {"s3_uri": "s3://b/p/"}},
    }


@pytest.mark.parametrize("says", [{"triggers": {"kms_key_id": "", "a": None}}, {"triggers": []}, {"triggers": False}])
def test_the_normal_form_leaves_the_users_triggers_alone(says: dict[str, Any]) -> None:
    assert normal(inputs(**says)) == inputs(**says)


@given(
    st.from_regex(
        r"arn:aws[a-z-]{0,12}:sagemaker-geospatial:[a-z0-9-]{1,25}:[0-9]{12}:earth-observation-job/[a-z0-9]{12,20}",
        fullmatch=True,
    )
    | st.from_regex(r"[0-9]{12}", fullmatch=True).map(lambda account: arn().replace("123456789012", account))
)
def test_an_id_and_an_arn_are_each_others_inverse(job: str) -> None:
    assert arn_of(short_id(job)) == job
    assert arn_of(job) == job


def test_the_id_of_a_job_in_the_only_region_is_short() -> None:
    assert short_id(arn()) == "123456789012/lake00000000"


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("s3://b", "lake00000000/"),
        ("s3://b/", "lake00000000/"),
        ("s3://b/p", "p/lake00000000/"),
        ("s3://b/p/q/", "p/q/lake00000000/"),
    ],
)
def test_the_location_is_the_jobs_folder_below_the_destination(uri: str, folder: str) -> None:
    assert location(uri, arn()) == f"s3://b/{folder}"
    assert Request(arn(), ROLE, uri).place == ("b", folder)


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("no bucket exports", "no bucket [bucket of output_config.s3_data.s3_uri]"),
        ("s3://exports/lake/ is not there", "[output_config.s3_data.s3_uri] is not there"),
        (f"Could not assume role {ROLE}.", "Could not assume role [execution_role_arn]."),
        ("Key 'my-key' does not exist", "Key '[output_config.s3_data.kms_key_id]' does not exist"),
        ("https://exports.s3.amazonaws.com", "https://[bucket of output_config.s3_data.s3_uri].s3.amazonaws.com"),
        ("the exports-of-others", "the exports-of-others"),
    ],
)
def test_the_services_words_name_a_property_and_not_what_may_be_secret(words: str, plain: str) -> None:
    config = {"s3_data": {"s3_uri": "s3://exports/lake/", "kms_key_id": "my-key"}}
    assert request(output_config=config).without_secrets(words) == plain


def test_a_secret_prefix_is_not_told_where_the_service_names_a_file_below_it() -> None:
    said = request(prefix="hidden").without_secrets("cannot write s3://exports/hidden/lake00000000/output/a.tif")
    assert "hidden" not in said


@pytest.mark.parametrize(
    "words",
    [
        "Access Denied to s3://exports/topsecret",
        "cannot write topsecret/lake00000000/output/x.tif",
        "no right to arn:aws:s3:::exports/topsecret/lake00000000/output/x.tif",
        "https://s3.us-west-2.amazonaws.com/?prefix=topsecret%2Flake00000000%2F",
    ],
)
def test_a_secret_prefix_is_not_told_in_any_spelling(words: str) -> None:
    assert "topsecret" not in request(prefix="topsecret").without_secrets(words)
