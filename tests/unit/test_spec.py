"""What was declared, and how the creation of a replacement begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.diff import ExportDiff, diff_inputs
from pulumi_sagemaker_geospatial._export.replacement import plan_from_diff, plan_from_state
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec, plan_replacement
from pulumi_sagemaker_geospatial._export.token import derived_token
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial.errors import StateError

from tests.support.declarations import TOKEN, export_request, inputs
from tests.support.recorded_exports import START, at, recorded, written_objects

NEWEST = at(300)


def spec(**more: Any) -> ExportSpec:
    return ExportSpec.from_inputs(EARTH_OBSERVATION, inputs(**more))


def test_a_declaration_has_the_defaults_of_the_documentation() -> None:
    assert spec() == ExportSpec(export_request(), None, None, wait_for_completion=True, verify_objects=True)


def test_a_declaration_has_what_the_program_sets() -> None:
    declared = spec(triggers=[1], client_token=TOKEN, wait_for_completion=False, verify_objects=False)
    assert declared == ExportSpec(export_request(), [1], TOKEN, wait_for_completion=False, verify_objects=False)


def test_a_property_without_a_value_has_its_default() -> None:
    nothing = dict.fromkeys(
        ("triggers", "client_token", "wait_for_completion", "verify_objects", "save_job_metadata"), None
    )
    assert spec(**nothing) == spec()
    assert not spec().save_job_metadata
    assert spec(save_job_metadata=True).save_job_metadata


def test_a_declaration_is_identified_by_its_request_as_it_is_spelled_and_its_triggers() -> None:
    assert spec().spelling == derived_token(export_request(), None, 0)
    assert spec(triggers=[1]).spelling == derived_token(export_request(), [1], 0)
    assert spec(client_token=TOKEN).spelling == spec().spelling
    assert spec().with_other_spelling().spelling != spec().spelling


def test_each_attempt_has_a_derived_token_unless_the_program_sets_one() -> None:
    derived = spec(triggers=[1])
    assert [derived.token_of(attempt) for attempt in (0, 1)] == [
        derived_token(export_request(), [1], attempt) for attempt in (0, 1)
    ]
    assert [spec(client_token=TOKEN).token_of(attempt) for attempt in (0, 1)] == [TOKEN, TOKEN]


#: What is recorded and what changed → attempt, whether an earlier export may be adopted, and after when it was started
REPLACEMENTS: list[tuple[str, dict[str, Any], CreatePlan]] = [
    ("the same declaration", {"attempt": 0}, CreatePlan(1, newer_than=NEWEST)),
    ("the same declaration, replaced before", {"attempt": 4}, CreatePlan(5, newer_than=NEWEST)),
    ("nothing is known of its objects", {"newest": None}, CreatePlan(1, newer_than=START)),
    ("it never was proven to have succeeded", {"succeeded": False, "attempt": 2}, CreatePlan(2, newer_than=at(-1))),
    ("another request", {"another_request": True, "attempt": 4}, CreatePlan(0, newer_than=NEWEST)),
    (
        "another request after a failure",
        {"another_request": True, "succeeded": False, "newest": None},
        CreatePlan(0, newer_than=START),
    ),
    ("another token", {"another_token": True, "attempt": 4}, CreatePlan()),
    ("another token and request", {"another_token": True, "another_request": True}, CreatePlan()),
    ("another token after a failure", {"another_token": True, "succeeded": False}, CreatePlan()),
]


@pytest.mark.parametrize(
    ("recorded_export", "plan"), [row[1:] for row in REPLACEMENTS], ids=[row[0] for row in REPLACEMENTS]
)
def test_a_replacement_begins_as_in_the_table(recorded_export: dict[str, Any], plan: CreatePlan) -> None:
    defaults: dict[str, Any] = {
        "attempt": 0,
        "succeeded": True,
        "created": START,
        "newest": NEWEST,
        "another_token": False,
        "another_request": False,
    }
    assert plan_replacement(**{**defaults, **recorded_export}) == plan


@given(st.integers(0, 50), st.booleans(), st.booleans(), st.booleans(), st.none() | st.integers(0, 900))
def test_a_replacement_never_adopts_what_was_recorded_to_have_succeeded(
    attempt: int, succeeded: bool, another_token: bool, another_request: bool, newest: int | None
) -> None:
    plan = plan_replacement(
        attempt=attempt,
        succeeded=succeeded,
        created=START,
        newest=None if newest is None else at(newest),
        another_token=another_token,
        another_request=another_request,
    )
    if succeeded and not another_token:
        assert not plan.accepts(START)
    if not succeeded and not another_token and not another_request:
        assert plan.accepts(START)
        assert plan.attempt == attempt
    assert plan.may_adopt


def test_a_replacement_of_a_state_begins_after_its_newest_object() -> None:
    assert plan_from_state(recorded("SUCCEEDED", written_objects(3), attempt=2)) == CreatePlan(3, newer_than=NEWEST)
    assert plan_from_state(recorded("FAILED", attempt=2)) == CreatePlan(2, newer_than=at(-1))
    assert plan_from_state(recorded("IN_PROGRESS")) == CreatePlan(0, newer_than=at(-1))


def plan_of_change(**change: Any) -> CreatePlan:
    """Return the plan after a change of a declaration that has a token and has SUCCEEDED."""
    olds = recorded("SUCCEEDED", written_objects(3), attempt=1).to_outputs(inputs(client_token=TOKEN))
    news = {name: value for name, value in {**inputs(client_token=TOKEN), **change}.items() if value is not None}
    return plan_from_diff(EARTH_OBSERVATION, olds, news, diff_inputs(olds, news), "lake")


def test_a_diff_tells_how_its_replacement_begins() -> None:
    assert plan_of_change() == CreatePlan(2, newer_than=NEWEST)
    assert plan_of_change(triggers=[1]) == CreatePlan(0, newer_than=NEWEST)
    assert plan_of_change(client_token="another-" * 5) == CreatePlan()
    assert plan_of_change(client_token=None) == CreatePlan(0, newer_than=NEWEST)


def test_a_diff_of_a_damaged_state_is_an_error_that_names_the_resource() -> None:
    with pytest.raises(StateError, match=r"^lake: creation_time is missing"):
        plan_from_diff(EARTH_OBSERVATION, {**inputs(), "export_status": "FAILED"}, inputs(), ExportDiff(), "lake")


def test_the_other_spelling_is_the_same_export_with_other_tokens() -> None:
    spec = ExportSpec(export_request())
    other = spec.with_other_spelling()
    assert other.request.destination == spec.request.destination
    assert other.token_of(0) != spec.token_of(0)
    assert other.with_other_spelling() == spec


def test_a_first_creation_adopts_any_earlier_export() -> None:
    assert CreatePlan().accepts(START)
    assert not CreatePlan(may_adopt=False).accepts(START)


@given(st.integers(-5, 5), st.integers(0, 999_999))
def test_only_an_export_of_a_later_second_is_newer(seconds: int, microseconds: int) -> None:
    created = at(seconds) + timedelta(microseconds=microseconds)
    assert CreatePlan(newer_than=START).accepts(created) == (seconds > 0)


@pytest.mark.parametrize(
    ("plan", "modified", "written"),
    [
        (CreatePlan(), at(1), True),
        (CreatePlan(), at(-1), False),
        # In the second of the start: only where no earlier export can have written in it.
        (CreatePlan(), at(0), True),
        (CreatePlan(newer_than=at(-1)), at(0), True),
        (CreatePlan(newer_than=at(0)), at(0), False),
        (CreatePlan(may_adopt=False), at(0), False),
        (CreatePlan(may_adopt=False), at(1), True),
        (CreatePlan(may_adopt=False, newer_than=at(-1)), at(0), True),
    ],
)
def test_an_object_was_written_by_the_export_if_it_is_certainly_newer_than_its_start(
    plan: CreatePlan, modified: datetime, written: bool
) -> None:
    created = START + timedelta(microseconds=700_000)
    assert plan.was_written_by_export(modified, created) is written
