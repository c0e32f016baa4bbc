"""What each error of a call means: its name, whether it is retried, and what the user is told."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._geospatial.error_rules import (
    CLIENT_TOKEN_USED,
    CREDENTIALS_REMEDIATION,
    ERROR_RULES,
    ROLE_NOT_ASSUMABLE,
    ROLE_OF_ANOTHER_ACCOUNT,
    Retry,
    is_token_reuse_error,
    is_transient_read_error,
    rule_for,
    rule_name,
    service_error,
)
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial._runtime.aws_errors import (
    CALL_ERRORS,
    SERVER_FAULT,
    SIGN_IN,
    THROTTLED,
    UNEXPECTED_RESPONSE,
    UNREACHABLE,
    AwsError,
    StsUnreachableError,
    describe_error,
)
from pulumi_sagemaker_geospatial.errors import JobNotFoundError, ServiceCallError, UnexpectedResponseError

from tests.support.aws_names import ROLE
from tests.support.declarations import export_request
from tests.support.scripted_calls import refusal

#: The errors of the API page, with their statuses.
API_ERRORS = {
    "AccessDeniedException": 403,
    "ConflictException": 409,
    "InternalServerException": 500,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 402,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
NEVER, GRACE, ALWAYS = Retry.NEVER, Retry.WITHIN_GRACE_PERIOD, Retry.UNTIL_DEADLINE
REQUEST = export_request()
URL = "https://sagemaker-geospatial.us-west-2.amazonaws.com"


def user_error(exc: Exception) -> ServiceCallError:
    """Return what the user sees of an error of the call that starts an export."""
    doing = f"starting the export of {REQUEST.arn}"
    return service_error(doing, describe_error(exc), REQUEST.redact, EARTH_OBSERVATION.permissions)


def test_the_api_page_and_the_service_model_list_the_same_errors() -> None:
    model = ServiceModel(Loader().load_service_model("sagemaker-geospatial", "service-2"))
    shapes = model.operation_model(EARTH_OBSERVATION.operation).error_shapes
    assert {each.name: each.metadata["error"]["httpStatusCode"] for each in shapes} == API_ERRORS


@pytest.mark.parametrize(
    ("name", "on_start", "on_read", "depends_on_job"),
    [
        ("AccessDeniedException", NEVER, NEVER, False),
        ("ConflictException", ALWAYS, NEVER, True),
        ("InternalServerException", ALWAYS, ALWAYS, False),
        ("ResourceNotFoundException", NEVER, NEVER, False),
        ("ServiceQuotaExceededException", ALWAYS, NEVER, False),
        ("ThrottlingException", ALWAYS, ALWAYS, False),
        ("ValidationException", NEVER, NEVER, True),
        (ROLE_NOT_ASSUMABLE, GRACE, NEVER, False),
        (ROLE_OF_ANOTHER_ACCOUNT, NEVER, NEVER, False),
        (CLIENT_TOKEN_USED, NEVER, NEVER, False),
        (UNREACHABLE, GRACE, GRACE, False),
        (UNEXPECTED_RESPONSE, NEVER, GRACE, False),
        (SIGN_IN, NEVER, NEVER, False),
    ],
)
def test_each_error_has_a_rule(name: str, on_start: Retry, on_read: Retry, depends_on_job: bool) -> None:
    rule = ERROR_RULES[name]
    assert (rule.on_start, rule.on_read, rule.depends_on_job) == (on_start, on_read, depends_on_job)
    assert rule.remediation.endswith(".")
    assert (rule.grace_period > 0) == (GRACE in (on_start, on_read))


def test_there_is_no_rule_without_a_test() -> None:
    own_names = {
        ROLE_NOT_ASSUMABLE,
        ROLE_OF_ANOTHER_ACCOUNT,
        CLIENT_TOKEN_USED,
        UNREACHABLE,
        UNEXPECTED_RESPONSE,
        SIGN_IN,
    }
    assert ERROR_RULES.keys() == {*API_ERRORS, *own_names}


@pytest.mark.parametrize(("name", "status"), API_ERRORS.items())
def test_an_error_of_the_api_page_keeps_its_name(name: str, status: int) -> None:
    assert describe_error(refusal(name, status=status)) == AwsError(name, name, "the message")


@given(st.text(min_size=1, max_size=20))
def test_status_429_is_throttling_under_any_name(name: str) -> None:
    error = describe_error(refusal(name, status=429))
    assert (error.code, error.reported_code) == (THROTTLED, name)


@pytest.mark.parametrize(
    "name", ["Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"]
)
def test_the_names_of_throttling_are_throttling_under_any_status(name: str) -> None:
    for status in (400, 403, 429, 503):
        assert describe_error(refusal(name, status=status)).code == THROTTLED


@given(st.integers(500, 599), st.sampled_from(["ServiceUnavailable", "500", "Unknown", "ValidationException"]))
def test_any_status_from_500_is_a_server_fault(status: int, name: str) -> None:
    assert describe_error(refusal(name, status=status)).code == SERVER_FAULT


@pytest.mark.parametrize("name", ["InternalError", "InternalFailure", "ServiceUnavailable"])
def test_the_names_of_server_faults_are_server_faults_under_any_status(name: str) -> None:
    assert describe_error(refusal(name, status=200)).code == SERVER_FAULT


@pytest.mark.parametrize(
    ("exc", "code"),
    [
        (EndpointConnectionError(endpoint_url=URL), UNREACHABLE),
        (ConnectTimeoutError(endpoint_url=URL), UNREACHABLE),
        (ReadTimeoutError(endpoint_url=URL), UNREACHABLE),
        (NoCredentialsError(), SIGN_IN),
        (ResponseParserError("Unable to parse response, received: <html>"), UNEXPECTED_RESPONSE),
        (KeyError("ExportStatus"), UNEXPECTED_RESPONSE),
        (ValueError("Invalid timestamp"), UNEXPECTED_RESPONSE),
        (TypeError("a field of the response is empty"), UNEXPECTED_RESPONSE),
        (AttributeError("'str' object has no attribute 'get'"), UNEXPECTED_RESPONSE),
        (OverflowError("date value out of range"), UNEXPECTED_RESPONSE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_a_call_without_an_answer_of_the_service_has_a_name_of_ours(exc: Exception, code: str) -> None:
    assert isinstance(exc, CALL_ERRORS)
    error = describe_error(exc)
    assert error.code == code
    assert not error.is_refusal


def test_a_damaged_response_is_reported_as_such() -> None:
    error = user_error(KeyError("ExportStatus"))
    assert isinstance(error, UnexpectedResponseError)
    assert "failed: the response is not one that the service's API describes: the response has no ExportStatus" in str(
        error
    )


def test_an_error_without_a_code_or_a_message_is_described() -> None:
    assert describe_error(ClientError({}, "Export")) == AwsError("Unknown", "Unknown", "no message")


def test_a_message_is_one_short_line_without_its_full_stop() -> None:
    assert describe_error(refusal("X", message="two\n  lines. ")).message == "two lines"
    assert len(describe_error(refusal("X", message="x" * 9999)).message) == 501


@pytest.mark.parametrize(
    ("code", "message", "name"),
    [
        ("ConflictException", "The ClientToken was already used", CLIENT_TOKEN_USED),
        ("ValidationException", "token is reused with other parameters", CLIENT_TOKEN_USED),
        ("AccessDeniedException", "the security token is invalid", "AccessDeniedException"),
        ("ConflictException", "another export is in progress", "ConflictException"),
        ("ValidationException", f"Could not assume role {ROLE}", ROLE_NOT_ASSUMABLE),
        ("AccessDeniedException", f"Cross-account pass role is not allowed: {ROLE}", ROLE_OF_ANOTHER_ACCOUNT),
        ("ExpiredTokenException", "The security token included in the request is expired", SIGN_IN),
        ("ValidationException", f"{ROLE} cannot be assumed by the service", ROLE_NOT_ASSUMABLE),
        ("AccessDeniedException", "the Role cannot be assumed", ROLE_NOT_ASSUMABLE),
        (
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/dev/me is not authorized to perform: iam:PassRole",
            "AccessDeniedException",
        ),
        ("ConflictException", "the role is being changed", "ConflictException"),
        ("ValidationException", "controller is not valid", "ValidationException"),
    ],
)
def test_a_message_decides_where_a_code_has_several_meanings(code: str, message: str, name: str) -> None:
    assert rule_name(code, message) == name


@pytest.mark.parametrize(
    "message",
    [f"Could not assume role {ROLE}", f"{ROLE} cannot be assumed by the service", f"'{ROLE}' cannot be assumed"],
)
def test_a_redacted_message_is_handled_as_it_was_before(message: str) -> None:
    error = user_error(refusal("ValidationException", message=message))
    assert ROLE not in str(error)
    assert "Let execution_role_arn trust" in str(error)
    assert rule_for(error) is ERROR_RULES[ROLE_NOT_ASSUMABLE]


def test_an_error_without_a_rule_is_final_and_points_to_the_credentials() -> None:
    error = user_error(refusal("ExpiredTokenException", status=403))
    assert (rule_for(error).on_start, rule_for(error).on_read) == (NEVER, NEVER)
    assert CREDENTIALS_REMEDIATION in str(error)


def test_an_error_says_what_was_done_why_it_failed_and_what_to_do_next() -> None:
    assert str(user_error(refusal("AccessDeniedException", "You may not.", status=403))) == (
        f"starting the export of {REQUEST.arn} was refused: AccessDeniedException: You may not. "
        f"Allow the caller {EARTH_OBSERVATION.permissions}. [SGE301]"
    )
    assert str(user_error(EndpointConnectionError(endpoint_url=URL))).startswith(
        f'starting the export of {REQUEST.arn} failed: Could not connect to the endpoint URL: "{URL}". Check the network'
    )


@pytest.mark.parametrize(
    ("exc", "service", "settings"),
    [
        (
            EndpointConnectionError(endpoint_url=URL),
            "sagemaker-geospatial",
            "aws:endpoints (sagemakergeospatial) and AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL; "
            "the service is available in us-west-2 only. [SGE203]",
        ),
        (EndpointConnectionError(endpoint_url=URL), "sts", "aws:endpoints (sts) and AWS_ENDPOINT_URL_STS. [SGE203]"),
        (
            StsUnreachableError(error="no answer"),
            "sagemaker-geospatial",
            "aws:endpoints (sts) and AWS_ENDPOINT_URL_STS. [SGE203]",
        ),
    ],
)
def test_the_settings_of_the_endpoint_that_does_not_answer_are_named(
    exc: Exception, service: str, settings: str
) -> None:
    error = service_error("calling", describe_error(exc), str, "", service)
    assert str(error).endswith(f". Check the network, {settings}")


def test_an_error_has_its_code_and_the_services_message() -> None:
    error = user_error(refusal("TooManyRequestsException", "slow down at s3://exports/lake/", status=400))
    assert (error.code, error.service_message) == (THROTTLED, "slow down at [output_config.s3_data.s3_uri]")
    assert "TooManyRequestsException" in str(error)


def test_a_job_that_is_not_known_has_an_error_of_its_own() -> None:
    assert isinstance(user_error(refusal("ResourceNotFoundException", status=404)), JobNotFoundError)


@pytest.mark.parametrize(("name", "rule"), ERROR_RULES.items())
def test_a_read_is_repeated_unless_its_rule_says_never(name: str, rule: Any) -> None:
    assert is_transient_read_error(ServiceCallError("", name)) == (rule.on_read is not NEVER)
    assert is_token_reuse_error(ServiceCallError("", name)) == (name == CLIENT_TOKEN_USED)
