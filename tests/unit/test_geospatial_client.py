"""The client of the service, one operation after the other: the call that is made, and what is returned of its response."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError
from pulumi_sagemaker_geospatial._geospatial.job_summaries import JobPage, JobSummary
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT, ExportKind
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription, StartResponse
from pulumi_sagemaker_geospatial.errors import (
    CancelledError,
    JobNotFoundError,
    ServiceCallError,
    UnexpectedResponseError,
    UnknownStatusError,
)

from tests.support.aws_names import ACCOUNT, BUCKET, REGION, ROLE
from tests.support.declarations import TOKEN, export_request, inputs
from tests.support.recorded_exports import START
from tests.support.scripted_calls import refusal, scripted_calls
from tests.support.service_responses import (
    ARN,
    DESCRIBED,
    OUTPUT_CONFIG,
    STARTED,
    SUMMARY,
    VECTOR_ARN,
    VECTOR_STARTED,
    page_of,
)

REQUEST = export_request(export_source_images=True)
NOT_DESCRIBED = "failed: the response is not one that the service's API describes:"
CHECK_PROXY = "Check aws:endpoints and any proxy between this machine and AWS, and run `pulumi up` again. [SGE204]"


def test_an_export_is_started_with_the_request_and_its_token() -> None:
    scripted = scripted_calls({**STARTED, "ExportStatus": "SUCCEEDED"})
    started = scripted.client.start_export(REQUEST, TOKEN, scripted.ctx)
    assert started == StartResponse(ARN, START, "SUCCEEDED")
    parameters = {"Arn": ARN, "ExecutionRoleArn": ROLE, "OutputConfig": OUTPUT_CONFIG, "ExportSourceImages": True}
    assert scripted.calls == [("export_earth_observation_job", {**parameters, "ClientToken": TOKEN})]


def test_the_export_of_a_vector_enrichment_job_has_an_operation_of_its_own() -> None:
    scripted = scripted_calls(VECTOR_STARTED)
    request = ExportRequest.from_properties(VECTOR_ENRICHMENT, inputs(kind=VECTOR_ENRICHMENT))
    started = scripted.client.start_export(request, TOKEN, scripted.ctx)
    assert started == StartResponse(VECTOR_ARN, START, "IN_PROGRESS")
    parameters = {"Arn": VECTOR_ARN, "ExecutionRoleArn": ROLE, "OutputConfig": OUTPUT_CONFIG}
    assert scripted.calls == [("export_vector_enrichment_job", {**parameters, "ClientToken": TOKEN})]


def test_a_refused_start_shows_neither_the_token_nor_inputs_that_may_be_secret() -> None:
    message = f"{TOKEN} at s3://{BUCKET}/lake/ by {ROLE}"
    scripted = scripted_calls(refusal("ServiceQuotaExceededException", message, 402))
    with pytest.raises(ServiceCallError) as caught:
        scripted.client.start_export(REQUEST, TOKEN, scripted.ctx)
    redacted = "[client_token] at [output_config.s3_data.s3_uri] by [execution_role_arn]"
    assert caught.value.service_message == redacted


@pytest.mark.parametrize(
    ("role_account", "secrets", "note"),
    [
        (ACCOUNT, [], ""),
        ("999999999999", [], f"It is of account {ACCOUNT}, and execution_role_arn of account 999999999999. "),
        ("999999999999", ["execution_role_arn"], ""),
    ],
    ids=["one account", "two accounts", "two accounts, one secret"],
)
def test_a_job_that_is_not_found_is_compared_with_the_account_of_the_role(
    role_account: str, secrets: list[str], note: str
) -> None:
    request = export_request(execution_role_arn=ROLE.replace(ACCOUNT, role_account), __sec=secrets)
    missing = refusal("ResourceNotFoundException", "no such job", 404)
    scripted = scripted_calls(missing)
    with pytest.raises(JobNotFoundError) as caught:
        scripted.client.start_export(request, TOKEN, scripted.ctx)
    assert str(caught.value) == (
        f"starting the export of {ARN} was refused: ResourceNotFoundException: no such job. Check the property arn: "
        f"its region and account, and whether the job was deleted. {note}[SGE304]"
    )
    assert (caught.value.code, caught.value.service_message) == ("ResourceNotFoundException", "no such job")
    assert caught.value.__cause__ is missing


def test_a_job_is_described_by_its_arn_with_its_messages_redacted() -> None:
    scripted = scripted_calls(DESCRIBED, DESCRIBED)
    plain = scripted.client.describe_job(EARTH_OBSERVATION, ARN, scripted.ctx)
    assert plain == JobDescription("FAILED", "CLIENT_ERROR: no images", None, None)
    redacted = scripted.client.describe_job(EARTH_OBSERVATION, ARN, scripted.ctx, str.upper)
    assert redacted == JobDescription("FAILED", "CLIENT_ERROR: NO IMAGES", None, None)
    assert scripted.calls == [("get_earth_observation_job", {"Arn": ARN})] * 2


def test_the_errors_of_a_failed_export_are_told_by_the_kind_of_its_job() -> None:
    errors = {"ExportResults": {"Type": "CLIENT_ERROR", "Message": "no access"}}
    response = {"Status": "COMPLETED", "ExportStatus": "FAILED", "ExportErrorDetails": errors}
    whole = {**response, "ExportErrorDetails": errors["ExportResults"]}
    scripted = scripted_calls(response, whole)
    details = {"type": "CLIENT_ERROR", "message": "no access"}
    found = scripted.client.describe_job(EARTH_OBSERVATION, ARN, scripted.ctx)
    assert found == JobDescription("COMPLETED", None, "FAILED", {"export_results": details})
    found = scripted.client.describe_job(VECTOR_ENRICHMENT, VECTOR_ARN, scripted.ctx)
    assert found == JobDescription("COMPLETED", None, "FAILED", details)


def test_everything_that_the_service_tells_of_a_job_is_returned_as_it_is() -> None:
    errors = {"ExportResults": {"Type": "CLIENT_ERROR", "Message": "no access"}}
    job = {**DESCRIBED, "InputConfig": {"DataSourceConfig": {}}, "ExportStatus": "FAILED", "ExportErrorDetails": errors}
    scripted = scripted_calls(job)
    assert scripted.client.get_job(EARTH_OBSERVATION, ARN, scripted.ctx) is job
    assert scripted.calls == [("get_earth_observation_job", {"Arn": ARN})]


@pytest.mark.parametrize(
    ("method", "doing"), [("describe_job", "getting the status of"), ("get_job", "getting the description of")]
)
def test_a_description_that_is_none_is_reported_with_what_may_have_answered(method: str, doing: str) -> None:
    scripted = scripted_calls({"Arn": ARN})
    with pytest.raises(UnexpectedResponseError) as caught:
        getattr(scripted.client, method)(EARTH_OBSERVATION, ARN, scripted.ctx)
    assert str(caught.value) == f"{doing} {ARN} {NOT_DESCRIBED} the response has no Status. {CHECK_PROXY}"


@pytest.mark.parametrize("method", ["describe_job", "get_job"])
def test_the_reason_why_a_job_cannot_be_described_is_redacted(method: str) -> None:
    scripted = scripted_calls(refusal("ValidationException", "not that"), refusal("ValidationException", "not that"))
    for redact, message in (((), "not that"), ((str.upper,), "NOT THAT")):
        with pytest.raises(ServiceCallError) as caught:
            getattr(scripted.client, method)(EARTH_OBSERVATION, ARN, scripted.ctx, *redact)
        assert caught.value.service_message == message


def test_an_unknown_status_of_a_job_names_the_job() -> None:
    unknown = {"Status": "COMPLETED", "ExportStatus": "PAUSED"}
    scripted = scripted_calls(unknown, unknown)
    for method in (scripted.client.describe_job, scripted.client.get_job):
        with pytest.raises(UnknownStatusError) as caught:
            method(EARTH_OBSERVATION, ARN, scripted.ctx)
        assert str(caught.value) == (
            f"the export of {ARN} has the status PAUSED, which this version does not know: upgrade the package. [SGE206]"
        )


def test_a_page_of_jobs_is_asked_for_in_the_order_of_creation() -> None:
    scripted = scripted_calls(page_of(SUMMARY, following="3"))
    found = scripted.client.list_job_page(EARTH_OBSERVATION, REGION, {"NextToken": "2"}, scripted.ctx)
    summary = JobSummary(EARTH_OBSERVATION, ARN, "lake", "COMPLETED", "LAND_COVER_SEGMENTATION", START)
    assert found == JobPage((summary,), {"NextToken": "3"})
    parameters = {"SortBy": "CreationTime", "SortOrder": "ASCENDING", "NextToken": "2"}
    assert scripted.calls == [("list_earth_observation_jobs", parameters)]


def test_a_page_that_is_none_of_a_listing_is_reported() -> None:
    scripted = scripted_calls(page_of(SUMMARY))
    with pytest.raises(UnexpectedResponseError) as caught:
        scripted.client.list_job_page(VECTOR_ENRICHMENT, REGION, {}, scripted.ctx)
    assert str(caught.value) == (
        f"listing the vector enrichment jobs of us-west-2 {NOT_DESCRIBED} the response has no VectorEnrichmentJobSummaries. "
        f"{CHECK_PROXY}"
    )


@pytest.mark.parametrize(("kind", "arn"), [(EARTH_OBSERVATION, ARN), (VECTOR_ENRICHMENT, VECTOR_ARN)])
def test_a_job_is_deleted_by_its_arn(kind: ExportKind, arn: str) -> None:
    scripted = scripted_calls({})
    scripted.client.delete_job(kind, arn, scripted.ctx)
    assert scripted.calls == [(f"delete_{kind.arn_type.replace('-', '_')}", {"Arn": arn})]


def test_the_account_of_the_credentials_is_asked_of_sts_which_has_no_rate_limit() -> None:
    scripted = scripted_calls({"Account": ACCOUNT})
    assert scripted.client.get_account("eu-west-1", scripted.ctx) == ACCOUNT
    assert scripted.calls == [("get_caller_identity", {})]
    assert scripted.session.asked == [("sts", "eu-west-1", scripted.ctx)]
    assert scripted.limiter.asked == []
    assert not scripted.client.has_answered


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            refusal("AccessDenied", "no", 403),
            "was refused: AccessDenied: no. Check the credentials and the region: the stack's aws: config and the AWS "
            "settings of the environment; with SSO, run `aws sso login`. [SGE311]",
        ),
        (
            refusal("AccessDeniedException", "no", 403),
            "was refused: AccessDeniedException: no. Allow the caller sts:GetCallerIdentity. [SGE301]",
        ),
        (
            EndpointConnectionError(endpoint_url="https://sts"),
            'failed: Could not connect to the endpoint URL: "https://sts". Check the network, aws:endpoints (sts) and '
            "AWS_ENDPOINT_URL_STS. [SGE203]",
        ),
        ({}, f"{NOT_DESCRIBED} the response has no Account. {CHECK_PROXY}"),
    ],
    ids=["another code", "denied", "unreachable", "no account"],
)
def test_an_account_that_cannot_be_told_is_an_error_of_sts(answer: object, sentence: str) -> None:
    scripted = scripted_calls(answer)
    with pytest.raises(ServiceCallError) as caught:
        scripted.client.get_account(REGION, scripted.ctx)
    assert str(caught.value) == f"getting the account of the credentials {sentence}"


def test_the_account_is_not_asked_for_when_the_operation_has_to_return() -> None:
    scripted = scripted_calls()
    scripted.ctx.cancellation.cancel()
    with pytest.raises(CancelledError) as caught:
        scripted.client.get_account(REGION, scripted.ctx)
    assert str(caught.value) == "getting the account of the credentials: cancelled. [SGE502]"
