"""The listings of jobs of both kinds: paging, order, filters, credentials and errors."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import pulumi
import pytest
from pulumi.runtime import set_all_config
from pulumi_sagemaker_geospatial import (
    CallFailed,
    ServiceCallError,
    WrongAccount,
    completed_earth_observation_jobs,
    completed_vector_enrichment_jobs,
)
from pulumi_sagemaker_geospatial._runtime.clock import MonotonicClock

from tests.harness import ACCOUNT, CHECKOUT, Emulator, job_arn


@pytest.fixture
def configured(emulator: Emulator) -> Iterator[dict[str, Any]]:
    """The stack's config as a program reads it, with structured values as JSON."""
    endpoints = [dict.fromkeys(("sagemakergeospatial", "sts"), emulator.url)]
    config = {"aws:accessKey": "test", "aws:secretKey": "test", "aws:endpoints": json.dumps(endpoints)}
    set_all_config(config, ["aws:secretKey"])
    yield config
    set_all_config({})


def ids(**filters: Any) -> list[str]:
    return [job.id for job in completed_earth_observation_jobs(**filters)]


def test_all_pages_are_listed_in_order_of_creation(emulator: Emulator, configured: dict[str, Any]) -> None:
    job_ids = [f"job{number:09d}" for number in reversed(range(45))]
    for each in job_ids:
        emulator.add_job(each)
    jobs = completed_earth_observation_jobs()
    assert sorted(job.id for job in jobs) == sorted(job_ids)
    assert jobs == sorted(jobs, key=lambda job: (job.creation_time, job.arn))
    assert emulator.call_count("ListEarthObservationJobs") == 3


def test_a_job_is_typed_and_immutable(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.add_job("lake00000000", name="lake", tags={"team": "water"})
    (job,) = completed_earth_observation_jobs()
    assert (job.arn, job.name, job.id, job.status) == (job_arn("lake00000000"), "lake", "lake00000000", "COMPLETED")
    assert job.operation_type
    assert job.creation_time.utcoffset() == timedelta(0)
    assert job.duration_in_seconds >= 0
    assert job.tags == {"team": "water"}
    with pytest.raises(FrozenInstanceError):
        job.name = "other"  # type: ignore[misc]


def test_filters_select_jobs(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.add_job("lake00000000", name="lake-north", tags={"team": "water", "year": "2023"})
    emulator.add_job("lake00000001", name="lake-south", tags={"team": "land"})
    emulator.add_job("river0000000", name="river", status="FAILED")
    north, south = completed_earth_observation_jobs()
    assert ids(name_prefix="lake-s") == [south.id]
    assert ids(name_prefix="Lake") == []
    assert ids(tags={"team": "water"}) == [north.id]
    assert ids(tags={"team": "water", "year": "2022"}) == []
    assert ids(created_after=north.creation_time) == [north.id, south.id]
    assert ids(created_after=south.creation_time + timedelta(seconds=1)) == []
    assert ids(created_before=south.creation_time + timedelta(seconds=1)) == [north.id, south.id]
    assert ids(created_before=north.creation_time) == []
    assert ids(created_after=north.creation_time.date()) == ids()
    assert ids(created_after="2001-01-31", created_before="2001-02-01T12:00:00Z") == []
    assert ids(operation_type="land_cover_segmentation") == [north.id, south.id]
    assert ids(operation_type="STACK") == []
    assert ids(status="FAILED") == ["river0000000"]
    assert ids(status=None) == [north.id, south.id, "river0000000"]


def test_an_invalid_time_is_rejected(configured: dict[str, Any]) -> None:
    with pytest.raises(
        pulumi.RunError, match="created_after must be a time such as 2023-01-31T12:00:00Z, not 'yesterday'"
    ):
        completed_earth_observation_jobs(created_after="yesterday")


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"name_prefix": 5}, "name_prefix must be a string, not 5"),
        ({"operation_type": ["a"]}, "operation_type must be a string"),
        ({"tags": {"year": 2024}}, r"tags\.year must be a string, not 2024: in YAML, write it in quotes"),
        ({"tags": ["a"]}, "tags must be an object of names and values"),
        ({"created_after": 2024}, "created_after must be a time"),
    ],
)
def test_a_filter_of_the_wrong_type_is_rejected(
    configured: dict[str, Any], filters: dict[str, Any], message: str
) -> None:
    with pytest.raises(pulumi.RunError, match=message):
        completed_earth_observation_jobs(**filters)


def test_throttling_is_retried(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.add_job("lake00000000")
    emulator.add_fault("ListEarthObservationJobs", "throttle", times=2)
    assert ids() == ["lake00000000"]


SUMMARY = {
    "Arn": job_arn("lake00000000"),
    "CreationTime": "2026-01-01T00:00:00Z",
    "DurationInSeconds": 60,
    "Name": "lake",
    "OperationType": "LAND_COVER_SEGMENTATION",
    "Status": "COMPLETED",
}
NO_PAGES = {
    "HTML": "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    "a page that is cut off": json.dumps({"EarthObservationJobSummaries": [SUMMARY]})[:80],
    "no list": "{}",
    "null instead of a list": '{"EarthObservationJobSummaries": null}',
    "a job without an ARN": json.dumps({"EarthObservationJobSummaries": [{**SUMMARY, "Arn": None}]}),
    "a job whose name is a number": json.dumps({"EarthObservationJobSummaries": [{**SUMMARY, "Name": 5}]}),
    "a token that is a number": json.dumps({"EarthObservationJobSummaries": [SUMMARY], "NextToken": 5}),
    "an empty token": json.dumps({"EarthObservationJobSummaries": [SUMMARY], "NextToken": ""}),
    "a token that repeats": json.dumps({"EarthObservationJobSummaries": [SUMMARY], "NextToken": "again"}),
}


@pytest.fixture
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses between two attempts short."""

    class FastClock(MonotonicClock):
        def wait(self, event: threading.Event, seconds: float) -> bool:
            return super().wait(event, seconds / 100)

    monkeypatch.setattr("pulumi_sagemaker_geospatial._runtime.clock.MonotonicClock", FastClock)


@pytest.mark.parametrize("body", NO_PAGES.values(), ids=NO_PAGES)
def test_a_page_that_is_none_of_a_listing_is_an_error_and_is_tried_again(
    emulator: Emulator, configured: dict[str, Any], fast_clock: None, body: str
) -> None:
    emulator.add_job("lake00000000")
    emulator.add_fault("ListEarthObservationJobs", "respond", body=body, times=-1)
    with pytest.raises(ServiceCallError, match="the response is not one that the service's API describes") as caught:
        completed_earth_observation_jobs()
    assert str(caught.value).endswith("and run `pulumi up` again. [SGE204]")
    emulator.clear_faults()
    emulator.add_fault("ListEarthObservationJobs", "respond", body=body, times=4)
    assert ids() == ["lake00000000"]


def test_a_listing_whose_tokens_take_turns_ends(
    emulator: Emulator, configured: dict[str, Any], fast_clock: None
) -> None:
    for token in "ab" * 6:
        body = json.dumps({"EarthObservationJobSummaries": [SUMMARY], "NextToken": token})
        emulator.add_fault("ListEarthObservationJobs", "respond", body=body)
    emulator.add_job("lake00000001")
    assert ids() == ["lake00000001"]


def test_a_service_error_tells_which_permission_is_missing(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.add_fault("ListEarthObservationJobs", "access_denied")
    with pytest.raises(CallFailed) as caught:
        completed_earth_observation_jobs()
    assert caught.value.code == "AccessDeniedException"
    assert str(caught.value).startswith("listing the Earth observation jobs of us-west-2 was refused: AccessDenied")
    assert str(caught.value).endswith("Allow the caller sagemaker-geospatial:ListEarthObservationJobs. [SGE301]")


def test_an_unreachable_endpoint_is_reported(configured: dict[str, Any]) -> None:
    endpoints = json.dumps([{"sagemakergeospatial": "http://127.0.0.1:1"}])
    set_all_config({**configured, "aws:endpoints": endpoints, "aws:maxRetries": "0"})
    with pytest.raises(
        CallFailed, match=r"listing the Earth observation jobs of us-west-2 failed: .*Check the network"
    ):
        completed_earth_observation_jobs()


def test_an_account_that_is_not_allowed_is_rejected_before_any_listing(
    emulator: Emulator, configured: dict[str, Any]
) -> None:
    set_all_config({**configured, "aws:allowedAccountIds": '["999999999999"]'})
    with pytest.raises(WrongAccount, match=f"{ACCOUNT}.*999999999999"):
        completed_earth_observation_jobs()
    assert emulator.call_count("ListEarthObservationJobs") == 0


def test_boto3_is_only_imported_by_the_call() -> None:
    program = (
        "import sys; from pulumi_sagemaker_geospatial import completed_earth_observation_jobs; "
        "sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT / "provider", timeout=60)
    assert done.returncode == 0


def test_vector_enrichment_jobs_are_listed_and_filtered_by_type(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.add_job("lake00000000")
    added = [
        {"job_type": "REVERSE_GEOCODING", "name": "towns", "tags": {"team": "roads"}},
        {"job_type": "MAP_MATCHING"},
    ]
    towns, trips = emulator.request("POST", "jobs", added)
    assert {job.arn for job in completed_vector_enrichment_jobs()} == {towns, trips}
    [job] = completed_vector_enrichment_jobs(job_type="reverse_geocoding", tags={"team": "roads"})
    assert (job.arn, job.name, job.job_type, job.not_exportable) == (towns, "towns", "REVERSE_GEOCODING", None)


def test_jobs_that_cannot_be_exported_are_beside_the_others_with_the_reason(
    emulator: Emulator, configured: dict[str, Any]
) -> None:
    for job_id, status in (("lake00000000", "COMPLETED"), ("lake00000001", "FAILED"), ("lake00000002", "IN_PROGRESS")):
        emulator.add_job(job_id, status=status)
    jobs = completed_earth_observation_jobs()
    assert [job.id for job in jobs] == ["lake00000000"]
    assert {job.id: job.not_exportable for job in jobs.not_exportable} == {
        "lake00000001": "the job is FAILED: it has no results to export",
        "lake00000002": "the job is IN_PROGRESS: it can be exported when it is COMPLETED",
    }
