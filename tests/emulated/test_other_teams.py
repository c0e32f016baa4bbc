"""Exports of a job by another team: whose outcome the job's status describes, and whose objects are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import ExportFailedError, OutcomeUndeterminedError
from pulumi_sagemaker_geospatial._export.spec import ExportSpec

from tests.emulated.conftest import EXPORT_SECONDS
from tests.emulated.histories import fail_once
from tests.emulated.simulated_engine import SimulatedEngine
from tests.support.calls import InlineCallRunner
from tests.support.emulated_account import PREFIX, export_request, exports_started, inputs, list_names
from tests.support.lifecycle_harness import LifecycleHarness, other_team_exports
from tests.support.provider_harness import RESOURCE_ID, ProviderHarness
from tests.support.simulated_clock import SimulatedClock

JUST_AFTER = 0.01
REFUSING = ["error", "conflict"]


@dataclass(frozen=True)
class Times:
    """How long ours and the other team's export take, which begins when ours has ended, and the polling interval."""

    ours: float
    theirs: float
    poll_interval: float


#: Theirs begins and ends between two polls.
BETWEEN_POLLS = [Times(20, 0, 2), Times(300, 90, 120), Times(300, 290, 600)]


def begin(clock: SimulatedClock, times: Times, **export: Any) -> LifecycleHarness:
    """Return the exports of a process that polls at this interval, and let the other team export after ours."""
    exports = LifecycleHarness(clock=clock, runner=InlineCallRunner(), min_poll_interval=times.poll_interval)
    exports.control.configure(export_seconds=times.ours)
    clock.schedule(times.ours + JUST_AFTER, lambda: other_team_exports(seconds=times.theirs, **export))
    return exports


@pytest.mark.parametrize("leftovers", [0, 2])
@pytest.mark.parametrize("prefix", [PREFIX, "another-team"])
@pytest.mark.parametrize("times", BETWEEN_POLLS)
def test_a_failure_of_ours_is_not_taken_for_the_success_of_another_team(
    clock: SimulatedClock, times: Times, prefix: str, leftovers: int
) -> None:
    exports = begin(clock, times, prefix=prefix)
    fail_once(exports, objects=leftovers)
    with pytest.raises(ExportFailedError):
        exports.create()
    assert exports.started() == 1


def test_a_failure_of_ours_is_not_taken_for_the_success_of_another_team_that_follows_at_once(
    clock: SimulatedClock,
) -> None:
    exports = begin(clock, Times(300, 300, 2))
    fail_once(exports, objects=2)
    with pytest.raises(ExportFailedError):
        exports.create()


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("times", BETWEEN_POLLS)
def test_a_success_of_ours_is_not_taken_for_the_failure_of_another_team(
    clock: SimulatedClock, times: Times, verify: bool
) -> None:
    exports = begin(clock, times, status="FAILED")
    state = exports.create(ExportSpec(export_request(), verify_objects=verify))
    assert (state.status, exports.started()) == ("SUCCEEDED", 1)


@pytest.mark.parametrize("kind", ["throttle", "drop_before"])
def test_a_pause_of_the_polls_is_no_proof_that_no_other_team_has_exported(
    exports: LifecycleHarness, clock: SimulatedClock, kind: str
) -> None:
    fail_once(exports, objects=2)
    exports.control.configure(export_seconds=EXPORT_SECONDS)
    clock.schedule(200, lambda: exports.control.add_fault(operation="GetEarthObservationJob", kind=kind, times=-1))
    clock.schedule(EXPORT_SECONDS + JUST_AFTER, lambda: other_team_exports(seconds=200))
    clock.schedule(600, exports.control.clear_faults)
    with pytest.raises(ExportFailedError):
        exports.create()
    assert exports.started() == 1


@pytest.mark.parametrize("mode", REFUSING)
def test_without_an_answer_about_the_token_another_teams_success_is_not_ours(clock: SimulatedClock, mode: str) -> None:
    exports = begin(clock, Times(300, 90, 120))
    exports.control.configure(tokens=mode)
    fail_once(exports)
    with pytest.raises(OutcomeUndeterminedError):
        exports.create()
    assert exports.started() == 1


@pytest.mark.parametrize("mode", REFUSING)
def test_without_an_answer_about_the_token_another_teams_failure_is_not_ours(clock: SimulatedClock, mode: str) -> None:
    exports = begin(clock, Times(300, 90, 120), status="FAILED")
    exports.control.configure(tokens=mode)
    with pytest.raises(OutcomeUndeterminedError, match="the job's last export is FAILED, which may be another one"):
        exports.create()
    assert exports.started() == 1


@pytest.fixture
def engine(provider: ProviderHarness, clock: SimulatedClock) -> SimulatedEngine:
    """A stack that has started an export without waiting for it."""
    engine = SimulatedEngine(provider.config, clock, {"lake": inputs(wait_for_completion=False)})
    assert engine.up() == []
    return engine


@pytest.mark.parametrize("seconds", [310, 3600])
def test_an_export_that_nobody_waited_for_is_known_by_its_objects_after_another_teams_failure(
    engine: SimulatedEngine, clock: SimulatedClock, seconds: float
) -> None:
    clock.advance(seconds)
    other_team_exports(status="FAILED")
    engine.refresh()
    outputs = engine.state["lake"]["outputs"]
    assert outputs["export_status"] == "IN_PROGRESS"
    assert "some of this export's objects are there: `pulumi up` asks the service" in outputs["drift"]
    for _ in range(2):
        assert engine.up() == []
        outputs = engine.state["lake"]["outputs"]
        assert (outputs["export_status"], outputs["exported_objects"]["count"]) == ("SUCCEEDED", 3)
        assert ("drift" in outputs, exports_started()) == (False, 1)
        engine.refresh()


def test_an_export_that_nobody_waited_for_and_that_failed_is_exported_again(
    provider: ProviderHarness, clock: SimulatedClock
) -> None:
    provider.control.add_fault(operation="ExportEarthObservationJob", kind="fail_export")
    engine = SimulatedEngine(provider.config, clock, {"lake": inputs(wait_for_completion=False)})
    engine.up()
    clock.advance(3600)
    other_team_exports(status="FAILED")
    engine.refresh()
    assert engine.state["lake"]["outputs"]["export_status"] == "FAILED"
    assert engine.up() == []
    clock.advance(310)
    engine.refresh()
    assert (engine.state["lake"]["outputs"]["export_status"], exports_started()) == ("SUCCEEDED", 2)


@pytest.mark.parametrize("status", ["FAILED", "SUCCEEDED"])
def test_a_recorded_success_stays_where_its_objects_cannot_be_listed(
    provider: ProviderHarness, exported: dict[str, Any], status: str
) -> None:
    other_team_exports(status=status)
    provider.control.add_fault(operation="s3:ListObjectsV2", kind="drop_before", times=-1)
    for name in ("lake", "river"):
        found = provider.read(exported, name)
        assert (found.id, found.outs) == (RESOURCE_ID, exported)
    [warning] = provider.logged("warning")
    assert warning.startswith("cannot list the destination of an export (Unreachable); using the job's status only")


def test_a_recorded_success_stays_while_another_team_exports_elsewhere(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    other_team_exports(status="FAILED")
    assert provider.read(exported).outs == exported
    assert provider.logged("warning") == [
        f"{RESOURCE_ID}: another export of the job is FAILED; this export's objects are intact"
    ]
    assert len(list_names()) == 3
