"""The jobs of an account: which pages are listed, what is tried again and for how long, and the sentences of what is not."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pulumi_sagemaker_geospatial._export.account_jobs import AccountJobs
from pulumi_sagemaker_geospatial._export.waiters import RetryingClient
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial.errors import (
    JobNotFoundError,
    ServiceCallError,
    UnexpectedResponseError,
    WaitTimeoutError,
)

from tests.support.aws_names import ACCOUNT, REGION
from tests.support.recorded_exports import START
from tests.support.scripted_calls import ScriptedCalls, refusal, scripted_calls
from tests.support.service_responses import ARN, SUMMARY, VECTOR_ARN, job_summary, page_of

LISTING = "listing the Earth observation jobs of us-west-2"
THROTTLED = refusal("ThrottlingException", "slow down", 429)
DOWN = EndpointConnectionError(endpoint_url="https://geo")
ORDER = {"SortBy": "CreationTime", "SortOrder": "ASCENDING"}
DENIED = refusal("AccessDeniedException", "no", 403)


def account_jobs(scripted: ScriptedCalls) -> AccountJobs:
    return AccountJobs(scripted.client, RetryingClient(scripted.client, 1.0))


def list_jobs(scripted: ScriptedCalls) -> list[str]:
    """Return the ids of the account's Earth observation jobs."""
    return [job.id for job in account_jobs(scripted).list(EARTH_OBSERVATION, REGION, scripted.ctx)]


def listing_error(scripted: ScriptedCalls) -> ServiceCallError:
    with pytest.raises(ServiceCallError) as caught:
        list_jobs(scripted)
    return caught.value


def test_the_account_is_that_of_the_credentials() -> None:
    scripted = scripted_calls({"Account": ACCOUNT})
    assert account_jobs(scripted).account("eu-west-1", scripted.ctx) == ACCOUNT
    assert scripted.session.asked == [("sts", "eu-west-1", scripted.ctx)]


def test_all_pages_are_listed_and_a_job_that_has_moved_from_one_to_the_next_counts_once() -> None:
    moved = [job_summary("b", Status="IN_PROGRESS"), job_summary("b")]
    pages = [page_of(job_summary("a"), moved[0], following="2"), page_of(following="3"), page_of(moved[1])]
    scripted = scripted_calls(*pages)
    jobs = account_jobs(scripted).list(EARTH_OBSERVATION, REGION, scripted.ctx)
    assert [(job.id, job.status, job.kind) for job in jobs] == [
        ("a", "COMPLETED", EARTH_OBSERVATION),
        ("b", "COMPLETED", EARTH_OBSERVATION),
    ]
    tokens: list[dict[str, str]] = [{}, {"NextToken": "2"}, {"NextToken": "3"}]
    assert scripted.calls == [("list_earth_observation_jobs", {**ORDER, **each}) for each in tokens]


def test_the_jobs_of_a_kind_are_listed_in_a_region() -> None:
    local = START.astimezone(timezone(timedelta(hours=2)))
    summary = {**SUMMARY, "Arn": VECTOR_ARN, "Type": "MAP_MATCHING", "CreationTime": local}
    del summary["OperationType"]
    scripted = scripted_calls(page_of(summary, kind="VectorEnrichment"))
    [job] = account_jobs(scripted).list(VECTOR_ENRICHMENT, "us-east-1", scripted.ctx)
    assert (job.kind, job.arn, job.type) == (VECTOR_ENRICHMENT, VECTOR_ARN, "MAP_MATCHING")
    assert job.created == START
    assert job.created.tzinfo is timezone.utc
    assert scripted.session.asked == [("sagemaker-geospatial", "us-east-1", scripted.ctx)]


def test_a_page_that_fails_is_asked_for_again_and_no_other() -> None:
    scripted = scripted_calls(page_of(job_summary("a"), following="2"), THROTTLED, {}, page_of(job_summary("b")))
    assert list_jobs(scripted) == ["a", "b"]
    assert [parameters.get("NextToken") for _, parameters in scripted.calls] == [None, "2", "2", "2"]
    assert scripted.rows == ["waiting: throttled", "waiting: bad response"]


def test_a_page_that_is_none_of_a_listing_is_an_error_when_it_stays_so() -> None:
    scripted = scripted_calls(*[{}] * 100)
    error = listing_error(scripted)
    assert isinstance(error, UnexpectedResponseError)
    assert str(error) == (
        f"{LISTING} failed: the response is not one that the service's API describes: the response has no "
        "EarthObservationJobSummaries. Check aws:endpoints and any proxy between this machine and AWS, and run "
        "`pulumi up` again. [SGE204]"
    )
    assert 60 <= scripted.clock.now() < 100


def test_an_address_that_never_answers_is_given_up_but_not_one_that_has_answered() -> None:
    scripted = scripted_calls(*[DOWN] * 100)
    assert str(listing_error(scripted)) == (
        f'{LISTING} failed: Could not connect to the endpoint URL: "https://geo". Check the network, aws:endpoints '
        "(sagemakergeospatial) and AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL; the service is available in us-west-2 only. "
        "[SGE203]"
    )
    assert 60 <= scripted.clock.now() < 100
    scripted = scripted_calls(page_of(job_summary("a"), following="2"), *[DOWN] * 20, page_of(job_summary("b")))
    assert list_jobs(scripted) == ["a", "b"]
    assert scripted.clock.now() > 300


def test_a_listing_that_is_throttled_until_its_deadline_tells_what_was_tried() -> None:
    scripted = scripted_calls(*[THROTTLED] * 1000)
    with pytest.raises(WaitTimeoutError) as caught:
        list_jobs(scripted)
    assert str(caught.value) == (
        f"{LISTING}: timed out; increase custom_timeouts. Last error: {LISTING} was refused: ThrottlingException: "
        "slow down. Lower sagemakergeospatial:maxCallsPerSecond in the stack's config, or run `pulumi up` again. "
        "[SGE308] [SGE501]"
    )
    assert scripted.clock.now() == 3600


def test_a_refused_listing_is_not_tried_again() -> None:
    scripted = scripted_calls(DENIED)
    assert str(listing_error(scripted)) == (
        f"{LISTING} was refused: AccessDeniedException: no. Allow the caller "
        "sagemaker-geospatial:ListEarthObservationJobs. [SGE301]"
    )
    assert (len(scripted.calls), scripted.clock.now()) == (1, 0)


def test_pages_that_refer_to_each_other_are_an_error_and_not_an_endless_listing() -> None:
    scripted = scripted_calls(page_of(SUMMARY, following="2"), page_of(SUMMARY, following="2"))
    error = listing_error(scripted)
    assert isinstance(error, UnexpectedResponseError)
    assert str(error) == (
        f"{LISTING} failed: the response is not one that the service's API describes: a page refers to one that was listed "
        "before. Check aws:endpoints and any proxy between this machine and AWS, and run `pulumi up` again. [SGE204]"
    )
    assert error.service_message == "a page refers to one that was listed before"
    assert error.code == "UnexpectedResponse"
    assert isinstance(error.__cause__, ValueError)


def test_a_job_is_deleted_and_a_fault_that_may_pass_is_waited_for() -> None:
    scripted = scripted_calls(refusal("InternalServerException", "oops", 500), THROTTLED, {})
    account_jobs(scripted).delete(EARTH_OBSERVATION, ARN, scripted.ctx)
    assert scripted.calls == [("delete_earth_observation_job", {"Arn": ARN})] * 3
    assert scripted.rows == ["waiting: service fault", "waiting: throttled"]


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (
            refusal("ResourceNotFoundException", "no job", 404),
            JobNotFoundError,
            "ResourceNotFoundException: no job. Check the property arn: its region and account, and whether the job was "
            "deleted. [SGE304]",
        ),
        (
            DENIED,
            ServiceCallError,
            "AccessDeniedException: no. Allow the caller sagemaker-geospatial:DeleteVectorEnrichmentJob. [SGE301]",
        ),
    ],
)
def test_a_job_that_may_not_be_deleted_or_is_gone_is_not_tried_again(answer: Any, error: Any, sentence: str) -> None:
    scripted = scripted_calls(answer)
    with pytest.raises(error) as caught:
        account_jobs(scripted).delete(VECTOR_ENRICHMENT, VECTOR_ARN, scripted.ctx)
    assert str(caught.value) == f"deleting {VECTOR_ARN} was refused: {sentence}"
    assert len(scripted.calls) == 1


def test_a_deletion_that_the_service_never_answers_ends_at_the_deadline() -> None:
    scripted = scripted_calls(*[refusal("InternalServerException", "oops", 500)] * 1000)
    with pytest.raises(WaitTimeoutError) as caught:
        account_jobs(scripted).delete(EARTH_OBSERVATION, ARN, scripted.ctx)
    assert str(caught.value) == (
        f"deleting {ARN}: timed out; increase custom_timeouts. Last error: deleting {ARN} was refused: "
        "InternalServerException: oops. The service has a fault; run `pulumi up` again. [SGE309] [SGE501]"
    )
