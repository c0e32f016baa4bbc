"""The life of one export: which export a token stands for, and how its outcome is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import moto_sagemaker_geospatial as geospatial
import pytest
from pulumi_sagemaker_geospatial import ExportFailedError, OutcomeUndeterminedError
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.token import derived_token
from pulumi_sagemaker_geospatial._geospatial.statuses import MAX_STATUS_LAG

from tests.emulated.histories import fail_once, lose_record, tokens_sent
from tests.support.aws_names import ACCOUNT, REGION, job_arn
from tests.support.emulated_account import JOB, export_request, put_object
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.simulated_clock import SimulatedClock

REFUSING = ["error", "conflict"]


@pytest.mark.parametrize(("seconds", "calls"), [(0, 2), (45, 2), (300, 1)])
def test_a_first_creation_exports_once_and_asks_the_token_only_where_it_was_not_seen_running(
    exports: LifecycleHarness, seconds: float, calls: int
) -> None:
    exports.control.configure(export_seconds=seconds)
    state = exports.create()
    assert (state.status, state.attempt, exports.started(), exports.calls()) == ("SUCCEEDED", 0, 1, calls)
    assert state.manifest is not None
    assert state.manifest.count == 3
    assert set(tokens_sent(exports)) == {derived_token(export_request(), None, 0)}
    assert (exports.adoptions, exports.warnings) == ([], [])


def test_an_export_that_is_not_waited_for_is_only_started(exports: LifecycleHarness) -> None:
    state = exports.create(ExportSpec(export_request(), wait_for_completion=False))
    assert (state.status, state.manifest, exports.calls("GetEarthObservationJob")) == ("IN_PROGRESS", None, 0)


def test_the_token_decides_where_objects_are_not_verified(exports: LifecycleHarness) -> None:
    state = exports.create(ExportSpec(export_request(), verify_objects=False))
    assert (state.status, state.manifest, exports.calls()) == ("SUCCEEDED", None, 2)
    assert exports.calls("s3:ListObjectsV2") == 0


def test_an_export_that_is_running_is_joined(exports: LifecycleHarness) -> None:
    exports.create(ExportSpec(export_request(), wait_for_completion=False))
    state = exports.create()
    assert (state.status, state.attempt, exports.started()) == ("SUCCEEDED", 0, 1)


def test_a_failed_export_has_the_services_message(exports: LifecycleHarness) -> None:
    fail_once(exports, message="no disk")
    expected = r"the export FAILED: export_results: CLIENT_ERROR: no disk\. Fix the cause and rerun `pulumi up`"
    with pytest.raises(ExportFailedError, match=expected):
        exports.create()


@pytest.mark.parametrize("mode", ["replay", *REFUSING])
def test_after_a_failure_the_next_run_exports_anew(exports: LifecycleHarness, clock: SimulatedClock, mode: str) -> None:
    exports.control.configure(tokens=mode)
    fail_once(exports)
    with pytest.raises(ExportFailedError):
        exports.create()
    lose_record(exports, clock)
    state = exports.create()
    assert (state.status, state.attempt, exports.started()) == ("SUCCEEDED", 1, 2)


def test_a_service_that_has_forgotten_a_failed_exports_token_exports_anew(exports: LifecycleHarness) -> None:
    exports.control.configure(tokens="forget")
    fail_once(exports)
    state = exports.create()
    assert (state.status, state.attempt, exports.started()) == ("SUCCEEDED", 0, 2)


def test_a_forgotten_token_exports_anew_at_most_once(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    exports.control.configure(tokens="forget")
    exports.create()
    lose_record(exports, clock)
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 2)


@pytest.mark.parametrize("mode", ["replay", *REFUSING, "forget"])
def test_a_replacement_exports_anew_and_a_killed_one_is_joined(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode)
    exports.create()
    newest = clock.at
    clock.advance(3600)
    plan = CreatePlan(attempt=1, newer_than=newest)
    exports.create(ExportSpec(export_request(), wait_for_completion=False), plan)
    state = exports.create(plan=plan)
    assert (state.status, state.attempt, exports.started()) == ("SUCCEEDED", 1, 2)
    assert state.created > newest + timedelta(minutes=50)


@pytest.mark.parametrize("verify", [True, False])
def test_a_lagging_status_of_the_export_before_is_not_believed(
    exports: LifecycleHarness, clock: SimulatedClock, verify: bool
) -> None:
    exports.create()
    lose_record(exports, clock)
    exports.control.configure(status_lag=150)
    state = exports.create(ExportSpec(export_request(), triggers="again", verify_objects=verify))
    assert (state.status, exports.started()) == ("SUCCEEDED", 2)
    last = geospatial.sagemakergeospatial_backends[ACCOUNT][REGION].jobs[job_arn(JOB)].exports[-1]
    assert last.last_status == "SUCCEEDED"


def test_a_lagging_failure_of_the_export_before_is_not_believed(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    fail_once(exports)
    with pytest.raises(ExportFailedError):
        exports.create()
    lose_record(exports, clock)
    exports.control.configure(status_lag=150)
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 2)


def test_a_status_that_lags_costs_few_calls(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    exports.create()
    lose_record(exports, clock)
    exports.control.configure(export_seconds=200, status_lag=150)
    exports.control.forget_calls()
    exports.create(ExportSpec(export_request(), triggers="again"))
    assert exports.calls() + exports.calls("GetEarthObservationJob") <= 40  # jitter makes it 33 to 37


@pytest.mark.parametrize("mode", REFUSING)
def test_a_failure_before_the_first_poll_is_known_when_the_status_cannot_lag_any_longer(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode, export_seconds=1)
    fail_once(exports, message="no disk")
    began = clock.now()
    with pytest.raises(ExportFailedError, match="no disk"):
        exports.create()
    assert clock.now() - began > MAX_STATUS_LAG


@pytest.mark.parametrize("mode", REFUSING)
def test_a_success_before_the_first_poll_stays_undetermined_without_objects_where_used_tokens_are_refused(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode, export_seconds=1)
    began = clock.now()
    with pytest.raises(OutcomeUndeterminedError, match=r"Check the objects at the destination, and change triggers"):
        exports.create(ExportSpec(export_request(), verify_objects=False))
    assert clock.now() - began > MAX_STATUS_LAG
    assert exports.started() == 1


@pytest.mark.parametrize("mode", REFUSING)
def test_a_success_before_the_first_poll_is_taken_after_the_lag_where_used_tokens_are_refused(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode, export_seconds=1)
    began = clock.now()
    assert exports.create().status == "SUCCEEDED"
    assert clock.now() - began > MAX_STATUS_LAG
    assert "the service does not confirm its client token" in exports.warnings[0]


@pytest.mark.parametrize("mode", REFUSING)
def test_a_short_export_that_was_seen_running_succeeds_with_a_warning_where_used_tokens_are_refused(
    exports: LifecycleHarness, mode: str
) -> None:
    exports.control.configure(tokens=mode, export_seconds=30)
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 1)
    assert "is taken as SUCCEEDED by the job's status and its objects" in exports.warnings[0]


def test_joining_an_export_that_has_ended_meanwhile_does_not_export_again(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    exports.control.configure(tokens="forget")
    spec = ExportSpec(export_request(), wait_for_completion=False, verify_objects=False)
    state = exports.create(spec)
    clock.advance(310)
    joined = exports.lifecycle.join(replace(spec, wait_for_completion=True), state, exports.context(), age=310)
    assert (joined.status, exports.started(), exports.calls()) == ("SUCCEEDED", 1, 1)


def test_a_success_without_objects_is_reported(exports: LifecycleHarness) -> None:
    geospatial.add_job(JOB, objects=0)
    state = exports.create()
    assert state.manifest is not None
    assert (state.status, state.manifest.count) == ("SUCCEEDED", 0)
    assert "succeeded, but no objects found at its destination; drift detection disabled" in exports.warnings[0]


def test_objects_that_are_older_than_the_export_are_not_its_own(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    put_object("theirs.xml")
    clock.advance(3600)
    state = exports.create()
    assert state.manifest is not None
    assert state.manifest.count == 3
