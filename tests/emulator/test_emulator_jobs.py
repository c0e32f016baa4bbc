"""Jobs in process: their statuses, their list, and what is refused."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from moto.moto_api import state_manager

from tests.emulator.emulator_harness import TOKEN, Account, ManualClock

JOB_MODEL = "sagemaker-geospatial::earth-observation-job"
QUERY = {
    "RasterDataCollectionArn": "arn:aws:sagemaker-geospatial:us-west-2:378778860802:raster-data-collection/public/nmqj48dcu3g7ayw8",
    "TimeRangeFilter": {
        "StartTime": datetime(2023, 1, 1, tzinfo=timezone.utc),
        "EndTime": datetime(2023, 2, 1, tzinfo=timezone.utc),
    },
}


def start_job(account: Account, **more: Any) -> dict[str, Any]:
    request = {
        "Name": "lake",
        "ExecutionRoleArn": account.role,
        "InputConfig": {"RasterDataCollectionQuery": QUERY},
        "JobConfig": {"LandCoverSegmentationConfig": {}},
        **more,
    }
    response: dict[str, Any] = account.client.start_earth_observation_job(**request)
    return response


@pytest.mark.parametrize("seconds", [None, 0, 0.001, 300])
def test_the_call_that_starts_a_job_always_answers_initializing(account: Account, seconds: float | None) -> None:
    geospatial.get_control().configure(job_seconds=seconds)
    assert start_job(account)["Status"] == "INITIALIZING"


def test_a_replay_answers_the_present_status_of_the_job(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(job_seconds=10)
    start_job(account, ClientToken=TOKEN)
    clock.advance(5)
    assert start_job(account, ClientToken=TOKEN)["Status"] == "IN_PROGRESS"
    clock.advance(5)
    assert start_job(account, ClientToken=TOKEN)["Status"] == "COMPLETED"


def test_a_started_job_is_completed_at_the_next_look(account: Account) -> None:
    started = start_job(account, Tags={"a": "b"})
    found = account.get(started["Arn"])
    assert (found["Status"], found["Name"], found["Tags"]) == ("COMPLETED", "lake", {"a": "b"})
    assert found["InputConfig"]["RasterDataCollectionQuery"]["TimeRangeFilter"] == QUERY["TimeRangeFilter"]


def test_a_token_replays_its_job_and_is_refused_with_another_name(account: Account) -> None:
    first = start_job(account, ClientToken=TOKEN)
    assert start_job(account, ClientToken=TOKEN)["Arn"] == first["Arn"]
    assert account.catch_error(start_job, account, ClientToken=TOKEN, Name="other")[0] == "ValidationException"


def test_a_manual_job_changes_its_status_after_a_number_of_calls(account: Account) -> None:
    geospatial.get_control()
    state_manager.set_transition(JOB_MODEL, {"progression": "manual", "times": 2})
    try:
        arn = start_job(account)["Arn"]
        statuses = [account.get(arn)["Status"] for _ in range(4)]
    finally:
        state_manager.unset_transition(JOB_MODEL)
    assert statuses == ["INITIALIZING", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED"]


def test_a_timed_job_changes_its_status_when_due(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(job_seconds=10)
    arn = start_job(account)["Arn"]
    statuses = []
    for _ in range(3):
        statuses.append(account.get(arn)["Status"])
        clock.advance(5)
    assert statuses == ["INITIALIZING", "IN_PROGRESS", "COMPLETED"]
    assert account.get(arn)["DurationInSeconds"] == 10


def test_a_running_job_can_be_stopped(account: Account) -> None:
    arn = geospatial.add_job(status="IN_PROGRESS")
    assert account.get(arn)["Status"] == "IN_PROGRESS"
    account.client.stop_earth_observation_job(Arn=arn)
    assert account.get(arn)["Status"] == "STOPPED"
    assert account.catch_error(account.client.stop_earth_observation_job, Arn=arn)[0] == "ConflictException"


def test_a_stop_and_a_delete_take_time(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(job_seconds=4)
    arn = geospatial.add_job(status="IN_PROGRESS")
    account.client.stop_earth_observation_job(Arn=arn)
    assert account.get(arn)["Status"] == "STOPPING"
    clock.advance(2)
    assert account.get(arn)["Status"] == "STOPPED"
    account.client.delete_earth_observation_job(Arn=arn)
    assert account.get(arn)["Status"] == "DELETING"
    clock.advance(2)
    assert account.catch_error(account.get, arn)[0] == "ResourceNotFoundException"


def test_a_deleted_job_is_neither_found_nor_listed(account: Account) -> None:
    arn = geospatial.add_job()
    account.client.delete_earth_observation_job(Arn=arn)
    code, message = account.catch_error(account.get, arn)
    assert code == "ResourceNotFoundException"
    assert arn in message
    assert account.client.list_earth_observation_jobs()["EarthObservationJobSummaries"] == []


def test_a_running_job_cannot_be_deleted(account: Account) -> None:
    arn = geospatial.add_job(status="IN_PROGRESS")
    assert account.catch_error(account.client.delete_earth_observation_job, Arn=arn)[0] == "ConflictException"


def test_a_failed_job_has_error_details(account: Account) -> None:
    details = {"Type": "CLIENT_ERROR", "Message": "no images"}
    arn = geospatial.add_job(status="FAILED", error_details=details)
    found = account.get(arn)
    assert (found["Status"], found["ErrorDetails"]) == ("FAILED", details)


def test_adding_a_job_again_changes_it(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl", status="IN_PROGRESS")
    assert geospatial.add_job("abcdefghijkl", status="COMPLETED", name="done") == arn
    assert account.get(arn)["Name"] == "done"


def test_a_page_of_the_list_has_at_most_twenty_jobs(account: Account) -> None:
    arns = {geospatial.add_job(f"job{number:09}") for number in range(45)}
    pages = list(account.client.get_paginator("list_earth_observation_jobs").paginate())
    assert [len(page["EarthObservationJobSummaries"]) for page in pages] == [20, 20, 5]
    assert {job["Arn"] for page in pages for job in page["EarthObservationJobSummaries"]} == arns
    assert "NextToken" not in pages[-1]


def test_the_list_continues_though_the_last_job_of_a_page_was_deleted(account: Account) -> None:
    for name in "abc":
        geospatial.add_job(name=name)
    list_jobs = account.client.list_earth_observation_jobs
    first = list_jobs(SortBy="Name", MaxResults=1)
    account.client.delete_earth_observation_job(Arn=first["EarthObservationJobSummaries"][0]["Arn"])
    rest = list_jobs(SortBy="Name", NextToken=first["NextToken"])
    assert [job["Name"] for job in rest["EarthObservationJobSummaries"]] == ["b", "c"]
    token = list_jobs(MaxResults=1)["NextToken"]
    for job in rest["EarthObservationJobSummaries"]:
        account.client.delete_earth_observation_job(Arn=job["Arn"])
    assert list_jobs(NextToken=token)["EarthObservationJobSummaries"] == []


def test_the_list_can_be_sorted_and_filtered(account: Account) -> None:
    for name, status in (("b", "COMPLETED"), ("a", "FAILED"), ("c", "COMPLETED")):
        geospatial.add_job(name=name, status=status)
    list_jobs = account.client.list_earth_observation_jobs
    names = [job["Name"] for job in list_jobs(SortBy="Name", SortOrder="DESCENDING")["EarthObservationJobSummaries"]]
    assert names == ["c", "b", "a"]
    found = list_jobs(StatusEquals="COMPLETED", SortBy="Name", MaxResults=1)
    assert [job["Name"] for job in found["EarthObservationJobSummaries"]] == ["b"]
    found = list_jobs(StatusEquals="COMPLETED", SortBy="Name", MaxResults=1, NextToken=found["NextToken"])
    assert [job["Name"] for job in found["EarthObservationJobSummaries"]] == ["c"]


@pytest.mark.parametrize("invalid", [{"NextToken": "nonsense"}, {"SortBy": "Colour"}])
def test_an_invalid_list_request_is_refused(account: Account, invalid: dict[str, Any]) -> None:
    geospatial.get_control()
    code, message = account.catch_error(account.client.list_earth_observation_jobs, **invalid)
    assert code == "ValidationException"
    assert next(iter(invalid)) in message


def test_registering_again_changes_nothing_and_a_reset_restores_the_settings(account: Account) -> None:
    geospatial.register()
    geospatial.get_control().configure(quota=1)
    geospatial.sagemakergeospatial_backends.reset()
    assert geospatial.get_control().settings.quota is None
