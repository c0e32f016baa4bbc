"""The sentence, the identifier and the row of each error of a call, and what is said of an export that has FAILED."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial._geospatial.error_rules import failure_remediation, service_error, waiting_status
from pulumi_sagemaker_geospatial._runtime.aws_errors import AwsError
from pulumi_sagemaker_geospatial.errors import JobNotFoundError, ServiceCallError, UnexpectedResponseError

CHECK_CREDENTIALS = (
    "Check the credentials and the region: the stack's aws: config and the AWS settings of the environment; with SSO, run "
    "`aws sso login`."
)
TRUST = (
    "Let execution_role_arn trust sagemaker-geospatial.amazonaws.com (sts:AssumeRole), and allow the caller iam:PassRole on "
    "it with iam:PassedToService sagemaker-geospatial.amazonaws.com."
)
NETWORK = (
    "Check the network, aws:endpoints (sagemakergeospatial) and AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL; the service is "
    "available in us-west-2 only."
)
PROXY = "Check aws:endpoints and any proxy between this machine and AWS, and run `pulumi up` again."
NOT_A_RESPONSE = "failed: the response is not one that the service's API describes"
SERVICE = "waiting: service"
#: The code and the message of each error, what follows "starting", and what the row shows while it is waited for.
ERRORS = [
    ("AccessDeniedException", "no", "was refused", "Allow the caller p:One and p:Two. [SGE301]", SERVICE),
    ("ValidationException", "role X is not usable", "was refused", f"{TRUST} [SGE302]", "waiting: role not usable"),
    (
        "AccessDeniedException",
        "Cross-account pass role is not allowed",
        "was refused",
        "Use an execution_role_arn of the job's own account. [SGE303]",
        SERVICE,
    ),
    (
        "ResourceNotFoundException",
        "no job",
        "was refused",
        "Check the property arn: its region and account, and whether the job was deleted. [SGE304]",
        SERVICE,
    ),
    (
        "ConflictException",
        "busy",
        "was refused",
        "Another export of the job is running, or the job is not COMPLETED; run `pulumi up` again when it has ended. "
        "[SGE305]",
        "queued: job is busy",
    ),
    ("ValidationException", "no", "was refused", "Correct the property that the service names. [SGE306]", SERVICE),
    (
        "ServiceQuotaExceededException",
        "too many",
        "was refused",
        "Run `pulumi up` again when other exports have ended, or request a higher quota. [SGE307]",
        "queued: quota",
    ),
    (
        "ThrottlingException",
        "slow down",
        "was refused",
        "Lower sagemakergeospatial:maxCallsPerSecond in the stack's config, or run `pulumi up` again. [SGE308]",
        "waiting: throttled",
    ),
    (
        "InternalServerException",
        "oops",
        "was refused",
        "The service has a fault; run `pulumi up` again. [SGE309]",
        "waiting: service fault",
    ),
    (
        "ConflictException",
        "The ClientToken was used",
        "was refused",
        "Use a new client_token, or omit it to have one derived from the request. [SGE310]",
        SERVICE,
    ),
    ("TeapotException", "no", "was refused", f"{CHECK_CREDENTIALS} [SGE311]", SERVICE),
    ("ExpiredTokenException", "expired", "was refused", f"{CHECK_CREDENTIALS} [SGE201]", SERVICE),
    ("SignIn", "no credentials", "failed", f"{CHECK_CREDENTIALS} [SGE201]", SERVICE),
    ("Unreachable", "no answer", "failed", f"{NETWORK} [SGE203]", "waiting: no connection"),
    ("UnexpectedResponse", "no Status", NOT_A_RESPONSE, f"{PROXY} [SGE204]", "waiting: bad response"),
]
OWN_CLASSES = {"ResourceNotFoundException": JobNotFoundError, "UnexpectedResponse": UnexpectedResponseError}


@pytest.mark.parametrize(("code", "message", "why", "remediation", "row"), ERRORS)
def test_an_error_tells_what_was_done_why_it_failed_what_to_do_next_and_where_to_read_more(
    code: str, message: str, why: str, remediation: str, row: str
) -> None:
    error = service_error("starting", AwsError(code, f"{code}Reported", message), str, "p:One and p:Two")
    reported = f"{code}Reported: " if why == "was refused" else ""
    assert str(error) == f"starting {why}: {reported}{message}. {remediation}"
    assert (error.code, error.service_message) == (code, message)
    assert type(error) is OWN_CLASSES.get(code, ServiceCallError)
    assert waiting_status(error) == row
    assert len(row) <= 25


@pytest.mark.parametrize("code", ["ValidationException", "SignIn", "UnexpectedResponse"])
def test_the_services_message_is_redacted_wherever_it_is_shown(code: str) -> None:
    error = service_error("starting", AwsError(code, code, "a secret"), lambda text: text.replace("secret", "***"), "")
    assert error.service_message == "a ***"
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("details", "allowed"),
    [
        ("User: arn:aws:sts::1:assumed-role/x is not authorized to perform: s3:PutObject on y", "s3:PutObject"),
        ("Not Authorized: kms:GenerateDataKey, then s3:PutObject", "kms:GenerateDataKey"),
        ("export_results: CLIENT_ERROR: Access Denied", "what it needs"),
        ("AccessDenied for arn:aws:s3:::exports", "what it needs"),
        ("403 Forbidden", "what it needs"),
    ],
)
def test_a_failure_that_the_role_is_to_blame_for_names_the_action_to_allow(details: str, allowed: str) -> None:
    assert failure_remediation(details) == (
        f"Allow execution_role_arn {allowed}, as in the policies that `python -m pulumi_sagemaker_geospatial policies` "
        "prints (a bucket or a key of another account has to allow it too)"
    )


@pytest.mark.parametrize("details", ["the service gave no details", "SERVER_ERROR: s3:PutObject timed out"])
def test_any_other_failure_has_a_cause_to_fix(details: str) -> None:
    assert failure_remediation(details) == "Fix the cause"
