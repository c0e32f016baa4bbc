"""The status of an export: IN_PROGRESS at its start, and when and how its end becomes visible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from moto.moto_api import state_manager

from tests.emulator.emulator_harness import TOKEN, Account, ManualClock

EXPORT_MODEL = "sagemaker-geospatial::export"


@contextmanager
def transition(**config: Any) -> Iterator[None]:
    """moto's transition of exports, until the end of the block."""
    geospatial.get_control()
    state_manager.set_transition(EXPORT_MODEL, config)
    try:
        yield
    finally:
        state_manager.unset_transition(EXPORT_MODEL)


@pytest.mark.parametrize("seconds", [None, 0, 0.001, 300])
def test_the_call_that_starts_an_export_always_answers_in_progress(account: Account, seconds: float | None) -> None:
    geospatial.get_control().configure(export_seconds=seconds)
    assert account.export(geospatial.add_job())["ExportStatus"] == "IN_PROGRESS"


@pytest.mark.parametrize("config", [{"progression": "immediate"}, {"progression": "manual", "times": 1}])
def test_a_start_answers_in_progress_with_every_moto_transition(account: Account, config: dict[str, Any]) -> None:
    with transition(**config):
        arn = geospatial.add_job()
        assert account.export(arn)["ExportStatus"] == "IN_PROGRESS"
        assert account.export_status(arn) == "SUCCEEDED"


def test_an_export_that_fails_at_once_answers_in_progress_too(account: Account) -> None:
    arn = geospatial.add_job()
    assert account.export(arn, uri="s3://nowhere")["ExportStatus"] == "IN_PROGRESS"
    assert account.export_status(arn) == "FAILED"


@pytest.mark.parametrize("seconds", [None, 0])
def test_s3_lists_the_files_of_an_immediate_export_before_any_call_of_the_service(
    account: Account, clock: ManualClock, seconds: float | None
) -> None:
    geospatial.get_control().configure(export_seconds=seconds)
    started_at = account.export(geospatial.add_job(objects=2))["CreationTime"]
    clock.advance(60)
    objects = account.s3.list_objects_v2(Bucket=account.bucket)["Contents"]
    assert [each["LastModified"] for each in objects] == [started_at.replace(microsecond=0)] * 2


def test_a_timed_export_ends_when_due_even_if_nobody_asks_the_service(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(export_seconds=300)
    arn = geospatial.add_job(objects=1)
    started_at = account.export(arn)["CreationTime"]
    clock.advance(299)
    assert account.export_status(arn) == "IN_PROGRESS"
    assert account.list_keys() == []
    clock.advance(5000)
    objects = account.s3.list_objects_v2(Bucket=account.bucket)["Contents"]
    assert objects[0]["LastModified"] == (started_at + timedelta(seconds=300)).replace(microsecond=0)
    assert account.export_status(arn) == "SUCCEEDED"


def test_a_duration_can_be_a_fraction_of_a_second(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(export_seconds=0.5)
    arn = geospatial.add_job()
    account.export(arn)
    clock.advance(0.4)
    assert account.export_status(arn) == "IN_PROGRESS"
    clock.advance(0.1)
    assert account.export_status(arn) == "SUCCEEDED"


def test_a_manual_export_ends_after_a_number_of_calls(account: Account) -> None:
    with transition(progression="manual", times=2):
        arn = geospatial.add_job()
        account.export(arn)
        assert [account.export_status(arn) for _ in range(3)] == ["IN_PROGRESS", "SUCCEEDED", "SUCCEEDED"]


def test_a_replay_answers_the_present_status(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(export_seconds=60)
    arn = geospatial.add_job()
    first = account.export(arn, TOKEN)
    clock.advance(30)
    assert account.export(arn, TOKEN)["ExportStatus"] == "IN_PROGRESS"
    clock.advance(30)
    replay = account.export(arn, TOKEN)
    assert replay["ExportStatus"] == "SUCCEEDED"
    assert {**replay, "ExportStatus": 0, "ResponseMetadata": 0} == {**first, "ExportStatus": 0, "ResponseMetadata": 0}
    assert geospatial.get_control().call_report()["exports"] == {arn: 1}


def test_a_lagging_status_is_late_at_the_start_and_at_the_end(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(status_lag=30, export_seconds=100)
    arn = geospatial.add_job()
    account.export(arn)
    statuses = {}
    for second in range(0, 160, 20):
        statuses[second] = account.export_status(arn)
        clock.advance(20)
    assert [statuses[second] for second in (0, 20)] == [None, None]
    assert [statuses[second] for second in (40, 100, 120, 140)] == [*["IN_PROGRESS"] * 3, "SUCCEEDED"]
    account.export(arn)
    assert account.export_status(arn) == "SUCCEEDED"  # of the previous export


def test_a_lagging_end_stays_hidden_while_the_next_export_runs(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(status_lag=30, export_seconds=100)
    arn = geospatial.add_job()
    account.export(arn, uri="s3://nowhere")
    clock.advance(100)
    account.export(arn)
    assert account.export_status(arn) == "IN_PROGRESS"  # of the first export, as of 30 s ago
    clock.advance(29)
    assert account.export_status(arn) == "IN_PROGRESS"
    clock.advance(1)
    assert "ExportErrorDetails" not in account.get(arn)  # of the second export
