"""Polling: how often a job is described while an operation waits for it."""

from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.polling import MAX_POLL_INTERVAL, poll_interval, poll_until
from pulumi_sagemaker_geospatial._runtime.rate_limiter import RateLimiter
from pulumi_sagemaker_geospatial._runtime.settings import MAX_CALLS_PER_SECOND, POLL_INTERVAL
from pulumi_sagemaker_geospatial.errors import CancelledError, WaitTimeoutError

from tests.support.clocks import AcceleratedClock, FakeClock, ManualClock
from tests.support.threads import Background, run_together

#: Jitter makes an interval at most this much longer.
JITTER = 1.1


class ExportWait:
    """A wait for an export that takes ``seconds``, with the times of its polls."""

    def __init__(self, seconds: float, deadline: float = 36_000.0) -> None:
        self.clock = FakeClock()
        self.seconds, self.polls = seconds, list[float]()
        self.ctx = OperationContext(clock=self.clock, deadline=deadline)

    def poll(self) -> str:
        self.polls.append(self.clock.now())
        return "SUCCEEDED" if self.clock.now() >= self.seconds else "IN_PROGRESS"

    def run(self, min_interval: float = POLL_INTERVAL.default) -> str:
        return poll_until(
            self.ctx,
            self.poll,
            lambda status: status == "SUCCEEDED",
            min_interval=min_interval,
            waiting_since=0.0,
            doing="waiting for the export",
        )

    @property
    def gaps(self) -> list[float]:
        return [after - before for before, after in itertools.pairwise([0.0, *self.polls])]


def test_an_export_of_five_minutes_costs_at_most_30_calls() -> None:
    wait = ExportWait(300)
    assert wait.run() == "SUCCEEDED"
    starts = 1
    assert len(wait.polls) + starts <= 30
    assert wait.polls[-1] < 300 + MAX_POLL_INTERVAL * JITTER + 1


@pytest.mark.parametrize("seconds", [5, 30, 60])
def test_a_short_export_is_seen_at_most_ten_seconds_after_its_end(seconds: int) -> None:
    for _ in range(20):
        wait = ExportWait(seconds)
        wait.run()
        assert wait.polls[-1] <= seconds + 10


def test_polls_are_quick_at_first_and_slow_later() -> None:
    wait = ExportWait(900)
    wait.run()
    assert wait.gaps[:3] == pytest.approx([POLL_INTERVAL.default] * 3, rel=0.2)
    assert max(wait.gaps) <= MAX_POLL_INTERVAL * JITTER + 1e-6
    assert min(wait.gaps[-5:]) >= MAX_POLL_INTERVAL - 1e-6


@settings(deadline=None)
@given(st.floats(0.5, 60), st.floats(10, 2000))
def test_the_minimum_interval_is_kept(min_interval: float, seconds: float) -> None:
    wait = ExportWait(seconds)
    wait.run(min_interval)
    assert min(wait.gaps) >= min_interval - 1e-6


@given(st.floats(0, 10_000), st.floats(0.1, 100))
def test_an_interval_never_shrinks_and_is_bounded(waited: float, min_interval: float) -> None:
    interval = poll_interval(waited, min_interval)
    assert min_interval <= interval <= max(min_interval, MAX_POLL_INTERVAL)
    assert poll_interval(waited + 1, min_interval) >= interval


def test_waits_that_began_together_drift_apart() -> None:
    times = set()
    for _ in range(10):
        wait = ExportWait(60)
        wait.run()
        times.add(tuple(wait.polls))
    assert len(times) == 10


def test_a_wait_ends_at_its_deadline() -> None:
    wait = ExportWait(10_000, deadline=100)
    with pytest.raises(WaitTimeoutError, match=r"^waiting for the export: timed out; increase custom_timeouts"):
        wait.run()
    assert wait.clock.now() == pytest.approx(100)
    assert wait.polls[-1] < 100


def test_an_error_of_a_poll_ends_the_wait() -> None:
    def poll() -> str:
        raise ValueError("of the poll")

    with pytest.raises(ValueError, match="of the poll"):
        poll_until(
            OperationContext(clock=FakeClock()), poll, lambda _: True, min_interval=1, waiting_since=0, doing="waiting"
        )


def test_a_cancellation_ends_every_wait_without_another_poll() -> None:
    clock, polls = ManualClock(), list[int]()
    ctx = OperationContext(clock=clock)

    def wait() -> None:
        poll_until(ctx, lambda: polls.append(1), lambda _: False, min_interval=1e6, waiting_since=0.0, doing="waiting")

    threads = [Background(wait) for _ in range(20)]
    clock.await_waits(20)
    ctx.cancellation.cancel()
    assert [type(each.result()) for each in threads] == [CancelledError] * 20
    assert polls == []
    assert clock.now() == 0


def test_each_wait_polls_on_its_own_while_the_poll_of_another_hangs() -> None:
    hanging, release = threading.Event(), threading.Event()

    def hang() -> str:
        hanging.set()
        release.wait(20)
        return "released"

    ctx = OperationContext(clock=FakeClock())
    stuck = Background(
        lambda: poll_until(ctx, hang, lambda _: True, min_interval=1, waiting_since=0.0, doing="waiting")
    )
    assert hanging.wait(20)
    wait = ExportWait(300)
    assert wait.run() == "SUCCEEDED"
    assert stuck.running
    release.set()
    assert stuck.result() == "released"


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 60))
def test_many_waits_keep_to_the_rate_limit(count: int) -> None:
    clock = AcceleratedClock()
    limiter, calls = RateLimiter(MAX_CALLS_PER_SECOND.default, clock), list[float]()
    ctx = OperationContext(clock=clock)
    start = clock.now()

    def poll() -> float:
        limiter.acquire(ctx, "polling")
        calls.append(clock.now())
        return clock.now()

    def wait(_: int) -> float:
        return poll_until(ctx, poll, lambda now: now > start + 10, min_interval=2, waiting_since=start, doing="waiting")

    assert all(isinstance(each, float) for each in run_together(count, wait))
    assert len(calls) <= (max(calls) - start) * MAX_CALLS_PER_SECOND.default + 1
