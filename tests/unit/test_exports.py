"""The life of one export on the emulator: which export a token stands for, and what is believed of an answer."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from pulumi_sagemaker_geospatial import AnswerMismatch, ExportFailed, StatusUnknown, TokenSpent
from pulumi_sagemaker_geospatial.declared import Plan
from pulumi_sagemaker_geospatial.exports import Wanted
from pulumi_sagemaker_geospatial.request import derived_token

from tests.unit.unit_harness import TOKEN, Rooms, age, arn, names, put, request, take

HOUR = timedelta(hours=1)


@pytest.fixture
def an_hour_ago(rooms: Rooms) -> None:
    """One export has SUCCEEDED an hour ago, and its record was lost."""
    lost(rooms)


def lost(rooms: Rooms, wanted: Wanted | None = None) -> None:
    rooms.create(wanted)
    forgotten(rooms)


def failed_before(rooms: Rooms, wanted: Wanted | None = None) -> None:
    rooms.control.add_fault(operation="ExportEarthObservationJob", kind="fail_export")
    with pytest.raises(ExportFailed):
        rooms.create(wanted)
    forgotten(rooms)


def forgotten(rooms: Rooms) -> None:
    age()
    for said in (rooms.informed, rooms.warned, rooms.reports):
        said.clear()


def tokens(rooms: Rooms) -> list[str]:
    return [call["token"] for call in rooms.control.calls if call["operation"] == "ExportEarthObservationJob"]


@pytest.mark.parametrize("seconds", [0, 0.1])
def test_a_first_creation_exports_once_and_sees_what_was_written(rooms: Rooms, seconds: float) -> None:
    rooms.control.configure(export_seconds=seconds)
    outcome = rooms.create()
    assert (outcome.answer.status, outcome.attempt) == ("SUCCEEDED", 0)
    assert outcome.written is not None
    assert (outcome.written.count, rooms.started(), rooms.calls()) == (3, 1, 1)
    assert tokens(rooms) == [derived_token(request(), None, 0)]
    assert (rooms.informed, rooms.warned) == ([], [])


def test_what_is_not_to_be_waited_for_is_only_started(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=60)
    outcome = rooms.create(Wanted(request(), wait=False))
    assert (outcome.answer.status, outcome.written, rooms.calls("GetEarthObservationJob")) == ("IN_PROGRESS", None, 0)


def test_a_status_alone_decides_where_objects_are_not_to_be_looked_at(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.1)
    outcome = rooms.create(Wanted(request(), verify=False))
    assert (outcome.answer.status, outcome.written) == ("SUCCEEDED", None)


def test_an_export_that_runs_is_joined(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.3)
    rooms.create(Wanted(request(), wait=False))
    outcome = rooms.create()
    assert (outcome.answer.status, outcome.attempt, rooms.started()) == ("SUCCEEDED", 0, 1)


def test_an_export_whose_record_was_lost_is_adopted_and_says_how_to_force_another(
    rooms: Rooms, an_hour_ago: None
) -> None:
    outcome = rooms.create()
    assert (outcome.answer.status, outcome.attempt, rooms.started()) == ("SUCCEEDED", 0, 1)
    [said] = rooms.informed
    assert "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN" in said


def test_where_nothing_may_be_adopted_the_next_attempt_exports(bare_account: None) -> None:
    rooms = Rooms(adopts=False)
    lost(rooms)
    assert (rooms.create().attempt, rooms.started()) == (1, 2)


def test_an_export_whose_objects_are_gone_is_made_anew(rooms: Rooms, an_hour_ago: None) -> None:
    for name in names():
        take(name)
    outcome = rooms.create()
    assert (outcome.attempt, rooms.started(), len(names())) == (1, 2, 3)


def test_a_failed_export_carries_the_services_words(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.1)
    rooms.control.add_fault(operation="ExportEarthObservationJob", kind="fail_export", message="no disk")
    with pytest.raises(ExportFailed, match=r"ended FAILED: export_results: CLIENT_ERROR: no disk\. Put right"):
        rooms.create()


@pytest.mark.parametrize("mode", ["replay", "error", "conflict", "forget"])
def test_after_a_failure_the_next_run_exports_anew(rooms: Rooms, mode: str) -> None:
    rooms.control.configure(tokens=mode)
    failed_before(rooms)
    outcome = rooms.create()
    assert (outcome.answer.status, rooms.started()) == ("SUCCEEDED", 2)
    assert outcome.attempt == (0 if mode == "forget" else 1)


@pytest.mark.parametrize("mode", ["error", "conflict"])
def test_a_service_that_answers_a_spent_token_with_an_error_has_its_export_adopted(rooms: Rooms, mode: str) -> None:
    rooms.control.configure(tokens=mode)
    lost(rooms)
    outcome = rooms.create()
    assert (outcome.answer.status, rooms.started()) == ("SUCCEEDED", 1)
    assert outcome.written is not None
    assert outcome.written.count == 3


def test_a_forgotten_token_exports_anew_at_most_once(rooms: Rooms) -> None:
    rooms.control.configure(tokens="forget")
    lost(rooms)
    assert (rooms.create().answer.status, rooms.started()) == ("SUCCEEDED", 2)


@pytest.mark.parametrize("mode", ["replay", "error", "conflict", "forget"])
def test_a_replacement_exports_anew_and_a_killed_one_is_joined(rooms: Rooms, an_hour_ago: None, mode: str) -> None:
    rooms.control.configure(tokens=mode, export_seconds=0.3)
    newest = datetime.now(timezone.utc) - HOUR + timedelta(seconds=5)
    plan = Plan(attempt=1, newer_than=newest)
    rooms.create(Wanted(request(), wait=False), plan)
    outcome = rooms.create(plan=plan)
    assert (outcome.answer.status, outcome.attempt, rooms.started()) == ("SUCCEEDED", 1, 2)
    assert outcome.answer.created > newest


@pytest.mark.parametrize("verify", [True, False])
def test_a_lagging_status_of_the_export_before_is_not_believed(rooms: Rooms, an_hour_ago: None, verify: bool) -> None:
    rooms.control.configure(export_seconds=0.3, status_lag=0.15)
    outcome = rooms.create(Wanted(request(), triggers="again", verify=verify))
    assert (outcome.answer.status, rooms.started()) == ("SUCCEEDED", 2)
    last = geospatial.sagemakergeospatial_backends["123456789012"]["us-west-2"].jobs[arn()].exports[-1]
    assert str(last.current()) == "SUCCEEDED"


def test_a_lagging_failure_of_the_export_before_is_not_believed(rooms: Rooms) -> None:
    failed_before(rooms)
    rooms.control.configure(export_seconds=0.3, status_lag=0.15)
    assert rooms.create().answer.status == "SUCCEEDED"


@pytest.mark.parametrize("mode", ["error", "conflict"])
def test_an_end_before_the_first_look_is_told_by_a_service_that_spends_tokens(rooms: Rooms, mode: str) -> None:
    rooms.control.configure(tokens=mode, export_seconds=0.005)
    rooms.control.add_fault(operation="ExportEarthObservationJob", kind="fail_export", message="no disk")
    with pytest.raises(ExportFailed, match="no disk"):
        rooms.create()


@pytest.mark.parametrize("mode", ["error", "conflict"])
def test_a_quick_success_that_is_not_verified_is_told_by_a_service_that_spends_tokens(rooms: Rooms, mode: str) -> None:
    rooms.control.configure(tokens=mode, export_seconds=0.005)
    assert rooms.create(Wanted(request(), verify=False)).answer.status == "SUCCEEDED"


def test_waiting_for_what_has_ended_meanwhile_does_not_export_again(rooms: Rooms) -> None:
    rooms.control.configure(tokens="forget", export_seconds=0.01)
    wanted = Wanted(request(), wait=False, verify=False)
    answer = rooms.create(wanted).answer
    threading.Event().wait(0.1)
    outcome = rooms.exports.join(replace(wanted, wait=True), answer, 0, rooms.world())
    assert (outcome.answer.status, rooms.started()) == ("SUCCEEDED", 1)


def test_a_success_that_wrote_nothing_is_said(rooms: Rooms) -> None:
    geospatial.add_job("lake00000000", objects=0)
    rooms.control.configure(export_seconds=0.1)
    outcome = rooms.create()
    assert outcome.written is not None
    assert outcome.written.count == 0
    assert "nothing that it wrote lies at the destination" in rooms.warned[0]


def test_what_lay_there_before_is_not_the_exports(rooms: Rooms) -> None:
    put("theirs.xml")
    age()
    outcome = rooms.create()
    assert outcome.written is not None
    assert outcome.written.count == 3


def given(token: str = TOKEN, **more: Any) -> Wanted:
    return Wanted(request(**more), token=token)


def test_a_token_of_the_users_is_used_as_it_is(rooms: Rooms) -> None:
    rooms.create(given())
    assert tokens(rooms) == [TOKEN]


@pytest.mark.parametrize("mode", ["replay", "error", "conflict"])
def test_a_users_token_whose_export_has_failed_needs_another(rooms: Rooms, mode: str) -> None:
    rooms.control.configure(tokens=mode)
    failed_before(rooms, given())
    with pytest.raises(TokenSpent, match=r"Give a new client_token, or leave it out"):
        rooms.create(given())
    assert rooms.started() == 1


def test_a_users_token_with_another_request_is_refused_in_the_services_words(rooms: Rooms) -> None:
    lost(rooms, given())
    with pytest.raises(TokenSpent, match="was used already with other parameters"):
        rooms.create(given(export_source_images=True))


def answered(rooms: Rooms, **changes: Any) -> None:
    """The service's answers to an export are changed on their way."""
    client = rooms.account.client("sagemaker-geospatial", "us-west-2")

    def change(parsed: dict[str, Any], **_: Any) -> None:
        parsed.update(changes)

    client.meta.events.register("after-call.sagemaker-geospatial.ExportEarthObservationJob", change)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"OutputConfig": {"S3Data": {"S3Uri": "s3://elsewhere/"}}}, "output_config.s3_data.s3_uri"),
        (
            {"OutputConfig": {"S3Data": {"S3Uri": "s3://exports/lake/", "KmsKeyId": "k"}}},
            "output_config.s3_data.kms_key_id",
        ),
        ({"ExecutionRoleArn": "arn:aws:iam::123456789012:role/other"}, "execution_role_arn"),
        ({"ExportSourceImages": True}, "export_source_images"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_for_another_request_is_no_success(rooms: Rooms, changes: dict[str, Any], named: str) -> None:
    answered(rooms, **changes)
    with pytest.raises(AnswerMismatch, match=f"for an export with another {named}, which") as caught:
        rooms.create()
    assert "elsewhere" not in str(caught.value)


@pytest.mark.parametrize("uri", ["s3://exports/lake", "s3://exports/lake/"])
def test_a_slash_at_the_end_makes_no_other_answer(rooms: Rooms, uri: str) -> None:
    answered(rooms, OutputConfig={"S3Data": {"S3Uri": uri, "KmsKeyId": ""}})
    assert rooms.create().answer.status == "SUCCEEDED"


def test_a_key_that_is_answered_by_its_arn_is_the_same(rooms: Rooms) -> None:
    answered(
        rooms, OutputConfig={"S3Data": {"S3Uri": "s3://exports/lake/", "KmsKeyId": "arn:aws:kms:us-west-2:1:key/k"}}
    )
    config = {"s3_data": {"s3_uri": "s3://exports/lake/", "kms_key_id": "k"}}
    rooms.control.configure(export_seconds=60)
    assert rooms.create(Wanted(request(output_config=config), wait=False)).answer.status == "IN_PROGRESS"


def test_a_status_that_nobody_knows_is_an_error(rooms: Rooms) -> None:
    answered(rooms, ExportStatus="PAUSED")
    with pytest.raises(StatusUnknown, match="has the status PAUSED"):
        rooms.create()


def test_the_arn_of_the_answer_is_the_one_that_is_polled(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.1)
    other = geospatial.add_job("outputjob000")
    rooms.service.start(request("outputjob000"), TOKEN)
    answered(rooms, Arn=other)
    rooms.create(Wanted(request(), verify=False))
    polled = {call["arn"] for call in rooms.control.calls if call["operation"] == "GetEarthObservationJob"}
    assert polled == {other}


def test_a_status_that_lags_costs_no_more_calls_than_another(rooms: Rooms, an_hour_ago: None) -> None:
    rooms.control.configure(export_seconds=2.0, status_lag=1.5)
    rooms.control.forget_calls()
    rooms.create(Wanted(request(), triggers="again"))
    assert rooms.calls() + rooms.calls("GetEarthObservationJob") <= 25


@pytest.mark.parametrize("mode", ["error", "conflict"])
def test_a_failed_export_is_not_taken_for_one_because_of_what_others_wrote(rooms: Rooms, mode: str) -> None:
    rooms.control.configure(tokens=mode)
    failed_before(rooms)
    put("theirs.xml")
    rooms.service.start(request(prefix="elsewhere"), "t" * 36)
    rooms.create()
    assert "output/consolidated/tile_00000.tif" in names()
