"""The decision about an export's outcome: its truth table row by row, and what holds for all evidence."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.outcome import (
    MAX_POLL_GAP,
    SETTLING_TIME,
    Evidence,
    EvidenceTracker,
    Objects,
    Token,
    Verdict,
    decide,
)
from pulumi_sagemaker_geospatial._geospatial.statuses import EXPORT_STATUSES, MAX_STATUS_LAG

SOME, NONE, HIDDEN = Objects.SOME, Objects.NONE, Objects.HIDDEN
ASKABLE, REFUSED, EXPIRED = Token.ASKABLE, Token.REFUSED, Token.EXPIRED
WAIT, ASK, UNDETERMINED = Verdict.WAIT, Verdict.ASK_TOKEN, Verdict.UNDETERMINED
SUCCEEDED, UNPROVEN, FAILED = Verdict.SUCCEEDED, Verdict.SUCCEEDED_UNPROVEN, Verdict.FAILED

EARLY, LATE = MAX_STATUS_LAG, MAX_STATUS_LAG + 1
#: An export that was seen running without interruption, one that was seen running at some time, and one that never was.
CONTINUOUS: dict[str, Any] = {"since_running": MAX_POLL_GAP, "ever_running": True}
PROVEN: dict[str, Any] = {**CONTINUOUS, "written_since_running": True}
INTERRUPTED: dict[str, Any] = {"since_running": MAX_POLL_GAP + 1, "ever_running": True}
NEVER: dict[str, Any] = {}

#: status, objects, age, seen running, token → verdict
TRUTH_TABLE: list[tuple[Any, Objects, float, dict[str, Any], Token, Verdict]] = [
    # The export runs, or the status may lag.
    ("IN_PROGRESS", NONE, EARLY, CONTINUOUS, ASKABLE, WAIT),
    ("IN_PROGRESS", SOME, LATE, INTERRUPTED, REFUSED, WAIT),
    (None, NONE, EARLY, NEVER, ASKABLE, WAIT),
    (None, SOME, EARLY, CONTINUOUS, EXPIRED, WAIT),
    # No other export fits in, and objects are there.
    ("SUCCEEDED", SOME, EARLY, PROVEN, ASKABLE, SUCCEEDED),
    ("SUCCEEDED", SOME, LATE, PROVEN, REFUSED, SUCCEEDED),
    # Anything else asks the token.
    ("SUCCEEDED", SOME, EARLY, CONTINUOUS, ASKABLE, ASK),
    ("SUCCEEDED", SOME, EARLY, {**INTERRUPTED, "written_since_running": True}, ASKABLE, ASK),
    ("SUCCEEDED", HIDDEN, EARLY, PROVEN, ASKABLE, ASK),
    ("FAILED", SOME, EARLY, PROVEN, ASKABLE, ASK),
    ("SUCCEEDED", SOME, EARLY, INTERRUPTED, ASKABLE, ASK),
    ("SUCCEEDED", SOME, EARLY, NEVER, ASKABLE, ASK),
    ("SUCCEEDED", NONE, EARLY, CONTINUOUS, ASKABLE, ASK),
    ("SUCCEEDED", HIDDEN, LATE, CONTINUOUS, ASKABLE, ASK),
    ("FAILED", NONE, EARLY, CONTINUOUS, ASKABLE, ASK),
    ("FAILED", SOME, LATE, CONTINUOUS, ASKABLE, ASK),
    (None, NONE, LATE, NEVER, ASKABLE, ASK),
    # Without an answer of the token: SUCCEEDED.
    ("SUCCEEDED", SOME, EARLY, INTERRUPTED, REFUSED, UNPROVEN),
    ("SUCCEEDED", SOME, LATE, INTERRUPTED, EXPIRED, UNPROVEN),
    ("SUCCEEDED", SOME, EARLY, NEVER, REFUSED, WAIT),
    ("SUCCEEDED", SOME, LATE, NEVER, REFUSED, UNPROVEN),
    ("SUCCEEDED", HIDDEN, EARLY, CONTINUOUS, REFUSED, UNPROVEN),
    ("SUCCEEDED", HIDDEN, EARLY, INTERRUPTED, REFUSED, WAIT),
    ("SUCCEEDED", HIDDEN, LATE, INTERRUPTED, REFUSED, UNPROVEN),
    ("SUCCEEDED", HIDDEN, LATE, NEVER, REFUSED, UNDETERMINED),
    ("SUCCEEDED", NONE, EARLY, CONTINUOUS, REFUSED, WAIT),
    ("SUCCEEDED", NONE, LATE, CONTINUOUS, REFUSED, UNDETERMINED),
    # Without an answer of the token: FAILED.
    ("FAILED", NONE, EARLY, CONTINUOUS, REFUSED, FAILED),
    ("FAILED", HIDDEN, EARLY, CONTINUOUS, EXPIRED, FAILED),
    ("FAILED", NONE, EARLY, INTERRUPTED, REFUSED, WAIT),
    ("FAILED", NONE, LATE, NEVER, REFUSED, FAILED),
    ("FAILED", HIDDEN, LATE, INTERRUPTED, REFUSED, UNDETERMINED),
    ("FAILED", SOME, EARLY, CONTINUOUS, REFUSED, WAIT),
    ("FAILED", SOME, LATE, CONTINUOUS, REFUSED, UNDETERMINED),
    # Without an answer of the token: no export.
    (None, NONE, LATE, NEVER, REFUSED, WAIT),
]


@pytest.mark.parametrize(("status", "objects", "age", "seen", "token", "verdict"), TRUTH_TABLE)
def test_the_verdict_is_that_of_the_truth_table(
    status: Any, objects: Objects, age: float, seen: dict[str, Any], token: Token, verdict: Verdict
) -> None:
    assert decide(Evidence(status, objects, age, token=token, **seen)) is verdict


def all_evidence() -> list[Evidence]:
    """Return every combination of what the decision distinguishes."""
    seen = [NEVER, {"ever_running": True}, CONTINUOUS, PROVEN, INTERRUPTED]
    combinations = itertools.product((None, *EXPORT_STATUSES), Objects, (0.0, EARLY, LATE), seen, Token)
    return [Evidence(status, objects, age, token=token, **more) for status, objects, age, more, token in combinations]


any_evidence = st.builds(
    Evidence,
    status=st.sampled_from([None, *EXPORT_STATUSES]),
    objects=st.sampled_from(Objects),
    age=st.floats(0, 5000),
    since_running=st.none() | st.floats(0, 5000),
    written_since_running=st.booleans(),
    ever_running=st.booleans(),
    token=st.sampled_from(Token),
)


def invariants(evidence: Evidence) -> dict[str, bool]:
    """Return what holds for all evidence, by its description."""
    verdict = decide(evidence)
    succeeded = verdict in (SUCCEEDED, UNPROVEN)
    askable, missing = evidence.token is ASKABLE, evidence.status is None
    return {
        "SUCCEEDED only where the status is": not succeeded or evidence.status == "SUCCEEDED",
        "SUCCEEDED never without objects that can be seen": not succeeded or evidence.objects is not NONE,
        "proven only with objects and without interruption": verdict is not SUCCEEDED
        or (evidence.objects is SOME and evidence.continuous and evidence.written_since_running),
        "FAILED only where the status is": verdict is not FAILED or evidence.status == "FAILED",
        "FAILED never with objects": verdict is not FAILED or evidence.objects is not SOME,
        "IN_PROGRESS always waits": evidence.status != "IN_PROGRESS" or verdict is WAIT,
        "the token is asked only while it is askable": verdict is not ASK or askable,
        "an askable token is asked before anything unproven": not askable or verdict in (WAIT, ASK, SUCCEEDED),
        "a status that cannot lag ends the wait": evidence.age <= MAX_STATUS_LAG
        or missing
        or evidence.status == "IN_PROGRESS"
        or verdict is not WAIT,
    }


def test_the_invariants_hold_for_every_combination() -> None:
    violations = [
        (evidence, name) for evidence in all_evidence() for name, holds in invariants(evidence).items() if not holds
    ]
    assert violations == []


@given(any_evidence)
def test_the_invariants_hold_for_any_times(evidence: Evidence) -> None:
    assert [name for name, holds in invariants(evidence).items() if not holds] == []


def evidence_after(polls: list[tuple[float, Any]], observed_since: float | None = None) -> Evidence:
    """Return the evidence at the last of these polls; times are seconds since the export was started."""
    start = 1000.0
    tracked = EvidenceTracker(start, observed_since=None if observed_since is None else start + observed_since)
    for time, status in polls:
        tracked.record(status, start + time)
    return tracked.evidence(polls[-1][1], SOME, start + polls[-1][0])


def test_an_export_that_is_polled_without_interruption_is_continuous() -> None:
    evidence = evidence_after([(30, "IN_PROGRESS"), (SETTLING_TIME, "IN_PROGRESS"), (110, "SUCCEEDED")])
    assert (evidence.age, evidence.since_running, evidence.ever_running) == (110, 50, True)
    assert evidence.continuous


def test_objects_written_after_the_last_poll_that_showed_it_running_are_evidence() -> None:
    tracker, at = EvidenceTracker(0.0), datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
    tracker.record("IN_PROGRESS", 60.0, at)
    tracker.record("SUCCEEDED", 90.0, at + timedelta(seconds=30))
    for newest, written in ((at, True), (at - timedelta(seconds=1), False), (None, False)):
        assert tracker.evidence("SUCCEEDED", SOME, 90.0, newest).written_since_running is written


def test_a_service_that_does_not_tell_its_time_gives_no_such_evidence() -> None:
    tracker = EvidenceTracker(0.0)
    tracker.record("IN_PROGRESS", 60.0)
    newest = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert not tracker.evidence("SUCCEEDED", SOME, 90.0, newest).written_since_running


def test_a_poll_soon_after_the_start_may_show_an_earlier_export() -> None:
    evidence = evidence_after([(SETTLING_TIME - 1, "IN_PROGRESS"), (SETTLING_TIME, "SUCCEEDED")])
    assert (evidence.since_running, evidence.ever_running, evidence.continuous) == (None, True, False)


def test_an_export_that_was_not_polled_for_a_while_before_its_end_is_not_continuous() -> None:
    evidence = evidence_after([(60, "IN_PROGRESS"), (60 + MAX_POLL_GAP + 1, "SUCCEEDED")])
    assert evidence.ever_running
    assert not evidence.continuous


def test_what_runs_after_an_interruption_may_be_another_export() -> None:
    before, after = (50.0, "IN_PROGRESS"), [(150.0, "IN_PROGRESS"), (160.0, "SUCCEEDED")]
    assert not evidence_after([before, (50.0 + MAX_POLL_GAP + 1, "IN_PROGRESS"), *after]).continuous
    assert evidence_after([before, (50.0 + MAX_POLL_GAP, "IN_PROGRESS"), *after]).continuous


def test_an_interruption_directly_after_the_start_counts_too() -> None:
    polls = [(MAX_POLL_GAP + 1, "IN_PROGRESS"), (70, "SUCCEEDED")]
    assert not evidence_after(polls).continuous
    assert evidence_after(polls, observed_since=50.0).continuous


def test_the_evidence_has_what_is_known_of_the_token() -> None:
    tracker = EvidenceTracker(0.0)
    assert tracker.evidence(None, NONE, 1.0).token is ASKABLE
    tracker.token = REFUSED
    assert tracker.evidence(None, NONE, 1.0).token is REFUSED
    assert EvidenceTracker(0.0, EXPIRED).evidence(None, NONE, 1.0).token is EXPIRED
