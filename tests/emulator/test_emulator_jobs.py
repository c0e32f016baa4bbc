"""Jobs in process: their life, their list, and what is refused."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from moto.moto_api import state_manager

from tests.emulator.emulator_harness import Account, Clock

JOB = "sagemaker-geospatial::earth-observation-job"
TOKEN = "t" * 36
QUERY = {
    "RasterDataCollectionArn": "arn:aws:sagemaker-geospatial:us-west-2:378778860802:raster-data-collection/public/nmqj48dcu3g7ayw8",
    "TimeRangeFilter": {
        "StartTime": datetime(2023, 1, 1, tzinfo=timezone.utc),
        "EndTime": datetime(2023, 2, 1, tzinfo=timezone.utc),
    },
}


def start(account: Account, **more: Any) -> dict[str, Any]:
    request = {
        "Name": "lake",
        "ExecutionRoleArn": account.role,
        "InputConfig": {"RasterDataCollectionQuery": QUERY},
        "JobConfig": {"LandCoverSegmentationConfig": {}},
        **more,
    }
    response: dict[str, Any] = account.client.start_earth_observation_job(**request)
    return response


def test_a_started_job_is_completed_at_the_next_look(account: Account) -> None:
    started = start(account, Tags={"a": "b"})
    assert started["Status"] == "INITIALIZING"
    found = account.get(started["Arn"])
    assert (found["Status"], found["Name"], found["Tags"]) == ("COMPLETED", "lake", {"a": "b"})
    assert found["InputConfig"]["RasterDataCollectionQuery"]["TimeRangeFilter"] == QUERY["TimeRangeFilter"]


def test_the_same_token_is_the_same_job_and_refuses_another_name(account: Account) -> None:
    first = start(account, ClientToken=TOKEN)
    assert start(account, ClientToken=TOKEN)["Arn"] == first["Arn"]
    assert account.refused(start, account, ClientToken=TOKEN, Name="other")[0] == "ValidationException"


def test_a_job_moves_with_each_look_by_the_manual_transition(account: Account) -> None:
    geospatial.in_use()
    state_manager.set_transition(JOB, {"progression": "manual", "times": 2})
    try:
        arn = start(account)["Arn"]
        seen = [account.get(arn)["Status"] for _ in range(4)]
    finally:
        state_manager.unset_transition(JOB)
    assert seen == ["INITIALIZING", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED"]


def test_a_job_moves_with_the_time(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(job_seconds=10)
    arn = start(account)["Arn"]
    seen = []
    for _ in range(3):
        seen.append(account.get(arn)["Status"])
        clock.forward(5)
    assert seen == ["INITIALIZING", "IN_PROGRESS", "COMPLETED"]
    assert account.get(arn)["DurationInSeconds"] == 10


def test_a_running_job_is_stopped(account: Account) -> None:
    arn = geospatial.add_job(status="IN_PROGRESS")
    assert account.get(arn)["Status"] == "IN_PROGRESS"
    account.client.stop_earth_observation_job(Arn=arn)
    assert account.get(arn)["Status"] == "STOPPED"
    assert account.refused(account.client.stop_earth_observation_job, Arn=arn)[0] == "ConflictException"


def test_a_stop_and_a_delete_take_their_time(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(job_seconds=4)
    arn = geospatial.add_job(status="IN_PROGRESS")
    account.client.stop_earth_observation_job(Arn=arn)
    assert account.get(arn)["Status"] == "STOPPING"
    clock.forward(2)
    assert account.get(arn)["Status"] == "STOPPED"
    account.client.delete_earth_observation_job(Arn=arn)
    assert account.get(arn)["Status"] == "DELETING"
    clock.forward(2)
    assert account.refused(account.get, arn)[0] == "ResourceNotFoundException"


def test_a_deleted_job_is_not_found_and_not_listed(account: Account) -> None:
    arn = geospatial.add_job()
    account.client.delete_earth_observation_job(Arn=arn)
    code, message = account.refused(account.get, arn)
    assert code == "ResourceNotFoundException"
    assert arn in message
    assert account.client.list_earth_observation_jobs()["EarthObservationJobSummaries"] == []


def test_a_running_job_is_not_deleted(account: Account) -> None:
    arn = geospatial.add_job(status="IN_PROGRESS")
    assert account.refused(account.client.delete_earth_observation_job, Arn=arn)[0] == "ConflictException"


def test_a_failed_job_says_why(account: Account) -> None:
    details = {"Type": "CLIENT_ERROR", "Message": "no images"}
    arn = geospatial.add_job(status="FAILED", error_details=details)
    found = account.get(arn)
    assert (found["Status"], found["ErrorDetails"]) == ("FAILED", details)


def test_a_job_added_again_becomes_what_is_asked_for(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl", status="IN_PROGRESS")
    assert geospatial.add_job("abcdefghijkl", status="COMPLETED", name="done") == arn
    assert account.get(arn)["Name"] == "done"


def test_the_list_comes_in_pages_of_at_most_twenty(account: Account) -> None:
    arns = {geospatial.add_job(f"job{number:09}") for number in range(45)}
    pages = list(account.client.get_paginator("list_earth_observation_jobs").paginate())
    assert [len(page["EarthObservationJobSummaries"]) for page in pages] == [20, 20, 5]
    assert {job["Arn"] for page in pages for job in page["EarthObservationJobSummaries"]} == arns
    assert "NextToken" not in pages[-1]


def test_a_page_goes_on_though_its_last_job_was_deleted(account: Account) -> None:
    for name in "abc":
        geospatial.add_job(name=name)
    ask = account.client.list_earth_observation_jobs
    first = ask(SortBy="Name", MaxResults=1)
    account.client.delete_earth_observation_job(Arn=first["EarthObservationJobSummaries"][0]["Arn"])
    rest = ask(SortBy="Name", NextToken=first["NextToken"])
    assert [job["Name"] for job in rest["EarthObservationJobSummaries"]] == ["b", "c"]
    token = ask(MaxResults=1)["NextToken"]
    for job in rest["EarthObservationJobSummaries"]:
        account.client.delete_earth_observation_job(Arn=job["Arn"])
    assert ask(NextToken=token)["EarthObservationJobSummaries"] == []


def test_the_list_is_sorted_and_filtered(account: Account) -> None:
    for name, status in (("b", "COMPLETED"), ("a", "FAILED"), ("c", "COMPLETED")):
        geospatial.add_job(name=name, status=status)
    ask = account.client.list_earth_observation_jobs
    names = [job["Name"] for job in ask(SortBy="Name", SortOrder="DESCENDING")["EarthObservationJobSummaries"]]
    assert names == ["c", "b", "a"]
    found = ask(StatusEquals="COMPLETED", SortBy="Name", MaxResults=1)
    assert [job["Name"] for job in found["EarthObservationJobSummaries"]] == ["b"]
    found = ask(StatusEquals="COMPLETED", SortBy="Name", MaxResults=1, NextToken=found["NextToken"])
    assert [job["Name"] for job in found["EarthObservationJobSummaries"]] == ["c"]


@pytest.mark.parametrize("wrong", [{"NextToken": "nonsense"}, {"SortBy": "Colour"}])
def test_a_wrong_list_is_refused(account: Account, wrong: dict[str, Any]) -> None:
    geospatial.in_use()
    code, message = account.refused(account.client.list_earth_observation_jobs, **wrong)
    assert code == "ValidationException"
    assert next(iter(wrong)) in message


def test_registering_again_changes_nothing_and_moto_forgets_what_was_asked(account: Account) -> None:
    geospatial.register()
    geospatial.in_use().configure(quota=1)
    geospatial.sagemakergeospatial_backends.reset()
    assert geospatial.in_use().settings.quota is None
