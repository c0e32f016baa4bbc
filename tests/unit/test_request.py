"""What is derived from a request: the API's fields, where it exports to, and messages without secret inputs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, ExportKind
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest, location

from tests.support.aws_names import ROLE, job_arn
from tests.support.declarations import JOB, export_request, inputs

ARN = job_arn(JOB)


def test_the_parameters_are_those_of_the_api() -> None:
    config = {"s3_data": {"s3_uri": "s3://b/p/", "kms_key_id": "k"}}
    assert export_request(output_config=config, export_source_images=True).parameters() == {
        "Arn": ARN,
        "ExecutionRoleArn": ROLE,
        "OutputConfig": {"S3Data": {"S3Uri": "s3://b/p/", "KmsKeyId": "k"}},
        "ExportSourceImages": True,
    }


@pytest.mark.parametrize("key", [None, ""])
def test_an_empty_key_is_no_key(key: str | None) -> None:
    config = {"s3_data": {"s3_uri": "s3://b/p/", "kms_key_id": key}}
    assert export_request(output_config=config).parameters()["OutputConfig"] == {"S3Data": {"S3Uri": "s3://b/p/"}}


def test_a_kind_without_source_images_does_not_send_the_flag() -> None:
    kind = ExportKind("ExportX", "GetX", "x job", "x-job")
    assert "ExportSourceImages" not in ExportRequest.from_properties(kind, inputs()).parameters()


@pytest.mark.parametrize("missing", ["arn", "execution_role_arn", "output_config"])
def test_a_missing_property_raises_key_error(missing: str) -> None:
    properties = {name: value for name, value in inputs().items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        ExportRequest.from_properties(EARTH_OBSERVATION, properties)


@pytest.mark.parametrize(
    ("uri", "prefix", "folder"),
    [
        ("s3://b", "", f"{JOB}/"),
        ("s3://b/", "", f"{JOB}/"),
        ("s3://b/p", "p", f"p/{JOB}/"),
        ("s3://b/p/q/", "p/q", f"p/q/{JOB}/"),
    ],
)
def test_the_location_is_the_jobs_folder_below_the_destination(uri: str, prefix: str, folder: str) -> None:
    request = ExportRequest(EARTH_OBSERVATION, ARN, ROLE, uri)
    assert location(uri, ARN) == f"s3://b/{folder}"
    assert (request.bucket, request.prefix, request.folder) == ("b", prefix, folder)
    assert request.region == "us-west-2"


@pytest.mark.parametrize(
    ("message", "redacted"),
    [
        ("no bucket exports", "no bucket [bucket of output_config.s3_data.s3_uri]"),
        ("s3://exports/lake/ is not there", "[output_config.s3_data.s3_uri] is not there"),
        (f"Could not assume role {ROLE}.", "Could not assume role [execution_role_arn]."),
        ("Key 'my-key' does not exist", "Key '[output_config.s3_data.kms_key_id]' does not exist"),
        ("https://exports.s3.amazonaws.com", "https://[bucket of output_config.s3_data.s3_uri].s3.amazonaws.com"),
        ("the exports-of-others", "the exports-of-others"),
        ("nothing of ours", "nothing of ours"),
    ],
)
def test_a_message_names_a_property_instead_of_its_value(message: str, redacted: str) -> None:
    config = {"s3_data": {"s3_uri": "s3://exports/lake/", "kms_key_id": "my-key"}}
    assert export_request(output_config=config).redact(message) == redacted


@pytest.mark.parametrize(
    "message",
    [
        "Access Denied to s3://exports/topsecret",
        "cannot write topsecret/lake00000000/output/x.tif",
        "cannot write s3://exports/topsecret/lake00000000/output/a.tif",
        "no access to arn:aws:s3:::exports/topsecret/lake00000000/output/x.tif",
        "https://s3.us-west-2.amazonaws.com/?prefix=topsecret%2Flake00000000%2F",
    ],
)
def test_a_prefix_is_redacted_in_any_spelling(message: str) -> None:
    assert "topsecret" not in export_request(prefix="topsecret").redact(message)


secrets = st.text("abcXYZ0.()[]+*?^$|\\", min_size=3, max_size=8).filter(lambda text: text[0] not in ".")


@given(secrets, secrets)
def test_values_with_characters_of_regular_expressions_are_redacted_too(prefix: str, key: str) -> None:
    config: dict[str, Any] = {"s3_data": {"s3_uri": f"s3://exports/{prefix}/", "kms_key_id": f"key-{key}"}}
    request = export_request(output_config=config)
    assert request.redact(f"'{request.s3_uri}'") == "'[output_config.s3_data.s3_uri]'"
    assert request.redact(f"'key-{key}'") == "'[output_config.s3_data.kms_key_id]'"


ROLE_NAME = ROLE.rpartition("/")[2]
SECRET = {
    "s3_uri": "output_config.s3_data.s3_uri",
    "kms_key_id": "output_config.s3_data.kms_key_id",
    "role": "execution_role_arn",
}


def request_with_secrets(*paths: str) -> ExportRequest:
    config = {
        "s3_data": {"s3_uri": "s3://hidden-bucket/hidden-prefix/", "kms_key_id": f"arn:aws:kms:us-west-2:1:key/{KEY}"}
    }
    return export_request(output_config=config, __sec=list(paths))


KEY = "0d990263-018e-4065-a703-eff731de951e"
FORMS = [
    (SECRET["role"], f"Could not assume role {ROLE}", ROLE_NAME),
    (SECRET["role"], f"User: arn:aws:sts::123456789012:assumed-role/{ROLE_NAME}/session is not authorized", ROLE_NAME),
    (SECRET["role"], f"the role {ROLE_NAME} cannot be found", ROLE_NAME),
    (SECRET["kms_key_id"], f"The key {KEY} is disabled", KEY),
    (SECRET["s3_uri"], "Access to hidden-bucket denied", "hidden-bucket"),
    (SECRET["s3_uri"], "Access to hidden-prefix denied", "hidden-prefix"),
    ("output_config", "Access to hidden-bucket/hidden-prefix denied", "hidden"),
    ("output_config.s3_data", f"The key '{KEY}' is disabled", KEY),
]


@pytest.mark.parametrize(("secret", "message", "value"), FORMS)
def test_a_secret_input_is_redacted_in_every_form_that_the_service_uses(secret: str, message: str, value: str) -> None:
    redacted = request_with_secrets(secret).redact(message)
    assert value not in redacted
    assert f"{secret}"[:10] in redacted


def test_the_name_of_a_role_with_a_path_and_a_destination_without_its_slash_are_redacted() -> None:
    role = "arn:aws:iam::123456789012:role/team/hidden-role"
    request = export_request(execution_role_arn=role, prefix="hidden", __sec=[SECRET["role"], SECRET["s3_uri"]])
    assert request.redact("assumed-role/hidden-role/session") == "assumed-role/[execution_role_arn]/session"
    assert request.redact("no access to s3://exports/hidden.") == "no access to [output_config.s3_data.s3_uri]."


@pytest.mark.parametrize(("secret", "message", "value"), FORMS)
def test_an_input_that_is_not_secret_is_shown(secret: str, message: str, value: str) -> None:
    others = {each for each in SECRET.values() if not each.startswith(secret)}
    assert request_with_secrets().redact(message) == message
    assert value in request_with_secrets(*others).redact(message)


def test_a_part_of_an_input_that_may_be_secret_is_shown_alone_as_it_may_be_a_common_word() -> None:
    config = {"s3_data": {"s3_uri": "s3://exports/lake/", "kms_key_id": f"arn:aws:kms:us-west-2:1:key/{KEY}"}}
    request = export_request(output_config=config)
    for part in (ROLE_NAME, KEY, "lake"):
        assert request.redact(f"no {part}") == f"no {part}"


def test_the_last_part_of_a_secret_keys_alias_is_redacted() -> None:
    config = {"s3_data": {"s3_uri": "s3://exports/lake/", "kms_key_id": "arn:aws:kms:us-west-2:1:alias/team/hidden"}}
    request = export_request(output_config=config, __sec=[SECRET["kms_key_id"]])
    assert request.redact("hidden is disabled") == "[output_config.s3_data.kms_key_id] is disabled"


def test_a_secret_destination_may_be_a_bucket_without_a_prefix() -> None:
    config = {"s3_data": {"s3_uri": "s3://hidden"}}
    request = export_request(output_config=config, __sec=[SECRET["s3_uri"]])
    assert request.redact("no access to s3://hidden") == "no access to [output_config.s3_data.s3_uri]"
    assert request.redact("no bucket hidden") == "no bucket [bucket of output_config.s3_data.s3_uri]"
