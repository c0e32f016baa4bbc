"""The listings of jobs that a program calls: what is asked of boto3, what is returned, and what is tried again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError
from pulumi.runtime import set_all_config
from pulumi_sagemaker_geospatial import completed_earth_observation_jobs, completed_vector_enrichment_jobs
from pulumi_sagemaker_geospatial._geospatial.jobs import LISTING_TIMEOUT, EarthObservationJob, VectorEnrichmentJob
from pulumi_sagemaker_geospatial.errors import ServiceCallError, UnexpectedResponseError, WaitTimeoutError

from tests.support.clocks import AcceleratedClock, ManualClock
from tests.support.recorded_exports import START, at
from tests.support.scripted_calls import ScriptedService, refusal
from tests.support.service_responses import ARN, SUMMARY, VECTOR_ARN, job_summary, page_of

LISTING = "listing the Earth observation jobs of us-west-2"
ORDER = {"SortBy": "CreationTime", "SortOrder": "ASCENDING"}
JOB = EarthObservationJob(ARN, "lake", "COMPLETED", "LAND_COVER_SEGMENTATION", START, 60, {"team": "water"})
VECTOR_SUMMARY = {**SUMMARY, "Arn": VECTOR_ARN, "Type": "MAP_MATCHING"}


class Boto3(ScriptedService):
    """A session of boto3 whose only client is itself, and this client's events.

    Attributes:
        sessions: the credentials that sessions were made with.
        clients: the services, regions, endpoints and numbers of attempts that clients were made with.
        handlers: the functions that are to be called at events.
    """

    def __init__(self) -> None:
        super().__init__()
        self.handlers: list[tuple[str, Any]] = []
        self.meta = SimpleNamespace(events=self)
        self.sessions: list[dict[str, Any]] = []
        self.clients: list[tuple[Any, ...]] = []

    def register(self, event: str, handler: Any, **more: Any) -> None:
        self.handlers.append((event, handler))

    def session(self, **credentials: Any) -> Boto3:
        self.sessions.append({name: value for name, value in credentials.items() if value is not None})
        return self

    def client(self, service: str, *, region_name: str, endpoint_url: str | None, config: Any) -> Boto3:
        self.clients.append((service, region_name, endpoint_url, config.retries["total_max_attempts"]))
        return self


@pytest.fixture
def boto3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Boto3]:
    """boto3 with prepared answers, a stack with an access key, and pauses that take no time."""
    service = Boto3()
    monkeypatch.setattr("boto3.Session", service.session)
    monkeypatch.setattr("pulumi_sagemaker_geospatial._runtime.clock.MonotonicClock", AcceleratedClock)
    set_all_config({"aws:accessKey": "key", "aws:secretKey": "secret"})
    yield service
    set_all_config({})


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings that the program has logged."""
    messages: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", messages.append)
    return messages


def listing_error() -> ServiceCallError:
    with pytest.raises(ServiceCallError) as caught:
        completed_earth_observation_jobs()
    return caught.value


def test_a_job_is_returned_with_all_that_its_summary_tells(boto3: Boto3, warnings: list[str]) -> None:
    local = START.astimezone(timezone(timedelta(hours=2)))
    without_tags = {**job_summary("z", CreationTime=local), "Tags": None}
    boto3.answers = [page_of(SUMMARY, without_tags)]
    tagged, untagged = completed_earth_observation_jobs()
    assert tagged == JOB
    assert untagged == replace(JOB, arn=ARN.replace("lake00000000", "z"), tags={})
    assert untagged.creation_time.tzinfo is timezone.utc
    assert (tagged.id, untagged.id) == ("lake00000000", "z")
    assert warnings == []


def test_a_vector_enrichment_job_has_its_type_in_place_of_an_operation(boto3: Boto3) -> None:
    failed = {**VECTOR_SUMMARY, "Arn": f"{VECTOR_ARN}-failed", "Status": "FAILED"}
    boto3.answers = [page_of(failed, VECTOR_SUMMARY, kind="VectorEnrichment")]
    job = VectorEnrichmentJob(VECTOR_ARN, "lake", "COMPLETED", "MAP_MATCHING", START, 60, {"team": "water"})
    assert completed_vector_enrichment_jobs() == [job]
    assert boto3.calls == [("list_vector_enrichment_jobs", ORDER)]


def test_all_pages_are_read_and_the_jobs_are_in_the_order_of_their_time_and_then_of_their_arn(boto3: Boto3) -> None:
    moved = [job_summary("d", Status="IN_PROGRESS"), job_summary("d")]
    boto3.answers = [
        page_of(job_summary("c", CreationTime=at(1)), moved[0], following="2"),
        page_of(following="3"),
        page_of(moved[1], job_summary("b"), job_summary("a", CreationTime=at(2))),
    ]
    assert [job.id for job in completed_earth_observation_jobs()] == ["b", "d", "c", "a"]
    tokens: list[dict[str, str]] = [{}, {"NextToken": "2"}, {"NextToken": "3"}]
    assert boto3.calls == [("list_earth_observation_jobs", {**ORDER, **each}) for each in tokens]


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        ({}, ["done"]),
        ({"status": "FAILED"}, ["failed"]),
        ({"status": "STOPPED"}, []),
        ({"status": None}, ["done", "failed", "running"]),
    ],
)
def test_jobs_of_a_status_are_listed_and_beside_them_all_that_cannot_be_exported(
    boto3: Boto3, arguments: dict[str, Any], listed: list[str]
) -> None:
    jobs = [job_summary("done"), job_summary("failed", Status="FAILED"), job_summary("running", Status="IN_PROGRESS")]
    boto3.answers = [page_of(*jobs)]
    found = completed_earth_observation_jobs(**arguments)
    assert [job.id for job in found] == listed
    assert [job.id for job in found.not_exportable] == ["failed", "running"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("COMPLETED", None),
        ("INITIALIZING", "the job is INITIALIZING: it can be exported when it is COMPLETED"),
        ("IN_PROGRESS", "the job is IN_PROGRESS: it can be exported when it is COMPLETED"),
        ("FAILED", "the job is FAILED: it has no results to export"),
        ("DELETING", "the job is DELETING: it has no results to export"),
    ],
)
def test_a_job_tells_why_it_cannot_be_exported(status: str, reason: str | None) -> None:
    assert replace(JOB, status=status).not_exportable == reason


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        ({"name_prefix": "lake"}, ["a"]),
        ({"tags": {"team": "land"}}, ["b"]),
        ({"created_after": at(1)}, ["b"]),
        ({"created_before": at(1)}, ["a"]),
    ],
)
def test_each_argument_selects_jobs_of_either_kind(boto3: Boto3, arguments: dict[str, Any], listed: list[str]) -> None:
    other = {"Name": "river", "CreationTime": at(1), "Tags": {"team": "land"}, "Status": "FAILED"}
    summaries = [{**job_summary("a"), "Type": "MAP_MATCHING"}, {**job_summary("b", **other), "Type": "MAP_MATCHING"}]
    boto3.answers = [page_of(*summaries), page_of(*summaries, kind="VectorEnrichment")]
    images = completed_earth_observation_jobs(status=None, **arguments)
    assert [job.id for job in images] == listed
    assert [job.id for job in images.not_exportable] == [each for each in listed if each == "b"]
    assert [job.id for job in completed_vector_enrichment_jobs(status=None, **arguments)] == listed


def test_jobs_are_selected_by_their_type_in_any_spelling(boto3: Boto3) -> None:
    boto3.answers = [page_of(SUMMARY), page_of(SUMMARY)]
    assert completed_earth_observation_jobs(operation_type="LandCoverSegmentation") == [JOB]
    assert completed_earth_observation_jobs(operation_type="Stack") == []
    boto3.answers = [page_of(VECTOR_SUMMARY, kind="VectorEnrichment")] * 2
    assert [job.arn for job in completed_vector_enrichment_jobs(job_type="map_matching")] == [VECTOR_ARN]
    assert completed_vector_enrichment_jobs(job_type="REVERSE_GEOCODING") == []


def test_a_listing_that_finds_nothing_warns_as_a_filter_may_be_wrong(boto3: Boto3, warnings: list[str]) -> None:
    boto3.answers = [page_of(), page_of(kind="VectorEnrichment")]
    assert completed_earth_observation_jobs("us-east-1", status="FAILED") == []
    assert completed_vector_enrichment_jobs(status=None) == []
    assert warnings == [
        "no Earth observation job in us-east-1 has the status FAILED and matches the filter",
        "no vector enrichment job in us-west-2 matches the filter",
    ]


def test_the_stacks_config_decides_on_credentials_endpoint_and_retries(boto3: Boto3, warnings: list[str]) -> None:
    boto3.answers = [page_of(SUMMARY), page_of(SUMMARY)]
    completed_earth_observation_jobs("us-east-1")
    endpoints = json.dumps([{"sagemakergeospatial": "https://geo"}])
    set_all_config(
        {"aws:profile": "dev", "aws:endpoints": endpoints, "aws:maxRetries": "0", "aws:httpProxy": "http://proxy"}
    )
    completed_earth_observation_jobs()
    assert boto3.sessions == [
        {"aws_access_key_id": "key", "aws_secret_access_key": "secret"},
        {"profile_name": "dev"},
    ]
    assert boto3.clients == [
        ("sagemaker-geospatial", "us-east-1", None, 5),
        ("sagemaker-geospatial", "us-west-2", "https://geo", 1),
    ]
    assert warnings == [
        "ignoring unsupported config aws:httpProxy; use the standard AWS settings of the environment instead"
    ]


def test_after_a_fault_that_may_pass_all_is_listed_again(boto3: Boto3) -> None:
    boto3.answers = [page_of(SUMMARY, following="2"), refusal("InternalServerException", status=500), page_of(SUMMARY)]
    assert completed_earth_observation_jobs() == [JOB]
    assert [parameters.get("NextToken") for _, parameters in boto3.calls] == [None, "2", None]


def test_a_listing_that_stays_throttled_is_tried_five_times(boto3: Boto3) -> None:
    throttled = refusal("ThrottlingException", "slow down", 429)
    boto3.answers = [throttled] * 6
    error = listing_error()
    assert str(error) == (
        f"{LISTING} was refused: ThrottlingException: slow down. Lower sagemakergeospatial:maxCallsPerSecond in the "
        "stack's config, or run `pulumi up` again. [SGE308]"
    )
    assert error.__cause__ is throttled
    assert len(boto3.calls) == 5


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            refusal("AccessDeniedException", "no", 403),
            "was refused: AccessDeniedException: no. Allow the caller sagemaker-geospatial:ListEarthObservationJobs. "
            "[SGE301]",
        ),
        (
            NoCredentialsError(),
            "failed: Unable to locate credentials. Check the credentials and the region: the stack's aws: config and the "
            "AWS settings of the environment; with SSO, run `aws sso login`. [SGE201]",
        ),
    ],
)
def test_a_listing_that_will_stay_refused_is_not_tried_again(boto3: Boto3, answer: Exception, sentence: str) -> None:
    boto3.answers = [answer]
    assert str(listing_error()) == f"{LISTING} {sentence}"
    assert len(boto3.calls) == 1


@pytest.mark.parametrize("missing", ["Arn", "Name", "Status", "OperationType", "CreationTime", "DurationInSeconds"])
def test_a_job_that_lacks_a_field_is_an_error_that_names_the_field(boto3: Boto3, missing: str) -> None:
    boto3.answers = [page_of({name: value for name, value in SUMMARY.items() if name != missing})] * 5
    error = listing_error()
    assert isinstance(error, UnexpectedResponseError)
    assert str(error) == (
        f"{LISTING} failed: the response is not one that the service's API describes: the response has no {missing}. "
        "Check aws:endpoints and any proxy between this machine and AWS, and run `pulumi up` again. [SGE204]"
    )


@pytest.mark.parametrize("name", ["Arn", "Name", "Status", "Type"])
def test_a_text_of_a_job_that_is_empty_is_an_error(boto3: Boto3, name: str) -> None:
    boto3.answers = [page_of({**VECTOR_SUMMARY, name: ""}, kind="VectorEnrichment")] * 5
    with pytest.raises(UnexpectedResponseError, match="describes: a field of the response is empty"):
        completed_vector_enrichment_jobs()


def test_a_listing_ends_after_ten_minutes_also_where_a_call_hangs(
    boto3: Boto3, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, released = ManualClock(), threading.Event()
    monkeypatch.setattr("pulumi_sagemaker_geospatial._runtime.clock.MonotonicClock", lambda: clock)

    def late() -> Any:
        clock.advance(LISTING_TIMEOUT - 1)
        return page_of(SUMMARY, following="2")

    def hanging() -> Any:
        clock.advance(1)
        released.wait()

    boto3.answers = [late, page_of(), late, hanging]
    assert completed_earth_observation_jobs() == [JOB]
    try:
        with pytest.raises(WaitTimeoutError) as caught:
            completed_earth_observation_jobs()
    finally:
        released.set()
    assert str(caught.value) == f"{LISTING}: timed out; run the program again. [SGE501]"


def test_attempts_that_botocore_repeats_are_not_limited(boto3: Boto3) -> None:
    def repeated() -> Any:
        for event, handler in boto3.handlers:
            response = {"ResponseMetadata": {"HTTPStatusCode": 429}}
            handler(event_name=f"{event}.sagemaker-geospatial.ListEarthObservationJobs", parsed_response=response)
        return page_of(SUMMARY)

    boto3.answers = [repeated]
    assert completed_earth_observation_jobs() == [JOB]
    assert len(boto3.handlers) == 2
