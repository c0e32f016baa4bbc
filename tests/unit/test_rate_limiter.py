"""The rate limiter: its pace, and who gets a slot when an operation leaves the queue."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._runtime.context import Cancellation, OperationContext
from pulumi_sagemaker_geospatial._runtime.rate_limiter import HEADROOM, RateLimiter, Unlimited
from pulumi_sagemaker_geospatial.errors import CancelledError, WaitTimeoutError

from tests.support.clocks import AcceleratedClock, FakeClock, ManualClock
from tests.support.threads import Background, run_together

#: A rate with one slot a second.
ONE_SLOT_A_SECOND = HEADROOM


def call_times(per_second: float, pauses: list[float]) -> list[float]:
    """Return when calls are let through, each of which comes after a pause."""
    clock = FakeClock()
    limiter, ctx, times = RateLimiter(per_second, clock), OperationContext(clock=clock), []
    for pause in pauses:
        clock.advance(pause)
        limiter.acquire(ctx, "calling")
        times.append(clock.now())
    return times


@given(st.floats(0.2, 50), st.lists(st.floats(0, 3) | st.floats(0, 0.03), min_size=1, max_size=80))
def test_no_second_has_more_calls_than_the_limit(per_second: float, pauses: list[float]) -> None:
    times = call_times(per_second, pauses)
    most = math.ceil(per_second)
    window = most / per_second  # a second, where the limit is a whole number
    for first, following in zip(times, times[most:], strict=False):
        assert following - first >= window - 1e-6


@given(st.lists(st.floats(0, 0.2), min_size=2, max_size=50))
def test_calls_are_evenly_spaced(pauses: list[float]) -> None:
    times = call_times(10, pauses)
    assert min(after - before for before, after in itertools.pairwise(times)) >= 0.11 - 0.005 - 1e-9


def test_a_pause_is_not_saved_up_for_a_burst() -> None:
    times = call_times(10, [0, 100, *[0] * 20])
    assert times[-1] - times[1] == pytest.approx(20 * 0.11, abs=0.006)


def test_calls_below_the_limit_do_not_wait() -> None:
    assert call_times(10, [1, 1, 1]) == [1, 2, 3]


def test_threads_that_wake_up_late_do_not_lower_the_pace() -> None:
    clock = FakeClock()
    limiter, ctx = RateLimiter(10, clock), OperationContext(clock=clock)
    for _ in range(51):
        limiter.acquire(ctx, "calling")
        clock.advance(0.112)
    assert clock.now() - 0.112 == pytest.approx(50 * 0.112)


def test_all_threads_share_the_pace() -> None:
    clock = AcceleratedClock()
    limiter, ctx = RateLimiter(50, clock), OperationContext(clock=clock)
    start = clock.now()

    def make_calls(_: int) -> None:
        for _ in range(10):
            limiter.acquire(ctx, "calling")

    assert run_together(8, make_calls) == [None] * 8
    assert clock.now() - start >= 79 * HEADROOM / 50 - 0.005


def acquire_at(limiter: RateLimiter, clock: ManualClock, order: list[str], name: str, **context: float) -> Background:
    """Wait for a slot on a thread of its own; note the name when it is there."""

    def acquire() -> float:
        limiter.acquire(OperationContext(clock=clock, **context), name)  # type: ignore[arg-type]
        order.append(name)
        return clock.now()

    waits = clock.waits
    thread = Background(acquire)
    clock.await_waits(waits + 1)
    return thread


def limiter_without_a_free_slot(clock: ManualClock) -> RateLimiter:
    limiter = RateLimiter(ONE_SLOT_A_SECOND, clock)
    limiter.acquire(OperationContext(clock=clock), "the first")
    return limiter


def test_slots_go_to_operations_in_the_order_in_which_they_came() -> None:
    clock, order = ManualClock(), list[str]()
    limiter = limiter_without_a_free_slot(clock)
    threads = [acquire_at(limiter, clock, order, name) for name in "abc"]
    for remaining in (2, 1, 0):
        clock.advance(1)
        clock.await_waits(remaining)
    assert [each.result() for each in threads] == [1, 2, 3]
    assert order == ["a", "b", "c"]


def test_an_operation_that_leaves_at_its_deadline_leaves_its_slot_to_those_behind_it() -> None:
    clock, order = ManualClock(), list[str]()
    limiter = limiter_without_a_free_slot(clock)
    leaving = acquire_at(limiter, clock, order, "leaving", deadline=0.5)
    behind = acquire_at(limiter, clock, order, "behind")
    clock.advance(0.5)
    assert isinstance(leaving.result(), WaitTimeoutError)
    clock.advance(0.5)
    assert behind.result() == 1
    assert order == ["behind"]


def test_an_operation_that_leaves_from_the_middle_of_the_queue_delays_nobody() -> None:
    clock, order = ManualClock(), list[str]()
    limiter = limiter_without_a_free_slot(clock)
    first = acquire_at(limiter, clock, order, "first")
    leaving = acquire_at(limiter, clock, order, "leaving", deadline=0.5)
    last = acquire_at(limiter, clock, order, "last")
    clock.advance(0.5)
    assert isinstance(leaving.result(), WaitTimeoutError)
    clock.advance(0.5)
    assert first.result() == 1
    clock.advance(1)
    assert last.result() == 2


def test_a_cancellation_ends_every_wait_at_once() -> None:
    clock, cancellation = ManualClock(), Cancellation()
    limiter = limiter_without_a_free_slot(clock)
    ctx = OperationContext(clock=clock, cancellation=cancellation)
    threads = [Background(lambda: limiter.acquire(ctx, "calling")) for _ in range(5)]
    clock.await_waits(5)
    cancellation.cancel()
    assert [type(each.result()) for each in threads] == [CancelledError] * 5
    assert clock.now() == 0


def test_an_operation_that_is_over_takes_no_slot() -> None:
    clock = FakeClock()
    limiter = RateLimiter(ONE_SLOT_A_SECOND, clock)
    over = OperationContext(clock=clock)
    over.cancellation.cancel()
    for _ in range(3):
        with pytest.raises(CancelledError, match=r"^calling: cancelled"):
            limiter.acquire(over, "calling")
    limiter.acquire(OperationContext(clock=clock), "calling")
    assert clock.now() == 0


def test_without_a_limit_only_an_operation_that_is_over_is_stopped() -> None:
    ctx = OperationContext(clock=FakeClock())
    Unlimited().acquire(ctx, "calling", "ListEarthObservationJobs")
    ctx.cancellation.cancel()
    with pytest.raises(CancelledError):
        Unlimited().acquire(ctx, "calling", "ListEarthObservationJobs")
