"""Responses of the service: what is read from them, the check that they are ours, and responses that are damaged."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, ExportKind
from pulumi_sagemaker_geospatial._geospatial.responses import (
    JobDescription,
    StartResponse,
    format_error_details,
    parse_job_description,
    parse_start_response,
)
from pulumi_sagemaker_geospatial._runtime.aws_errors import PARSING_ERRORS
from pulumi_sagemaker_geospatial.errors import ResponseMismatchError, UnknownStatusError

from tests.support.aws_names import ROLE, job_arn, output_config
from tests.support.declarations import JOB, export_request
from tests.support.json_values import paths_of, values_with_keys, with_value, without
from tests.support.recorded_exports import START

ARN = job_arn(JOB)
REQUEST = export_request(output_config=output_config("lake", kms_key_id="my-key"), export_source_images=True)
STARTED: dict[str, Any] = {
    "Arn": ARN,
    "CreationTime": START,
    "ExecutionRoleArn": ROLE,
    "ExportSourceImages": True,
    "ExportStatus": "IN_PROGRESS",
    "OutputConfig": {"S3Data": {"S3Uri": "s3://exports/lake/", "KmsKeyId": "my-key"}},
}
DESCRIBED: dict[str, Any] = {
    "Arn": ARN,
    "Status": "COMPLETED",
    "ErrorDetails": {"Type": "CLIENT_ERROR", "Message": "of the job at s3://exports/lake/"},
    "ExportStatus": "FAILED",
    "ExportErrorDetails": {
        "ExportResults": {"Type": "CLIENT_ERROR", "Message": "no access to s3://exports/lake/"},
        "ExportSourceImages": {"Type": "SERVER_ERROR", "Message": "later"},
    },
}
NAMES = [*STARTED, *DESCRIBED, "S3Data", "S3Uri", "KmsKeyId", "Type", "Message", "ExportResults"]
#: What the client turns into errors for users.
DOCUMENTED = (*PARSING_ERRORS, ResponseMismatchError, UnknownStatusError)

damaged = values_with_keys(NAMES)


def start(response: Any) -> StartResponse:
    return parse_start_response(REQUEST, response)


def describe(response: Any) -> JobDescription:
    return parse_job_description(EARTH_OBSERVATION, ARN, response, REQUEST.redact)


def test_a_start_response_is_read_with_its_time_in_utc() -> None:
    local = START.astimezone(timezone(timedelta(hours=2)))
    response = start({**STARTED, "CreationTime": local})
    assert response == StartResponse(ARN, START, "IN_PROGRESS")
    assert response.created.tzinfo is timezone.utc


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("OutputConfig", "S3Data", "S3Uri"), "s3://exports/river/", "output_config.s3_data.s3_uri"),
        (("OutputConfig", "S3Data", "KmsKeyId"), "another-key", "output_config.s3_data.kms_key_id"),
        (("OutputConfig", "S3Data", "KmsKeyId"), None, "output_config.s3_data.kms_key_id"),
        (("ExecutionRoleArn",), ROLE + "2", "execution_role_arn"),
        (("ExportSourceImages",), False, "export_source_images"),
    ],
)
def test_a_response_to_another_request_is_refused_and_the_difference_named(
    path: tuple[str, ...], value: Any, named: str
) -> None:
    with pytest.raises(ResponseMismatchError, match=rf"another {named}, which the same client token") as caught:
        start(with_value(STARTED, path, value))
    assert "river" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("OutputConfig", "S3Data", "S3Uri"), "s3://exports/lake"),
        (("OutputConfig", "S3Data", "KmsKeyId"), "arn:aws:kms:us-west-2:123456789012:key/my-key"),
    ],
)
def test_the_services_spelling_of_the_same_request_is_accepted(path: tuple[str, ...], value: str) -> None:
    assert start(with_value(STARTED, path, value)).status == "IN_PROGRESS"


def test_all_differences_are_named_with_what_to_do() -> None:
    other = {**STARTED, "ExecutionRoleArn": ROLE + "2", "ExportSourceImages": False}
    with pytest.raises(ResponseMismatchError) as caught:
        start(other)
    assert str(caught.value) == (
        f"starting the export of {ARN}: the service answered for an export with another execution_role_arn, "
        "export_source_images, which the same client token has started. Use a client_token that was not used before. [SGE205]"
    )


@pytest.mark.parametrize("asked", [None, ""])
@pytest.mark.parametrize("answered", [None, ""])
def test_no_key_and_an_empty_key_are_the_same(asked: str | None, answered: str | None) -> None:
    request = export_request(output_config=output_config("lake", kms_key_id=asked), export_source_images=True)
    parse_start_response(request, with_value(STARTED, ("OutputConfig", "S3Data", "KmsKeyId"), answered))


@pytest.mark.parametrize("answered", ["s3://exports/lakeX", "s3://exports/lake/X"])
def test_a_destination_with_another_end_is_another_request(answered: str) -> None:
    with pytest.raises(ResponseMismatchError, match="s3_uri"):
        start(with_value(STARTED, ("OutputConfig", "S3Data", "S3Uri"), answered))


def test_a_key_that_was_not_asked_for_is_another_request() -> None:
    with pytest.raises(ResponseMismatchError, match="kms_key_id"):
        parse_start_response(export_request(export_source_images=True), STARTED)


@pytest.mark.parametrize("status", ["DELETING", "succeeded", "COMPLETED"])
def test_a_status_that_the_api_page_does_not_list_is_an_error(status: str) -> None:
    with pytest.raises(UnknownStatusError, match=rf"the export of {ARN} has the status {status}"):
        start({**STARTED, "ExportStatus": status})
    with pytest.raises(UnknownStatusError, match=status):
        describe({**DESCRIBED, "ExportStatus": status})


def test_a_job_is_read_with_its_messages_redacted() -> None:
    uri = "[output_config.s3_data.s3_uri]"
    assert describe(DESCRIBED) == JobDescription(
        "COMPLETED",
        f"CLIENT_ERROR: of the job at {uri}",
        "FAILED",
        {
            "export_results": {"type": "CLIENT_ERROR", "message": f"no access to {uri}"},
            "export_source_images": {"type": "SERVER_ERROR", "message": "later"},
        },
    )


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Mon, 01 Jul 2024 12:00:00 GMT", START),
        ("Mon, 01 Jul 2024 14:00:00 +0200", START),
        ("yesterday", None),
        ("Mon, 01 Jul 99999 12:00:00 GMT", None),
        (None, None),
    ],
)
def test_the_time_of_a_response_is_that_of_its_date_header(date: Any, time: datetime | None) -> None:
    answered = describe({**DESCRIBED, "ResponseMetadata": {"HTTPHeaders": {"date": date}}}).responded_at
    assert answered == time
    assert answered is None or answered.tzinfo is timezone.utc


@pytest.mark.parametrize("names", [("Type", "Message"), ("ErrorType", "ErrorMessage")])
def test_the_error_of_a_job_is_read_with_the_field_names_of_either_kind(names: tuple[str, str]) -> None:
    error = dict(zip(names, ("CLIENT_ERROR", "no access."), strict=True))
    assert describe({**DESCRIBED, "ErrorDetails": error}).error == "CLIENT_ERROR: no access"


def test_missing_parts_of_error_details_are_empty() -> None:
    sections = {"ExportResults": {"Type": "T"}, "ExportSourceImages": {"Message": "M"}}
    assert describe({**DESCRIBED, "ExportErrorDetails": sections}).export_errors == {
        "export_results": {"type": "T", "message": ""},
        "export_source_images": {"type": "", "message": "M"},
    }


def test_a_job_that_was_never_exported_has_no_export() -> None:
    assert describe({"Arn": ARN, "Status": "COMPLETED"}) == JobDescription("COMPLETED", None, None, None)


def test_error_details_without_sections_are_read_as_a_whole() -> None:
    kind = ExportKind("ExportX", "GetX", "x job", "x-job")
    response = {"Status": "COMPLETED", "ExportErrorDetails": {"Type": "T", "Message": "M"}}
    assert parse_job_description(kind, ARN, response, str).export_errors == {"type": "T", "message": "M"}


@pytest.mark.parametrize(
    ("details", "text"),
    [
        (None, "the service gave no details"),
        ({}, "the service gave no details"),
        ({"export_results": {"type": "T", "message": "M"}}, "export_results: T: M"),
        (
            {"export_results": {"type": "T"}, "export_source_images": {"message": "M"}},
            "export_results: T; export_source_images: M",
        ),
        ({"export_results": {}}, "export_results: no details"),
        ({"type": "T", "message": "M"}, "T: M"),
        ({"message": "M"}, "M"),
        ({"type": "T"}, "T"),
    ],
)
def test_error_details_are_formatted_in_one_line(details: Any, text: str) -> None:
    assert format_error_details(details) == text


@pytest.mark.parametrize("path", [path for path in paths_of(STARTED) if path and path[-1] != "KmsKeyId"])
def test_a_start_response_that_lacks_a_field_is_an_error(path: tuple[str, ...]) -> None:
    if path == ("ExportSourceImages",):
        with pytest.raises(ResponseMismatchError):
            start(without(STARTED, path))
    else:
        with pytest.raises(KeyError, match=path[-1]):
            start(without(STARTED, path))


def test_a_job_without_a_status_is_an_error() -> None:
    with pytest.raises(KeyError, match="Status"):
        describe(without(DESCRIBED, ("Status",)))


@pytest.mark.parametrize("value", ["", None, 5, ["COMPLETED"]])
def test_an_empty_field_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError, match="a field of the response is empty"):
        describe({**DESCRIBED, "Status": value})
    with pytest.raises(TypeError):
        start({**STARTED, "Arn": value})


def test_a_time_beyond_the_calendar_is_an_error_that_is_documented() -> None:
    before_the_first_year = datetime.min.replace(tzinfo=timezone(timedelta(hours=10)))
    with pytest.raises(PARSING_ERRORS):
        start({**STARTED, "CreationTime": before_the_first_year})


def assert_documented_errors_only(parse: Any, response: Any) -> None:
    with contextlib.suppress(*DOCUMENTED):
        parse(response)


@settings(max_examples=1000, deadline=None)
@given(damaged)
def test_any_response_is_parsed_or_raises_a_documented_error(response: Any) -> None:
    assert_documented_errors_only(start, response)
    assert_documented_errors_only(describe, response)


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(list(paths_of(STARTED))), damaged)
def test_a_start_response_with_one_damaged_value_raises_a_documented_error_at_most(
    path: tuple[str, ...], value: Any
) -> None:
    assert_documented_errors_only(start, with_value(STARTED, path, value))


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(list(paths_of(DESCRIBED))), damaged)
def test_a_job_with_one_damaged_value_raises_a_documented_error_at_most(path: tuple[str, ...], value: Any) -> None:
    response = with_value(DESCRIBED, path, value)
    assert_documented_errors_only(describe, response)
    try:
        job = describe(response)
    except DOCUMENTED:
        return
    assert isinstance(format_error_details(job.export_errors), str)


@pytest.mark.parametrize("message", ["No access.", "No access", 5, ""])
def test_error_details_end_without_a_full_stop_as_a_sentence_goes_on_after_them(message: Any) -> None:
    expected = f"CLIENT_ERROR: {message}".rstrip(".: ")
    assert format_error_details({"export_results": {"type": "CLIENT_ERROR", "message": message}}) == (
        f"export_results: {expected}"
    )
