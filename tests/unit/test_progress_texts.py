"""The texts about a run: in a resource's row, in the stack's row, and at the end."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_sagemaker_geospatial._geospatial.error_rules import ERROR_RULES, waiting_status
from pulumi_sagemaker_geospatial._progress.operations import Operation, Result, Run, Verb
from pulumi_sagemaker_geospatial._progress.texts import (
    ROW_WIDTH,
    adopted_sentence,
    cancelled_sentence,
    format_duration,
    row_text,
    stack_text,
    totals,
    usual_time,
)
from pulumi_sagemaker_geospatial.errors import ServiceCallError


def operation(name: str = "lake", verb: Verb = Verb.CREATE, **fields: Any) -> Operation:
    urn = f"urn:pulumi:dev::project::pulumi-python:dynamic:ExportEarthObservationJob::{name}"
    return Operation(urn, verb, "Earth observation job", f"{name}00000000", **{"began": 100.0, **fields})


def ended(name: str, result: Result, verb: Verb = Verb.CREATE, **fields: Any) -> Operation:
    return operation(name, verb, **{"status": result.value, "result": result, "ended": 160.0, **fields})


def run_of(*operations: Operation, warnings: int = 0) -> Run:
    run = Run(warnings=warnings)
    for each in operations:
        run.put(each)
    return run


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.9, "59s"), (60, "1m00s"), (242, "4m02s"), (3600, "1h00m"), (45300, "12h35m")]
)
def test_a_duration_is_short(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (operation(status="starting"), "starting 4m02s"),
        (operation(status="running", running_since=102.0), "4m00s running"),
        (operation(status="queued: quota"), "queued: quota 4m02s"),
        (operation(status="waiting: role not usable"), "waiting: role not usable"),
        (operation(status="waiting: a reason that is too long"), "waiting: a reason that i…"),
        (ended("lake", Result.DONE, objects=3, size=9), "3 objects verified"),
        (ended("lake", Result.DONE, objects=1, size=9), "1 object verified"),
        (ended("lake", Result.DONE), "done"),
        (ended("lake", Result.ADOPTED, objects=3), "adopted"),
        (ended("lake", Result.FAILED), "failed"),
    ],
)
def test_a_row_begins_with_the_most_important_word(shown: Operation, text: str) -> None:
    assert row_text(shown, 342.0) == text
    assert len(text) <= ROW_WIDTH


@pytest.mark.parametrize("code", [*ERROR_RULES, "SomethingElse"])
def test_the_reason_of_every_wait_fits_into_a_row(code: str) -> None:
    status = waiting_status(ServiceCallError("", code))
    assert status.startswith(("waiting: ", "queued: "))
    assert len(status) <= ROW_WIDTH


def test_the_stack_row_counts_what_is_expected_done_failed_and_waiting() -> None:
    done = [ended(f"done-{number}", Result.DONE) for number in range(6)]
    run = run_of(*done, ended("old", Result.ADOPTED), ended("bad", Result.FAILED), operation("new", began=None))
    assert stack_text(run, 342.0) == "7/9 done, 1 failed, 1m00s"
    for name in "ab":
        run.put(operation(name, status="queued: quota"))
    run.put(operation("c", status="running", running_since=101.0))
    assert stack_text(run, 342.0) == "7/12 done, 1 failed, 4m02s, 2 queued: quota"
    assert (
        stack_text(run_of(operation("x", Verb.DELETE), ended("y", Result.REMOVED, Verb.DELETE)), 101.0)
        == "1 removed, 1s"
    )


def test_the_totals_name_what_there_was_and_nothing_else() -> None:
    run = run_of(
        *(ended(f"done-{number}", Result.DONE, objects=40, size=600_000_000) for number in range(7)),
        *(ended(f"adopted-{number}", Result.ADOPTED, objects=16, size=150_000_000) for number in range(2)),
        ended("bad", Result.FAILED, ended=472.0),
        warnings=2,
    )
    assert totals(run, 1000.0) == "exports: 9 done (2 adopted), 1 failed, 312 objects, 4.5 GB, 6m12s, 2 warnings"
    assert totals(run_of(ended("lake", Result.DONE, ended=100.2)), 1000.0) == "exports: 1 done"
    interrupted = run_of(
        ended("stopped", Result.CANCELLED),
        ended("begun", Result.STARTED),
        ended("changed", Result.UPDATED, Verb.UPDATE),
        ended("old", Result.REMOVED, Verb.DELETE),
        operation("next", began=None),
    )
    assert totals(interrupted, 1000.0) == "exports: 1 started, 1 updated, 1 removed, 1 cancelled, 1 not begun, 1m00s"


def test_adoptions_and_cancellations_are_counted_in_one_sentence_each() -> None:
    adopted = [ended(f"lake-{number:02}", Result.ADOPTED, objects=3, size=1000) for number in range(12)]
    assert adopted_sentence(adopted) == (
        "12 exports adopted (36 objects, 12 kB): lake-00, lake-01, lake-02, lake-03, lake-04 and 7 others; "
        "to force a new export: PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN"
    )
    assert cancelled_sentence([ended("lake", Result.CANCELLED)]) == (
        "1 export cancelled: lake; what the service has started goes on, and the next `pulumi up` resumes waiting"
    )
    assert cancelled_sentence([ended("lake", Result.CANCELLED, Verb.DELETE)]) == (
        "1 deletion cancelled: lake; run the command again, which deletes what is left"
    )


def test_the_usual_time_is_that_of_the_exports_that_have_ended() -> None:
    run = run_of(operation(status="running"), ended("old", Result.ADOPTED))
    assert usual_time(run) == 300
    for seconds in (10, 20, 90):
        run.put(ended(f"lake-{seconds}", Result.DONE, running_since=100.0, ended=100.0 + seconds))
    assert usual_time(run) == 20
