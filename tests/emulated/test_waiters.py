"""What starting an export waits for, for how long, and how the wait ends."""

from __future__ import annotations

from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from pulumi_sagemaker_geospatial import (
    CancelledError,
    ExportError,
    ExportFailedError,
    JobNotExportableError,
    JobNotFoundError,
    ServiceCallError,
    WaitInterruptedError,
    WaitTimeoutError,
)
from pulumi_sagemaker_geospatial._export.spec import ExportSpec

from tests.support.aws_names import job_arn
from tests.support.calls import InlineCallRunner
from tests.support.emulated_account import JOB, KEYS, create_role, export_request
from tests.support.lifecycle_harness import LifecycleHarness, other_team_exports
from tests.support.simulated_clock import SimulatedClock

EXPORT, GET = "ExportEarthObservationJob", "GetEarthObservationJob"
ARN = job_arn(JOB)
CONTINUES = r"The export may still be running; the next `pulumi up` resumes waiting"


def add_fault(exports: LifecycleHarness, kind: str, operation: str = EXPORT, times: int = 1, **more: Any) -> None:
    exports.control.add_fault(operation=operation, kind=kind, times=times, **more)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("throttle", "waiting: throttled"),
        ("internal", "waiting: service fault"),
        ("drop_before", "waiting: no connection"),
        ("quota", "queued: quota"),
        ("conflict", "queued: job is busy"),
    ],
)
def test_a_transient_fault_is_waited_for_and_shown_in_the_row(exports: LifecycleHarness, kind: str, shown: str) -> None:
    add_fault(exports, kind, times=2)
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 1)
    assert shown in exports.progress
    assert max(map(len, exports.progress)) <= 25


def test_a_response_that_was_lost_starts_no_second_export(exports: LifecycleHarness) -> None:
    add_fault(exports, "drop_after")
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 1)


@pytest.mark.parametrize("kind", ["throttle", "internal", "drop_before"])
def test_a_poll_that_fails_is_repeated(exports: LifecycleHarness, kind: str) -> None:
    add_fault(exports, kind, GET, times=2)
    assert exports.create().status == "SUCCEEDED"


@pytest.mark.parametrize("kind", ["throttle", "internal", "drop_before"])
def test_the_reason_of_a_failed_export_is_asked_until_the_service_tells(exports: LifecycleHarness, kind: str) -> None:
    add_fault(exports, "fail_export", message="no disk")

    def fail_next_polls(**_: Any) -> None:
        if exports.calls() == 2:  # the token was asked: the export is known to have FAILED
            add_fault(exports, kind, GET, times=2)

    exports.boto3_client().meta.events.register(f"after-call.sagemaker-geospatial.{EXPORT}", fail_next_polls)
    with pytest.raises(ExportFailedError, match="no disk"):
        exports.create()
    assert not [fault for fault in exports.control.faults if fault.times]


@pytest.mark.parametrize("kind", ["throttle", "internal", "drop_before"])
def test_a_transient_fault_is_waited_for_beside_a_conflict_too(exports: LifecycleHarness, kind: str) -> None:
    add_fault(exports, "conflict")
    add_fault(exports, kind, GET)
    assert exports.create().status == "SUCCEEDED"


@pytest.mark.parametrize(("code", "status"), [("ServiceUnavailable", 503), ("InternalFailure", 500)])
@pytest.mark.parametrize("operation", [EXPORT, GET])
def test_a_common_error_of_aws_services_is_waited_for(
    exports: LifecycleHarness, operation: str, code: str, status: int
) -> None:
    headers = {"x-amzn-errortype": code}
    add_fault(exports, "respond", operation, status=status, body='{"message": "try later"}', headers=headers)
    assert exports.create().status == "SUCCEEDED"
    assert exports.control.faults == []


@pytest.mark.parametrize("status", ["INITIALIZING", "IN_PROGRESS"])
def test_a_job_that_is_running_is_waited_for(exports: LifecycleHarness, clock: SimulatedClock, status: str) -> None:
    geospatial.add_job(JOB, status=status)
    clock.schedule(50, lambda: geospatial.add_job(JOB, status="COMPLETED"))
    assert exports.create().status == "SUCCEEDED"
    assert f"job is {status}" in exports.progress


@pytest.mark.parametrize("status", ["FAILED", "STOPPED", "STOPPING"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_job_that_will_never_be_completed_is_an_error(
    exports: LifecycleHarness, clock: SimulatedClock, status: str, at_once: bool
) -> None:
    details = {"Type": "CLIENT_ERROR", "Message": "no images"}
    geospatial.add_job(JOB, status="IN_PROGRESS")
    clock.schedule(10, lambda: geospatial.add_job(JOB, status=status, error_details=details))
    clock.advance(20 if at_once else 0)
    expected = rf"exporting {ARN}: the job is {status}: CLIENT_ERROR: no images\. Only a COMPLETED job"
    with pytest.raises(JobNotExportableError, match=expected):
        exports.create(timeout=100)
    assert exports.started() == 0


def test_an_unknown_job_is_an_error_at_once(exports: LifecycleHarness) -> None:
    expected = r"starting the export of .* was refused: ResourceNotFoundException"
    with pytest.raises(JobNotFoundError, match=expected) as caught:
        exports.create(ExportSpec(export_request("nowhere00000")))
    assert "Check the property arn" in str(caught.value)
    assert exports.calls() == 1


def test_a_job_that_is_deleted_during_its_export_is_an_error(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    clock.schedule(100, lambda: add_fault(exports, "not_found", GET))
    with pytest.raises(JobNotFoundError, match=r"waiting for the export of .*: the job was deleted"):
        exports.create()


@pytest.mark.parametrize(
    ("kind", "remediation"),
    [("access_denied", "iam:PassedToService"), ("validation", "Correct the property"), ("not_found", "property arn")],
)
def test_a_final_refusal_is_an_error_at_once(exports: LifecycleHarness, kind: str, remediation: str) -> None:
    add_fault(exports, kind, times=-1, message="Because.")
    with pytest.raises(ServiceCallError, match=r": Because\. ") as caught:
        exports.create()
    assert remediation in str(caught.value)
    assert ARN in str(caught.value)
    assert exports.calls() == 1


def test_a_caller_who_may_not_pass_the_role_is_told_so_at_once(exports: LifecycleHarness) -> None:
    message = "User is not authorized to perform: iam:PassRole on role x"
    add_fault(exports, "access_denied", times=-1, message=message)
    with pytest.raises(ServiceCallError, match="iam:PassRole"):
        exports.create()
    assert exports.calls() == 1


def test_a_role_that_iam_has_not_propagated_yet_is_waited_for(exports: LifecycleHarness) -> None:
    exports.control.configure(role_propagation=60)
    role = create_role("new-role")
    assert exports.create(ExportSpec(export_request(execution_role_arn=role))).status == "SUCCEEDED"


def test_a_role_that_never_trusts_the_service_is_an_error_after_two_minutes(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    role = create_role("other", {"Service": "ec2.amazonaws.com"})
    began = clock.now()
    with pytest.raises(ServiceCallError, match=r"Could not assume role \[execution_role_arn\]"):
        exports.create(ExportSpec(export_request(execution_role_arn=role)))
    assert 120 <= clock.now() - began < 300


@pytest.mark.parametrize("kind", ["throttle", "quota", "drop_before", "conflict"])
def test_a_fault_that_stays_ends_at_the_timeout_with_its_message(
    exports: LifecycleHarness, clock: SimulatedClock, kind: str
) -> None:
    add_fault(exports, kind, times=-1)
    deadline = clock.now() + 60
    expected = rf"starting the export of {ARN}: timed out; increase custom_timeouts\. Last error: .+ {CONTINUES}"
    with pytest.raises(WaitTimeoutError, match=expected):
        exports.create(timeout=60)
    assert clock.now() == pytest.approx(deadline, abs=1)


def test_a_service_that_stays_unreachable_is_an_error_after_a_minute(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    add_fault(exports, "drop_before", times=-1)
    began = clock.now()
    with pytest.raises(ServiceCallError, match="Check the network"):
        exports.create()
    assert 60 <= clock.now() - began < 75


def test_a_service_that_has_answered_in_this_run_is_waited_for_until_the_deadline(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    exports.create()
    add_fault(exports, "drop_before", times=-1)
    with pytest.raises(WaitTimeoutError, match="starting the export of"):
        exports.create(ExportSpec(export_request(), triggers="again"), timeout=600)


def test_an_export_that_takes_longer_than_the_timeout_continues(exports: LifecycleHarness) -> None:
    with pytest.raises(WaitTimeoutError, match=rf"waiting for the export of .*{CONTINUES}"):
        exports.create(timeout=100)


def test_a_wait_whose_polls_fail_ends_at_the_timeout_with_the_last_error(exports: LifecycleHarness) -> None:
    add_fault(exports, "drop_before", GET, times=-1)
    expected = rf"waiting for the export of {ARN}: timed out; .*Last error: getting the status of .+ {CONTINUES}"
    with pytest.raises(WaitTimeoutError, match=expected):
        exports.create(timeout=60)


@pytest.mark.parametrize("kind", ["access_denied", "expired_token", "unknown_status"])
def test_an_error_in_the_middle_of_a_wait_says_that_the_export_continues(
    exports: LifecycleHarness, clock: SimulatedClock, kind: str
) -> None:
    faults: dict[str, dict[str, Any]] = {
        "access_denied": {"kind": "access_denied"},
        "expired_token": {"kind": "respond", "status": 403, "body": '{"__type": "ExpiredTokenException"}'},
        "unknown_status": {
            "kind": "respond",
            "status": 200,
            "body": '{"Status": "COMPLETED", "ExportStatus": "PAUSED"}',
        },
    }
    clock.schedule(100, lambda: exports.control.add_fault(operation=GET, times=-1, **faults[kind]))
    with pytest.raises(ExportError, match=rf"\. {CONTINUES}\. \[SGE\d+\]$") as caught:
        exports.create()
    assert not isinstance(caught.value, WaitInterruptedError)
    exports.control.clear_faults()
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 1)


@pytest.mark.parametrize(("seconds", "started"), [(0, 0), (100, 1)])
def test_a_cancelled_wait_ends_at_once(
    exports: LifecycleHarness, clock: SimulatedClock, seconds: float, started: int
) -> None:
    clock.schedule(seconds, exports.cancel)
    clock.advance(0)
    cancelled_at = clock.now() + seconds
    with pytest.raises(CancelledError, match=r": cancelled\. \[SGE502\]$") as caught:
        exports.create()
    assert isinstance(caught.value, WaitInterruptedError)
    assert exports.started() == started
    assert clock.now() == pytest.approx(cancelled_at, abs=1)


def test_an_export_of_another_team_is_waited_for(exports: LifecycleHarness) -> None:
    other_team_exports(seconds=60)
    state = exports.create()
    assert state.manifest is not None
    assert (state.status, state.manifest.count, exports.started(), exports.calls()) == ("SUCCEEDED", 3, 1, 3)
    assert "queued: job is busy" in exports.progress


def test_without_credentials_the_error_comes_at_once(clock: SimulatedClock) -> None:
    exports = LifecycleHarness({"aws:maxRetries": "0"}, clock=clock, runner=InlineCallRunner())
    began = clock.now()
    with pytest.raises(ServiceCallError, match="credentials"):
        exports.create()
    assert clock.now() == pytest.approx(began, abs=1)


def test_an_endpoint_that_is_no_url_is_an_error_that_names_its_key(clock: SimulatedClock) -> None:
    config = {**KEYS, "aws:endpoints": '[{"sagemakergeospatial": "no address"}]'}
    with pytest.raises(ServiceCallError, match="aws:endpoints"):
        LifecycleHarness(config, clock=clock, runner=InlineCallRunner()).create()


def test_where_the_bucket_cannot_be_listed_the_token_decides(exports: LifecycleHarness) -> None:
    add_fault(exports, "access_denied", "s3:ListObjectsV2", times=-1)
    state = exports.create()
    assert (state.status, state.manifest) == ("SUCCEEDED", None)
    assert exports.warnings[0].startswith("cannot list the destination of an export (AccessDenied); using the job's")


def test_a_users_client_token_is_not_shown(exports: LifecycleHarness) -> None:
    token = "HUSH-" + "0" * 40
    exports.create(ExportSpec(export_request(prefix="other"), token=token))
    with pytest.raises(ExportError, match=r"Client token \[client_token\]") as caught:
        exports.create(ExportSpec(export_request(), token=token))
    assert "HUSH" not in str(caught.value)
