"""The decision about a recorded export, whose token is not sent: its truth table row by row, and what always holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.outcome import Objects, Verdict
from pulumi_sagemaker_geospatial._export.recorded_outcome import decide_recorded
from pulumi_sagemaker_geospatial._geospatial.statuses import EXPORT_STATUSES, MAX_STATUS_LAG

SOME, NONE, HIDDEN = Objects.SOME, Objects.NONE, Objects.HIDDEN
WAIT, SUCCEEDED, FAILED, UNDETERMINED = Verdict.WAIT, Verdict.SUCCEEDED, Verdict.FAILED, Verdict.UNDETERMINED

#: status, objects → verdict while the status may lag, and afterwards
TRUTH_TABLE: list[tuple[Any, Objects, Verdict, Verdict]] = [
    ("IN_PROGRESS", SOME, WAIT, WAIT),
    ("IN_PROGRESS", NONE, WAIT, WAIT),
    ("IN_PROGRESS", HIDDEN, WAIT, WAIT),
    (None, SOME, WAIT, UNDETERMINED),
    (None, NONE, WAIT, UNDETERMINED),
    (None, HIDDEN, WAIT, UNDETERMINED),
    ("SUCCEEDED", SOME, SUCCEEDED, SUCCEEDED),
    ("SUCCEEDED", HIDDEN, SUCCEEDED, SUCCEEDED),
    ("SUCCEEDED", NONE, WAIT, UNDETERMINED),
    ("FAILED", NONE, UNDETERMINED, FAILED),
    ("FAILED", HIDDEN, UNDETERMINED, FAILED),
    ("FAILED", SOME, UNDETERMINED, UNDETERMINED),
]


@pytest.mark.parametrize(("status", "objects", "early", "late"), TRUTH_TABLE)
def test_the_verdict_is_that_of_the_truth_table(status: Any, objects: Objects, early: Verdict, late: Verdict) -> None:
    assert decide_recorded(status, objects, 0.0) is early
    assert decide_recorded(status, objects, MAX_STATUS_LAG) is early
    assert decide_recorded(status, objects, MAX_STATUS_LAG + 1) is late


def test_the_truth_table_is_complete() -> None:
    rows = {(status, objects) for status, objects, *_ in TRUTH_TABLE}
    assert rows == {(status, objects) for status in (None, *EXPORT_STATUSES) for objects in Objects}


@given(st.sampled_from([None, *EXPORT_STATUSES]), st.sampled_from(Objects), st.floats(-100, 5000))
def test_the_invariants_hold_for_any_time(status: Any, objects: Objects, age: float) -> None:
    verdict = decide_recorded(status, objects, age)
    assert verdict in (WAIT, SUCCEEDED, FAILED, UNDETERMINED)  # the token is never asked
    if verdict is SUCCEEDED:
        assert (status, objects is NONE) == ("SUCCEEDED", False)
    if verdict is FAILED:
        assert (status, objects is SOME) == ("FAILED", False)
    if status == "IN_PROGRESS":
        assert verdict is WAIT
    elif age > MAX_STATUS_LAG:
        assert verdict is not WAIT
