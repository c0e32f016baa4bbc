"""What follows from what a refresh has observed: one test for each situation of the README's table, and the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.refresh import Observation, Refreshed, refreshed_state
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription
from pulumi_sagemaker_geospatial._geospatial.statuses import EXPORT_STATUSES, MAX_STATUS_LAG
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object

from tests.support.recorded_exports import at, described_job, foreign_objects, overwritten, recorded, written_objects

OWN = written_objects(3)
SUCCEEDED = recorded("SUCCEEDED", OWN)
RUNNING = recorded("IN_PROGRESS")
DETAILS = {"export_results": {"type": "CLIENT_ERROR", "message": "no access"}}
FAILED = recorded("FAILED", error_details=DETAILS)
LATE = int(MAX_STATUS_LAG) + 1


def refresh(
    state: ExportState, job: JobDescription | None, objects: list[S3Object] | None, seconds: float = LATE
) -> Refreshed:
    """Return what follows from an observation, ``seconds`` after the start."""
    return refreshed_state(state, Observation(job, objects, at(seconds)))


def state_after(*observation: Any, **more: Any) -> ExportState:
    refreshed = refresh(*observation, **more)
    assert refreshed.state is not None
    return refreshed.state


# Recorded SUCCEEDED


def test_an_intact_export_stays_as_it_is() -> None:
    assert refresh(SUCCEEDED, described_job("SUCCEEDED"), OWN) == Refreshed(SUCCEEDED)


@pytest.mark.parametrize(
    ("objects", "drift"),
    [
        (OWN[:2], "1 of 3 objects is gone"),
        ([], "3 of 3 objects are gone"),
        ([*OWN[:2], *overwritten(OWN[2:], 900)], f"1 of 3 objects was overwritten, first {OWN[2].name}"),
    ],
)
def test_missing_or_overwritten_objects_are_drift(objects: list[S3Object], drift: str) -> None:
    refreshed = refresh(SUCCEEDED, described_job("SUCCEEDED"), objects)
    assert refreshed.state == recorded("SUCCEEDED", OWN, drift=drift)
    assert refreshed.warnings == []


@pytest.mark.parametrize("suffix", ["xml", "tif"])
def test_objects_that_others_added_are_no_drift(suffix: str) -> None:
    assert refresh(SUCCEEDED, described_job("SUCCEEDED"), [*OWN, *foreign_objects(2, 900, suffix)]) == Refreshed(
        SUCCEEDED
    )


def test_a_deleted_job_whose_objects_are_intact_is_a_warning() -> None:
    refreshed = refresh(SUCCEEDED, None, OWN)
    assert refreshed == Refreshed(SUCCEEDED, ["the job was deleted; this export's objects are intact"])


def test_a_deleted_job_whose_objects_have_drifted_cannot_be_exported_again() -> None:
    refreshed = refresh(SUCCEEDED, None, OWN[:2])
    assert refreshed.state == recorded("SUCCEEDED", OWN, drift="1 of 3 objects is gone")
    assert refreshed.warnings == [
        "the job was deleted, so that it cannot be exported again: restore the objects or remove the export"
    ]


@pytest.mark.parametrize("objects", [[], foreign_objects(2, 900), foreign_objects(1, -10)])
def test_an_export_whose_job_and_objects_are_gone_is_gone(objects: list[S3Object]) -> None:
    assert refresh(SUCCEEDED, None, objects) == Refreshed(None)
    assert refresh(recorded("SUCCEEDED", []), None, objects) == Refreshed(None)


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED"])
def test_another_export_of_the_job_is_a_warning_while_the_objects_are_intact(status: Any) -> None:
    refreshed = refresh(SUCCEEDED, described_job(status, DETAILS), OWN)
    assert refreshed == Refreshed(
        SUCCEEDED, [f"another export of the job is {status}; this export's objects are intact"]
    )


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED"])
def test_another_export_of_the_job_does_not_hide_drift(status: Any) -> None:
    refreshed = refresh(SUCCEEDED, described_job(status), OWN[:2])
    assert (refreshed.state, refreshed.warnings) == (recorded("SUCCEEDED", OWN, drift="1 of 3 objects is gone"), [])
    assert refreshed.drift_warning == (
        f"drift: 1 of 3 objects is gone; names of lost objects are not recorded; remaining: {OWN[0].name}, {OWN[1].name} [SGE408]"
    )


@pytest.mark.parametrize("status", [*EXPORT_STATUSES, None])
def test_recorded_success_stays_while_s3_is_out_of_reach(status: Any) -> None:
    assert refresh(SUCCEEDED, described_job(status, DETAILS), None) == Refreshed(SUCCEEDED)


def test_recorded_success_stays_while_s3_is_out_of_reach_and_the_job_was_deleted() -> None:
    refreshed = refresh(SUCCEEDED, None, None)
    assert refreshed == Refreshed(
        SUCCEEDED, ["the job was deleted, and its objects cannot be seen: the export stays as recorded"]
    )


@pytest.mark.parametrize("verify", [True, False])
def test_recorded_drift_stays_while_objects_that_are_verified_cannot_be_seen(verify: bool) -> None:
    drifted = replace(recorded("SUCCEEDED", OWN, drift="1 of 3 objects is gone"), verify_objects=verify)
    drift = state_after(drifted, described_job("SUCCEEDED"), None).drift
    assert drift == ("1 of 3 objects is gone" if verify else None)


def test_drift_that_is_repaired_disappears() -> None:
    drifted = recorded("SUCCEEDED", OWN, drift="1 of 3 objects is gone")
    assert refresh(drifted, described_job("SUCCEEDED"), OWN) == Refreshed(SUCCEEDED)


def test_objects_that_become_visible_after_the_export_are_compared_from_now_on() -> None:
    unseen = recorded("SUCCEEDED")
    sidecars = foreign_objects(2, 400)
    state = state_after(unseen, described_job("SUCCEEDED"), [*OWN, *sidecars])
    assert state == recorded("SUCCEEDED", OWN, observed_late=True)
    assert refresh(state, described_job("SUCCEEDED"), OWN[:2]).state == recorded(
        "SUCCEEDED", OWN, observed_late=True, drift="1 of 3 objects is gone"
    )


def test_an_export_whose_objects_cannot_be_found_at_the_first_look_has_drifted() -> None:
    state = state_after(recorded("SUCCEEDED"), described_job("SUCCEEDED"), foreign_objects(2, -10))
    assert state == recorded("SUCCEEDED", drift="none of this export's objects were found")
    assert state_after(state, described_job("SUCCEEDED"), OWN) == recorded("SUCCEEDED", OWN, observed_late=True)


def test_an_export_whose_objects_were_never_seen_is_gone_with_its_job_and_its_objects() -> None:
    assert refresh(recorded("SUCCEEDED"), None, []) == Refreshed(None)
    assert refresh(recorded("SUCCEEDED"), None, foreign_objects(2, -10)) == Refreshed(None)
    assert state_after(recorded("SUCCEEDED"), None, OWN).manifest == ExportManifest.of(OWN)


# Recorded FAILED


@pytest.mark.parametrize("job", [described_job("SUCCEEDED"), described_job("IN_PROGRESS"), None])
@pytest.mark.parametrize("objects", [None, [], OWN])
def test_recorded_failure_is_drift_whatever_is_observed(job: JobDescription | None, objects: Any) -> None:
    refreshed = refresh(FAILED, job, objects)
    drift = "the export has FAILED: export_results: CLIENT_ERROR: no access"
    assert refreshed == Refreshed(recorded("FAILED", error_details=DETAILS, drift=drift))


# Recorded IN_PROGRESS


@pytest.mark.parametrize("objects", [None, [], OWN])
@pytest.mark.parametrize("seconds", [10, LATE])
def test_an_export_that_runs_stays_as_it_is(objects: Any, seconds: int) -> None:
    assert refresh(RUNNING, described_job("IN_PROGRESS"), objects, seconds) == Refreshed(RUNNING)


@pytest.mark.parametrize("seconds", [400, LATE])
def test_an_export_that_has_ended_with_objects_has_succeeded(seconds: int) -> None:
    refreshed = refresh(RUNNING, described_job("SUCCEEDED"), [*OWN, *foreign_objects(2, 310)], seconds)
    assert refreshed == Refreshed(recorded("SUCCEEDED", OWN, observed_late=True))


def test_an_export_that_has_ended_out_of_sight_has_succeeded_by_the_jobs_status() -> None:
    assert refresh(RUNNING, described_job("SUCCEEDED"), None) == Refreshed(recorded("SUCCEEDED"))


def test_success_without_objects_may_be_an_earlier_exports_while_the_status_lags() -> None:
    refreshed = refresh(RUNNING, described_job("SUCCEEDED"), foreign_objects(2, -10), 60)
    warning = (
        "the job's status may still describe an earlier export than that of 2024-07-01T12:00:00Z, whose objects are not "
        "there yet"
    )
    assert refreshed == Refreshed(RUNNING, [warning])


def test_success_without_objects_is_drift_once_the_status_cannot_lag() -> None:
    state = state_after(RUNNING, described_job("SUCCEEDED"), [])
    assert (state.status, state.drift) == (
        "IN_PROGRESS",
        "the job's latest export succeeded, but none of this export's objects were found",
    )


@pytest.mark.parametrize("objects", [None, []])
def test_a_failure_without_objects_is_ours_once_the_status_cannot_lag(objects: Any) -> None:
    state = state_after(RUNNING, described_job("FAILED", DETAILS), objects)
    drift = "the export has FAILED: export_results: CLIENT_ERROR: no access"
    assert state == recorded("FAILED", error_details=DETAILS, drift=drift)


def test_our_finished_export_and_anothers_failure_leave_the_outcome_undetermined() -> None:
    state = state_after(RUNNING, described_job("FAILED", DETAILS), OWN)
    assert (state.status, state.error_details, state.manifest) == ("IN_PROGRESS", None, None)
    assert state.drift == (
        "the job's latest export has FAILED: export_results: CLIENT_ERROR: no access; some of this export's objects are "
        "there: `pulumi up` asks the service whether this export succeeded"
    )


@pytest.mark.parametrize("objects", [None, []])
def test_a_failure_may_be_an_earlier_exports_while_the_status_lags(objects: Any) -> None:
    state = state_after(RUNNING, described_job("FAILED", DETAILS), objects, seconds=60)
    assert state.status == "IN_PROGRESS"
    assert state.drift == (
        "the job's latest export has FAILED: export_results: CLIENT_ERROR: no access; it may be an earlier one: `pulumi "
        "up` asks the service whether this export succeeded"
    )


def test_a_job_that_reports_no_export_is_drift_once_the_status_cannot_lag() -> None:
    assert refresh(RUNNING, described_job(None), [], 60).state == RUNNING
    assert state_after(RUNNING, described_job(None), []).drift == "the job reports no export"


def test_an_export_whose_job_was_deleted_is_decided_by_its_objects() -> None:
    assert refresh(RUNNING, None, OWN) == Refreshed(
        recorded("SUCCEEDED", OWN, observed_late=True), ["the job was deleted"]
    )
    assert refresh(RUNNING, None, []) == Refreshed(None)
    assert refresh(RUNNING, None, None) == Refreshed(
        RUNNING, ["the job was deleted, and its objects cannot be seen: the export stays as recorded"]
    )


# All of them


@pytest.mark.parametrize(
    ("state", "job", "objects"),
    [
        (SUCCEEDED, described_job("SUCCEEDED"), OWN),
        (SUCCEEDED, described_job("SUCCEEDED"), None),
        (RUNNING, described_job("IN_PROGRESS"), None),
    ],
)
def test_the_details_of_a_failure_disappear_from_an_export_that_has_not_failed(
    state: ExportState, job: JobDescription, objects: Any
) -> None:
    assert refresh(replace(state, error_details=DETAILS), job, objects) == Refreshed(state)


states = st.sampled_from([SUCCEEDED, recorded("SUCCEEDED"), RUNNING, FAILED, recorded("IN_PROGRESS", drift="old")])
jobs = st.none() | st.sampled_from([None, *EXPORT_STATUSES]).map(described_job)
listings = st.none() | st.sampled_from([[], OWN, OWN[:1], foreign_objects(2, 900), overwritten(OWN, 900)])


@given(states, jobs, listings, st.floats(0, 5000))
def test_a_refresh_never_goes_back_and_repeats_itself(state: ExportState, job: Any, objects: Any, age: float) -> None:
    refreshed = refresh(state, job, objects, age)
    if refreshed.state is None:
        assert job is None
        assert state.status != "FAILED"
        return
    if state.status != "IN_PROGRESS":
        assert refreshed.state.status == state.status
    assert (refreshed.state.request, refreshed.state.created, refreshed.state.attempt) == (
        state.request,
        state.created,
        state.attempt,
    )
    again = refresh(refreshed.state, job, objects, age)
    assert again.state == refreshed.state
