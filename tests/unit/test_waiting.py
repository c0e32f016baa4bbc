"""What is waited for on the emulator, for how long, and the sentences in which a wait ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from moto.core.botocore_stubber import MockRawResponse
from pulumi_sagemaker_geospatial import (
    CallFailed,
    Cancelled,
    ExportError,
    ExportFailed,
    JobNotExportable,
    JobNotFound,
    TimedOut,
    WaitEnded,
)
from pulumi_sagemaker_geospatial.exports import Outcome, Wanted
from pulumi_sagemaker_geospatial.limits import RealClock

from tests.unit.unit_harness import KEYS, Rooms, add_role, arn, client, request

EXPORT, GET = "ExportEarthObservationJob", "GetEarthObservationJob"


def fault(rooms: Rooms, kind: str, operation: str = EXPORT, times: int = 1, **more: Any) -> None:
    rooms.control.add_fault(operation=operation, kind=kind, times=times, **more)


def later(seconds: float, then: Callable[[], Any]) -> None:
    timer = threading.Timer(seconds, then)
    timer.daemon = True
    timer.start()


@pytest.mark.parametrize("kind", ["throttle", "internal", "cut", "quota", "conflict"])
def test_a_fault_that_passes_is_waited_for_and_said_in_the_row(rooms: Rooms, kind: str) -> None:
    fault(rooms, kind, times=2)
    assert rooms.create().answer.status == "SUCCEEDED"
    assert rooms.started() == 1
    assert [report for report in rooms.reports if report.startswith("waiting: ")]


def test_an_answer_that_was_lost_on_its_way_starts_no_second_export(rooms: Rooms) -> None:
    fault(rooms, "cut_after")
    assert (rooms.create().answer.status, rooms.started()) == ("SUCCEEDED", 1)


@pytest.mark.parametrize("kind", ["throttle", "internal", "cut"])
def test_a_look_that_fails_in_passing_is_looked_past(rooms: Rooms, kind: str) -> None:
    rooms.control.configure(export_seconds=0.1)
    fault(rooms, kind, GET, times=2)
    assert rooms.create().answer.status == "SUCCEEDED"


@pytest.mark.parametrize("kind", ["throttle", "internal", "cut"])
def test_why_an_export_failed_is_asked_until_it_is_told(rooms: Rooms, kind: str) -> None:
    fault(rooms, "fail_export", message="no disk")
    fault(rooms, kind, GET, times=2)
    with pytest.raises(ExportFailed, match="no disk"):
        rooms.create()


@pytest.mark.parametrize("kind", ["throttle", "internal", "cut"])
def test_a_fault_that_passes_is_waited_for_beside_a_conflict_too(rooms: Rooms, kind: str) -> None:
    fault(rooms, "conflict")
    fault(rooms, kind, GET)
    assert rooms.create().answer.status == "SUCCEEDED"


@pytest.mark.parametrize("status", ["INITIALIZING", "IN_PROGRESS"])
def test_a_job_that_runs_is_waited_for(rooms: Rooms, status: str) -> None:
    geospatial.add_job("lake00000000", status=status)
    rooms.account.client("sagemaker-geospatial", "us-west-2")
    later(0.5, lambda: geospatial.add_job("lake00000000", status="COMPLETED"))
    assert rooms.create().answer.status == "SUCCEEDED"
    assert f"the job is {status}" in rooms.reports


@pytest.mark.parametrize("status", ["FAILED", "STOPPED", "STOPPING"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_job_that_will_never_be_completed_is_an_error(rooms: Rooms, status: str, at_once: bool) -> None:
    details = {"Type": "CLIENT_ERROR", "Message": "no images"}

    def ends() -> None:
        geospatial.add_job("lake00000000", status=status, error_details=details)

    if at_once:
        ends()
    else:
        geospatial.add_job("lake00000000", status="IN_PROGRESS")
        later(0.1, ends)
    said = rf"exporting {arn()}: the job is {status}: CLIENT_ERROR: no images\. Only a COMPLETED job"
    with pytest.raises(JobNotExportable, match=said):
        rooms.create(timeout=100)
    assert rooms.started() == 0


def test_a_job_that_is_not_there_is_an_error_at_once(rooms: Rooms) -> None:
    with pytest.raises(
        JobNotFound, match=r"starting the export of .* was refused: ResourceNotFoundException"
    ) as caught:
        rooms.create(Wanted(request("nowhere00000")))
    assert "Check the property arn" in str(caught.value)
    assert rooms.calls() == 1


def test_a_job_that_is_deleted_during_its_export_is_an_error(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=60)
    later(0.1, lambda: fault(rooms, "not_found", GET))
    with pytest.raises(JobNotFound, match=r"waiting for the export of .*: the job was deleted meanwhile"):
        rooms.create()


@pytest.mark.parametrize(
    ("kind", "advice"),
    [("access_denied", "iam:PassedToService"), ("validation", "Correct the property"), ("not_found", "property arn")],
)
def test_a_refusal_that_stays_is_an_error_at_once(rooms: Rooms, kind: str, advice: str) -> None:
    fault(rooms, kind, times=-1, message="Because.")
    with pytest.raises(CallFailed, match=r": Because\. ") as caught:
        rooms.create()
    assert advice in str(caught.value)
    assert arn() in str(caught.value)
    assert rooms.calls() == 1


def test_a_caller_who_may_not_pass_the_role_is_told_so_at_once(rooms: Rooms) -> None:
    fault(rooms, "access_denied", times=-1, message="User is not authorized to perform: iam:PassRole on role x")
    with pytest.raises(CallFailed, match="iam:PassRole"):
        rooms.create()
    assert rooms.calls() == 1


def test_a_role_that_iam_has_not_spread_yet_is_waited_for(rooms: Rooms) -> None:
    rooms.control.configure(role_propagation=1.0)
    new = add_role("new-role")
    assert rooms.create(Wanted(request(execution_role_arn=new))).answer.status == "SUCCEEDED"


def test_a_role_that_never_trusts_the_service_is_an_error_after_two_minutes(rooms: Rooms) -> None:
    other = add_role("other", {"Service": "ec2.amazonaws.com"})
    began = rooms.clock.now()
    with pytest.raises(CallFailed, match=r"Could not assume role \[execution_role_arn\]"):
        rooms.create(Wanted(request(execution_role_arn=other)), timeout=3600)
    assert 120 <= rooms.clock.now() - began < 300


@pytest.mark.parametrize("kind", ["throttle", "quota", "cut", "conflict"])
def test_what_does_not_pass_ends_at_the_timeout_in_a_sentence(rooms: Rooms, kind: str) -> None:
    fault(rooms, kind, times=-1)
    with pytest.raises(TimedOut, match=rf"starting the export of {arn()}: the timeout is over\. .*custom_timeouts"):
        rooms.create(timeout=5)


def test_an_export_that_takes_longer_than_the_timeout_goes_on(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=60)
    with pytest.raises(TimedOut, match=r"waiting for the export of .*The export itself goes on .*joins it"):
        rooms.create(timeout=10)


@pytest.mark.parametrize("before", [True, False])
def test_a_cancelled_wait_says_that_the_export_goes_on(rooms: Rooms, before: bool) -> None:
    rooms.control.configure(export_seconds=60)
    if before:
        rooms.stop()
    else:

        def once_started() -> None:
            while not rooms.started():
                time.sleep(0.01)
            rooms.stop()

        threading.Thread(target=once_started).start()
    with pytest.raises(
        Cancelled, match=r"cancelled\..* The export itself goes on .* next `pulumi up` joins it"
    ) as caught:
        rooms.create(timeout=6000)
    assert isinstance(caught.value, WaitEnded)
    assert rooms.started() == (0 if before else 1)


def both(rooms: Rooms, *wanted: Wanted, timeout: float = 600) -> list[Outcome | ExportError]:
    """What exports end in that are started side by side."""
    found: dict[int, Outcome | ExportError] = {}

    def one(number: int) -> None:
        try:
            found[number] = rooms.create(wanted[number], timeout=timeout)
        except ExportError as exc:
            found[number] = exc

    threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(len(wanted))]
    for each in threads:
        each.start()
        time.sleep(0.02)
    for each in threads:
        each.join(30)
    return [found[number] for number in range(len(wanted))]


def test_two_exports_of_a_job_take_turns(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.3)
    found = both(rooms, Wanted(request()), Wanted(request(prefix="river")))
    assert [each.answer.status for each in found if isinstance(each, Outcome)] == ["SUCCEEDED"] * 2
    exports = [call for call in rooms.control.calls if call["operation"] == EXPORT]
    assert [call["status"] for call in exports] == [200, 200]
    assert exports[1]["time"] - exports[0]["time"] >= 0.3
    assert "queued: another export of the job runs" in rooms.reports


def test_exports_of_two_jobs_do_not_wait_for_each_other(rooms: Rooms) -> None:
    geospatial.add_job("river0000000")
    rooms.control.configure(export_seconds=0.5)
    began = time.monotonic()
    both(rooms, Wanted(request()), Wanted(request("river0000000")))
    assert time.monotonic() - began < 1.0


def test_whoever_waits_for_its_turn_keeps_its_own_timeout(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=1.5)
    first, second = both(rooms, Wanted(request()), Wanted(request(prefix="river")), timeout=100)
    assert isinstance(second, TimedOut)
    assert str(second).startswith(f"waiting for another export of {arn()}: the timeout is over")
    assert isinstance(first, TimedOut)


def test_an_export_that_somebody_else_has_started_is_waited_for(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.3)
    rooms.service.start(request(prefix="theirs"), "t" * 36)
    assert rooms.create().answer.status == "SUCCEEDED"
    assert rooms.calls() == 3


def test_an_own_export_in_the_turn_of_another_process_is_not_taken_for_the_others(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.2)
    rooms.service.start(request(prefix="theirs"), "t" * 36)
    outcome = rooms.create()
    assert outcome.written is not None
    assert outcome.written.count == 3


def test_without_credentials_nobody_waits_for_an_hour(rooms: Rooms) -> None:
    bare = Rooms(config={"aws:maxRetries": "0"})
    with pytest.raises(CallFailed, match="credentials"):
        bare.create(timeout=20)


def test_an_endpoint_that_is_no_address_is_a_sentence(rooms: Rooms) -> None:
    config = {**KEYS, "aws:endpoints": '[{"sagemakergeospatial": "no address"}]'}
    with pytest.raises(CallFailed, match="aws:endpoints"):
        Rooms(config=config).create(timeout=20)


def test_a_bucket_that_may_not_be_listed_leaves_the_status_to_decide(rooms: Rooms) -> None:
    rooms.control.configure(export_seconds=0.1)
    s3 = rooms.account.client("s3", "us-west-2")
    s3.meta.events.register("before-call.s3.ListObjectsV2", _denied)
    outcome = rooms.create()
    assert (outcome.answer.status, outcome.written) == ("SUCCEEDED", None)
    assert "the status alone decides" in rooms.warned[0]


def _denied(**_: Any) -> None:
    refused = {"Error": {"Code": "AccessDenied", "Message": "no"}}
    raise client("s3").exceptions.ClientError(refused, "ListObjectsV2")


def test_the_machines_clock_ends_a_wait_when_its_event_is_set() -> None:
    event = threading.Event()
    clock = RealClock()
    assert not clock.wait(event, 0.01)
    event.set()
    assert clock.wait(event, 60)
    assert clock.now() <= clock.now()


@pytest.mark.parametrize(("code", "status"), [("ServiceUnavailable", 503), ("InternalFailure", 500)])
@pytest.mark.parametrize("operation", [EXPORT, GET])
def test_a_common_error_of_the_services_side_is_waited_for(
    rooms: Rooms, operation: str, code: str, status: int
) -> None:
    rooms.control.configure(export_seconds=0.1)
    answered = threading.Event()

    def answer(request: Any, **_: Any) -> AWSResponse | None:
        if answered.is_set():
            return None
        answered.set()
        headers: Any = HeadersDict({"x-amzn-errortype": code, "content-type": "application/json"})
        return AWSResponse(request.url, status, headers, MockRawResponse(b'{"message": "try later"}'))

    events = rooms.account.client("sagemaker-geospatial", "us-west-2").meta.events
    events.register(f"before-send.sagemaker-geospatial.{operation}", answer)
    assert rooms.create().answer.status == "SUCCEEDED"
    assert answered.is_set()


@pytest.mark.parametrize("mode", ["conflict", "error"])
def test_a_spent_token_is_believed_before_a_status_that_lags(rooms: Rooms, mode: str) -> None:
    rooms.control.configure(tokens=mode, status_lag=0.6, export_seconds=0.05)
    rooms.create(Wanted(request(), wait=False))
    time.sleep(0.2)
    again = Rooms()
    assert again.create(Wanted(request())).answer.status == "SUCCEEDED"
    assert rooms.started() == 1


def test_a_client_token_of_the_users_is_not_told(rooms: Rooms) -> None:
    token = "HUSH-" + "0" * 40
    rooms.create(Wanted(request(prefix="other"), token=token))
    with pytest.raises(ExportError, match=r"Client token \[client_token\]") as caught:
        rooms.create(Wanted(request(), token=token))
    assert "HUSH" not in str(caught.value)
