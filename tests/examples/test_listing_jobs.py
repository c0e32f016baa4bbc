"""`completed_earth_observation_jobs`: what it lists, in which order, as whom, and what it says when it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import pulumi
import pytest
from pulumi.runtime import set_all_config
from pulumi_sagemaker_geospatial import CallFailed, WrongAccount, completed_earth_observation_jobs

from tests.harness import ACCOUNT, CHECKOUT, Emulator, arn


@pytest.fixture
def configured(emulator: Emulator) -> Iterator[dict[str, Any]]:
    """The stack's config as a program has it: structures are JSON text."""
    endpoints = [dict.fromkeys(("sagemakergeospatial", "sts"), emulator.url)]
    config = {"aws:accessKey": "test", "aws:secretKey": "test", "aws:endpoints": json.dumps(endpoints)}
    set_all_config(config, ["aws:secretKey"])
    yield config
    set_all_config({})


def ids(**filters: Any) -> list[str]:
    return [job.id for job in completed_earth_observation_jobs(**filters)]


def test_every_page_is_listed_in_the_order_of_creation(emulator: Emulator, configured: dict[str, Any]) -> None:
    made = [f"job{number:09d}" for number in reversed(range(45))]
    for each in made:
        emulator.job(each)
    jobs = completed_earth_observation_jobs()
    assert sorted(job.id for job in jobs) == sorted(made)
    assert jobs == sorted(jobs, key=lambda job: (job.creation_time, job.arn))
    assert emulator.count("ListEarthObservationJobs") == 3


def test_a_job_is_typed_and_frozen(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.job("lake00000000", name="lake", tags={"team": "water"})
    (job,) = completed_earth_observation_jobs()
    assert (job.arn, job.name, job.id, job.status) == (arn("lake00000000"), "lake", "lake00000000", "COMPLETED")
    assert job.operation_type
    assert job.creation_time.utcoffset() == timedelta(0)
    assert job.duration_in_seconds >= 0
    assert job.tags == {"team": "water"}
    with pytest.raises(FrozenInstanceError):
        job.name = "other"  # type: ignore[misc]


def test_filters(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.job("lake00000000", name="lake-north", tags={"team": "water", "year": "2023"})
    emulator.job("lake00000001", name="lake-south", tags={"team": "land"})
    emulator.job("river0000000", name="river", status="FAILED")
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


def test_a_time_that_is_none_is_refused(configured: dict[str, Any]) -> None:
    with pytest.raises(
        pulumi.RunError, match="created_after must be a time such as 2023-01-31T12:00:00Z, not 'yesterday'"
    ):
        completed_earth_observation_jobs(created_after="yesterday")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name_prefix": 5}, "name_prefix must be a string, not 5"),
        ({"operation_type": ["a"]}, "operation_type must be a string"),
        ({"tags": {"year": 2024}}, r"tags\.year must be a string, not 2024: in YAML, write it in quotes"),
        ({"tags": ["a"]}, "tags must be an object of names and values"),
        ({"created_after": 2024}, "created_after must be a time"),
    ],
)
def test_a_filter_of_another_type_is_a_sentence(
    configured: dict[str, Any], wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(pulumi.RunError, match=sentence):
        completed_earth_observation_jobs(**wrong)


def test_throttling_passes(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.job("lake00000000")
    emulator.fault("ListEarthObservationJobs", "throttle", times=2)
    assert ids() == ["lake00000000"]


def test_a_refusal_is_a_sentence(emulator: Emulator, configured: dict[str, Any]) -> None:
    emulator.fault("ListEarthObservationJobs", "access_denied")
    with pytest.raises(CallFailed) as caught:
        completed_earth_observation_jobs()
    assert caught.value.code == "AccessDeniedException"
    assert str(caught.value).startswith("listing the Earth observation jobs of us-west-2 was refused: AccessDenied")
    assert str(caught.value).endswith("Allow the caller sagemaker-geospatial:ListEarthObservationJobs.")


def test_nobody_there_is_a_sentence(configured: dict[str, Any]) -> None:
    endpoints = json.dumps([{"sagemakergeospatial": "http://127.0.0.1:1"}])
    set_all_config({**configured, "aws:endpoints": endpoints, "aws:maxRetries": "0"})
    with pytest.raises(
        CallFailed, match=r"listing the Earth observation jobs of us-west-2 failed: .*Check the network"
    ):
        completed_earth_observation_jobs()


def test_another_account_is_refused_before_anything_is_listed(emulator: Emulator, configured: dict[str, Any]) -> None:
    set_all_config({**configured, "aws:allowedAccountIds": '["999999999999"]'})
    with pytest.raises(WrongAccount, match=f"{ACCOUNT}.*999999999999"):
        completed_earth_observation_jobs()
    assert emulator.count("ListEarthObservationJobs") == 0


def test_boto3_is_imported_by_the_call_alone() -> None:
    program = (
        "import sys; from pulumi_sagemaker_geospatial import completed_earth_observation_jobs; "
        "sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT / "provider", timeout=60)
    assert done.returncode == 0
