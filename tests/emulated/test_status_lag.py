"""A job's status that lags behind its exports, on services that replay used tokens and on those that refuse them."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial import ExportError, ExportFailedError, OutcomeUndeterminedError
from pulumi_sagemaker_geospatial._export.spec import ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState

from tests.emulated.histories import fail_once
from tests.support.emulated_account import export_request
from tests.support.lifecycle_harness import LifecycleHarness, other_team_exports
from tests.support.simulated_clock import SimulatedClock

MODES = ["replay", "error", "conflict"]
REFUSING = MODES[1:]
DURATIONS, LAGS = [1, 10, 300], [30, 200, 800]


def create_after_earlier_export(
    exports: LifecycleHarness, clock: SimulatedClock, status: str, verify: bool = True
) -> ExportState | ExportError:
    """Return what an export ends with that begins soon after another one of the job, whose status still shows."""
    other_team_exports(status=status)
    clock.advance(1000)
    try:
        return exports.create(ExportSpec(export_request(), verify_objects=verify), timeout=7200)
    except ExportError as exc:
        return exc


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("seconds", DURATIONS)
@pytest.mark.parametrize("mode", MODES[:2])
def test_a_lagging_success_of_an_earlier_export_is_never_taken_for_a_failed_one(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str, seconds: float, lag: float, verify: bool
) -> None:
    exports.control.configure(tokens=mode, export_seconds=seconds, status_lag=lag)
    fail_once(exports)
    result = create_after_earlier_export(exports, clock, "SUCCEEDED", verify)
    assert isinstance(result, (ExportFailedError, OutcomeUndeterminedError))
    assert exports.started() == 1


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("seconds", DURATIONS)
@pytest.mark.parametrize("mode", MODES)
def test_a_lagging_failure_of_an_earlier_export_is_never_taken_for_ours(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str, seconds: float, lag: float
) -> None:
    exports.control.configure(tokens=mode, export_seconds=seconds, status_lag=lag)
    result = create_after_earlier_export(exports, clock, "FAILED")
    assert not isinstance(result, ExportFailedError)
    assert exports.started() == 1
    if mode == "replay" or seconds == 300:
        assert isinstance(result, ExportState)
        assert result.status == "SUCCEEDED"
    else:
        assert isinstance(result, (ExportState, OutcomeUndeterminedError))


@pytest.mark.parametrize("mode", REFUSING)
def test_a_success_without_objects_is_not_believed_where_used_tokens_are_refused(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode, objects=0, status_lag=30)
    result = create_after_earlier_export(exports, clock, "SUCCEEDED")
    assert isinstance(result, OutcomeUndeterminedError)
    assert exports.started() == 1
