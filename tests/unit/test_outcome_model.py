"""The decision about an export's outcome, on a random service with other teams, lag, pauses and three kinds of token."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.outcome import MAX_POLL_GAP, SETTLING_TIME, Verdict

from tests.support.outcome_service import TOKEN_KINDS, Limits, OutcomeService, WaitResult, wait_for_outcome

RUNS = 3000
#: Within these limits a service that replays tokens leaves no room for a wrong outcome. Outside of them it does: a status that
#: lags for longer than `SETTLING_TIME` shows an earlier export as ours, and one that takes less than `MAX_POLL_GAP` fits
#: between two polls.
WITHIN_LIMITS = Limits(
    lags=(0, 1, 2, 10, 30, 45, SETTLING_TIME),
    foreign_lengths=(MAX_POLL_GAP + 1, 90, 300, 600),
    token_kinds=("replay",),
)


def simulate(rng: random.Random, limits: Limits) -> WaitResult:
    return wait_for_outcome(OutcomeService.generate(rng, limits), rng)


def assert_right(result: WaitResult) -> None:
    assert not result.wrong_success
    assert not result.wrong_failure
    assert result.verdict in (Verdict.SUCCEEDED, Verdict.FAILED)
    assert result.started == 0


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_outcome_is_wrong_where_tokens_are_replayed(rng: random.Random) -> None:
    assert_right(simulate(rng, WITHIN_LIMITS))


def test_no_outcome_is_wrong_in_many_runs_where_tokens_are_replayed() -> None:
    rng = random.Random(2)
    for _ in range(RUNS):
        assert_right(simulate(rng, WITHIN_LIMITS))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(TOKEN_KINDS))
def test_a_question_starts_at_most_one_further_export(rng: random.Random, token: str) -> None:
    result = simulate(rng, Limits(token_kinds=(token,)))  # type: ignore[arg-type]
    assert result.started <= (1 if token == "forget" else 0)
    assert result.verdict is not None


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.randoms(use_true_random=False))
def test_an_export_that_nothing_disturbs_and_writes_at_its_end_costs_no_question(rng: random.Random) -> None:
    service = OutcomeService.generate(rng, Limits(lags=(0,), lengths=(300,)))
    ours = service.ours = replace(service.ours, writes=[service.ours.end] if service.ours.writes else [])
    service.exports, service.objects_visible = [ours], True
    undisturbed = random.Random(1)
    undisturbed.random = lambda: 1.0  # type: ignore[method-assign]  # no pause
    result = wait_for_outcome(service, undisturbed)
    if ours.result == "SUCCEEDED" and ours.writes:
        assert (result.verdict, result.questions) == (Verdict.SUCCEEDED, 0)


#: The most that may happen in 30,000 runs of each kind of token.
UPPER_BOUNDS = {
    "replay": {"wrong": 20, "undetermined": 0, "questions": 34_500, "started": 0},
    "refuse": {"wrong": 2_200, "undetermined": 5_000, "questions": 29_500, "started": 0},
    "forget": {"wrong": 260, "undetermined": 2_700, "questions": 35_000, "started": 17_000},
}


@pytest.mark.parametrize("token", TOKEN_KINDS)
def test_the_rates_of_wrong_and_undetermined_outcomes_stay_within_bounds(token: str) -> None:
    rng, counts = random.Random(2), Counter[str]()
    for _ in range(RUNS):
        result = simulate(rng, Limits(token_kinds=(token,)))  # type: ignore[arg-type]
        counts.update(
            wrong=result.wrong_success or result.wrong_failure,
            undetermined=result.verdict is Verdict.UNDETERMINED,
            questions=result.questions,
            started=result.started,
            never=result.verdict is None,
        )
    rates = {name: round(count * 30_000 / RUNS) for name, count in counts.items()}
    print(f"{token}, of 30,000: {rates}")
    assert counts["never"] == 0
    assert {name: rates[name] for name, most in UPPER_BOUNDS[token].items() if rates[name] > most} == {}
