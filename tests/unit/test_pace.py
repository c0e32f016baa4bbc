"""The pace that a rate limiter finds: simulated against a service that throttles, by pure functions of the time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.rate_limiter import (
    HEADROOM,
    MAX_RATE,
    MIN_RATE,
    OperationRateLimiters,
    Pace,
)
from pulumi_sagemaker_geospatial._runtime.settings import MAX_CALLS_PER_SECOND

from tests.support.clocks import FakeClock

EXPORT_SECONDS = 300.0


@dataclass
class Outcome:
    """When the last of the calls was accepted, and how many were made."""

    seconds: float
    calls: int
    throttled: int


def simulate(
    count: int, limit: float, ceiling: float = MAX_RATE, rate: float = MAX_CALLS_PER_SECOND.default
) -> Outcome:
    """Make ``count`` calls of a service that accepts ``limit`` a second, with a burst of as many."""
    pace, now, tokens, refilled, calls, left = Pace(rate, ceiling, 0.0), 0.0, limit, 0.0, 0, count
    while left:
        pace.record_call(now)
        tokens, refilled = min(limit, tokens + (now - refilled) * limit), now
        calls += 1
        if tokens >= 1:
            tokens, left = tokens - 1, left - 1
        else:
            pace.record_throttling(now)
        now += HEADROOM / pace.rate
    return Outcome(now, calls, calls - count)


@pytest.mark.parametrize("limit", [5, 20, 100])
def test_a_thousand_exports_take_at_most_a_tenth_longer_than_the_ideal(limit: int) -> None:
    outcome = simulate(1000, limit)
    ideal = 1000 / limit + EXPORT_SECONDS
    print(f"limit {limit}: {outcome.seconds + EXPORT_SECONDS:.0f} s, ideal {ideal:.0f} s, {outcome}")
    assert outcome.seconds + EXPORT_SECONDS <= 1.1 * ideal
    assert outcome.throttled <= 0.1 * outcome.calls


def test_without_throttling_the_pace_doubles_each_second_up_to_the_most() -> None:
    pace, rates = Pace(10, MAX_RATE, 0.0), []
    for tenth in range(61):
        pace.record_call(tenth / 10)
        if tenth % 10 == 0:
            rates.append(pace.rate)
    assert rates == [10, 20, 40, 80, 100, 100, 100]


def test_calls_that_are_throttled_together_halve_the_pace_once() -> None:
    pace = Pace(40, MAX_RATE, 0.0)
    for thousandth in range(10):
        pace.record_throttling(thousandth / 1000)
    assert pace.rate == 20


@given(st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=100), st.sampled_from([0.5, 10.0, 100.0]))
def test_the_pace_stays_between_the_least_and_the_ceiling(events: list[tuple[float, bool]], ceiling: float) -> None:
    pace, now = Pace(min(10.0, ceiling), ceiling, 0.0), 0.0
    for pause, is_throttled in events:
        now += pause
        pace.record_call(now)
        if is_throttled:
            pace.record_throttling(now)
        assert min(MIN_RATE, ceiling) <= pace.rate <= ceiling


def test_a_limit_that_was_raised_is_found() -> None:
    pace = Pace(10, MAX_RATE, 0.0)
    pace.record_throttling(0.0)
    for second in range(1, 120):
        pace.record_call(float(second))
    assert pace.rate == MAX_RATE


def test_throttling_of_one_operation_does_not_slow_down_another() -> None:
    clock, times = FakeClock(), dict[str, list[float]]()
    limiters, ctx = OperationRateLimiters(10, clock, 10), OperationContext(clock=clock)
    limiters.record_throttling("start")
    for operation in ("start", "get"):
        times[operation] = []
        for _ in range(11):
            limiters.acquire(ctx, "calling", operation)
            times[operation].append(clock.now())
    durations = {operation: each[-1] - each[0] for operation, each in times.items()}
    assert durations["start"] > 1.5 * durations["get"]
