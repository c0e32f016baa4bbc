"""Adoption of an export whose record was lost: when, what is reported, and when it exports anew instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import ClientTokenUsedError, ExportFailedError
from pulumi_sagemaker_geospatial._export.manifest import format_size, format_utc
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec

from tests.emulated.histories import export_and_lose_record, fail_once, lose_record, tokens_sent
from tests.support.aws_names import BUCKET, job_arn
from tests.support.calls import InlineCallRunner
from tests.support.emulated_account import (
    FIRST_FILE,
    JOB,
    TOKEN,
    delete_object,
    export_request,
    list_names,
    put_object,
)
from tests.support.lifecycle_harness import LifecycleHarness, other_team_exports
from tests.support.simulated_clock import SimulatedClock

REFUSING = ["error", "conflict"]


def user_spec(**more: Any) -> ExportSpec:
    return ExportSpec(export_request(**more), token=TOKEN)


def test_an_export_whose_record_was_lost_is_adopted_and_reported(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    created = exports.create().created
    lose_record(exports, clock)
    state = exports.create()
    assert (state.status, state.attempt, state.created, exports.started()) == ("SUCCEEDED", 0, created, 1)
    assert state.manifest is not None
    assert exports.adoptions == [
        f"adopted an existing export (3 objects, {format_size(state.manifest.bytes)}, exported at {format_utc(created)}); "
        "to force a new export: PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN"
    ]
    assert exports.warnings == []


def test_an_adoption_that_is_not_verified_is_reported_without_objects(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    spec = ExportSpec(export_request(), verify_objects=False)
    export_and_lose_record(exports, clock, spec)
    assert exports.create(spec).manifest is None
    assert exports.adoptions[0].startswith("adopted an existing export (exported at ")


def test_objects_that_were_modified_well_after_the_rest_are_reported(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    export_and_lose_record(exports, clock)
    put_object(FIRST_FILE)
    clock.advance(60)
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 1)
    [warning] = exports.warnings
    assert f"1 adopted object modified well after the rest, first {FIRST_FILE}: possibly overwritten" in warning
    assert "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN" in warning


def test_where_adoption_is_turned_off_the_next_attempt_exports(clock: SimulatedClock) -> None:
    exports = LifecycleHarness(clock=clock, runner=InlineCallRunner(), may_adopt=False)
    export_and_lose_record(exports, clock)
    assert (exports.create().attempt, exports.started()) == (1, 2)


def test_an_export_whose_objects_are_gone_is_made_anew(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    export_and_lose_record(exports, clock)
    for name in list_names():
        delete_object(name)
    assert (exports.create().attempt, exports.started(), len(list_names())) == (1, 2, 3)


@pytest.mark.parametrize("mode", REFUSING)
def test_a_service_that_refuses_used_tokens_has_its_export_adopted_by_its_objects(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode)
    export_and_lose_record(exports, clock)
    state = exports.create()
    assert (state.status, exports.started()) == ("SUCCEEDED", 1)
    assert state.manifest is not None
    assert (state.manifest.count, state.ownership_certain) == (3, False)
    assert exports.adoptions[0].startswith("adopted an existing export (3 objects, ")


@pytest.mark.parametrize("mode", REFUSING)
def test_a_failed_export_is_not_adopted_for_what_others_wrote(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode)
    fail_once(exports)
    with pytest.raises(ExportFailedError):
        exports.create()
    lose_record(exports, clock)
    put_object("theirs.xml")
    other_team_exports(prefix="elsewhere")
    exports.create()
    assert FIRST_FILE in list_names()
    assert exports.started() == 2


@pytest.mark.parametrize("mode", REFUSING)
def test_a_refused_token_is_believed_before_a_status_that_lags(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode, status_lag=60, export_seconds=5)
    exports.create(ExportSpec(export_request(), wait_for_completion=False))
    clock.advance(20)
    assert (exports.create().status, exports.started()) == ("SUCCEEDED", 1)


def test_a_replacement_adopts_no_export_that_is_older_than_the_record(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    export_and_lose_record(exports, clock)
    state = exports.create(plan=CreatePlan(attempt=0, newer_than=clock.at))
    assert (state.attempt, exports.started(), exports.adoptions) == (1, 2, [])


def test_a_users_token_is_sent_as_it_is(exports: LifecycleHarness) -> None:
    exports.create(user_spec())
    assert tokens_sent(exports) == [TOKEN]


@pytest.mark.parametrize("mode", ["replay", *REFUSING])
def test_a_users_token_whose_export_has_failed_needs_to_be_changed(
    exports: LifecycleHarness, clock: SimulatedClock, mode: str
) -> None:
    exports.control.configure(tokens=mode)
    fail_once(exports)
    with pytest.raises(ExportFailedError):
        exports.create(user_spec())
    lose_record(exports, clock)
    with pytest.raises(ClientTokenUsedError, match=r"Use a new client_token, or omit it"):
        exports.create(user_spec())
    assert exports.started() == 1


def test_a_users_token_with_another_request_is_refused_with_the_services_message(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    export_and_lose_record(exports, clock, user_spec())
    with pytest.raises(ClientTokenUsedError, match="was used already with other parameters") as caught:
        exports.create(user_spec(export_source_images=True))
    assert TOKEN not in str(caught.value)
    assert "[client_token]" in str(caught.value)


def test_an_adoption_tells_no_destination(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    export_and_lose_record(exports, clock)
    put_object(FIRST_FILE)
    exports.create()
    logged = "\n".join([*exports.adoptions, *exports.warnings, *exports.progress])
    assert job_arn(JOB) in logged
    assert not re.search(rf"\b{BUCKET}\b", logged)
