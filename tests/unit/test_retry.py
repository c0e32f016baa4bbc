"""Retries within an operation's deadline, and grace periods."""

from __future__ import annotations

import itertools

import pytest
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.retry import (
    LONGEST_PAUSE,
    GracePeriods,
    RetryableError,
    retry_until_deadline,
)
from pulumi_sagemaker_geospatial.errors import CancelledError, ServiceCallError, WaitTimeoutError

from tests.support.clocks import FakeClock

THROTTLED = ServiceCallError("starting was refused: slow down", "ThrottlingException", "slow down")


class Attempts:
    """Attempts that fail until the last of them, with their times."""

    def __init__(self, clock: FakeClock, failures: int) -> None:
        self.clock, self.times = clock, list[float]()
        self._left = failures

    def __call__(self) -> str:
        self.times.append(self.clock.now())
        if self._left:
            self._left -= 1
            raise RetryableError(THROTTLED, "waiting: throttled")
        return "started"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_an_attempt_that_succeeds_is_the_only_one(clock: FakeClock) -> None:
    attempts = Attempts(clock, 0)
    assert retry_until_deadline(OperationContext(clock=clock), "starting", attempts) == "started"
    assert attempts.times == [0]


def test_attempts_are_repeated_with_growing_pauses(clock: FakeClock) -> None:
    attempts, progress = Attempts(clock, 12), list[str]()
    ctx = OperationContext(clock=clock, log_progress=progress.append)
    assert retry_until_deadline(ctx, "starting", attempts) == "started"
    pauses = [after - before for before, after in itertools.pairwise(attempts.times)]
    assert 0.5 <= pauses[0] <= 1.0
    assert all(after > before - 0.5 for before, after in itertools.pairwise(pauses))
    assert max(pauses) <= LONGEST_PAUSE + 0.5
    assert min(pauses[-3:]) >= LONGEST_PAUSE
    assert progress == ["waiting: throttled"] * 12


def test_operations_that_began_together_drift_apart() -> None:
    times = set()
    for _ in range(10):
        clock = FakeClock()
        attempts = Attempts(clock, 3)
        retry_until_deadline(OperationContext(clock=clock), "starting", attempts)
        times.add(tuple(attempts.times))
    assert len(times) == 10


def test_any_other_error_ends_the_retries(clock: FakeClock) -> None:
    def attempt() -> None:
        raise ValueError("final")

    with pytest.raises(ValueError, match="final"):
        retry_until_deadline(OperationContext(clock=clock), "starting", attempt)
    assert clock.now() == 0


def test_retries_end_at_the_deadline_and_tell_the_last_error(clock: FakeClock) -> None:
    attempts = Attempts(clock, 1000)
    with pytest.raises(WaitTimeoutError, match=r"^starting: timed out; .* Last error: starting was refused: slow down"):
        retry_until_deadline(OperationContext(clock=clock, deadline=100), "starting", attempts)
    assert clock.now() == 100
    assert attempts.times[-1] < 100


def test_retries_end_on_cancellation_and_tell_the_last_error(clock: FakeClock) -> None:
    ctx = OperationContext(clock=clock)

    def attempt() -> None:
        ctx.cancellation.cancel()
        raise RetryableError(THROTTLED)

    with pytest.raises(CancelledError, match=r"^starting: cancelled\. Last error: starting was refused: slow down"):
        retry_until_deadline(ctx, "starting", attempt)
    assert clock.now() == 0


def test_an_operation_that_is_over_makes_no_attempt(clock: FakeClock) -> None:
    attempts = Attempts(clock, 0)
    with pytest.raises(WaitTimeoutError, match=r"custom_timeouts\. \[SGE501\]$"):
        retry_until_deadline(OperationContext(clock=clock, deadline=0), "starting", attempts)
    assert attempts.times == []


def test_a_grace_period_begins_when_its_failure_is_first_seen(clock: FakeClock) -> None:
    periods = GracePeriods(OperationContext(clock=clock))
    clock.advance(1000)
    assert periods.is_within("role", 120)
    clock.advance(119)
    assert periods.is_within("role", 120)
    assert periods.is_within("network", 120)
    clock.advance(1)
    assert not periods.is_within("role", 120)
    assert periods.is_within("network", 120)


def test_a_grace_period_includes_the_attempt_that_failed_first(clock: FakeClock) -> None:
    periods = GracePeriods(OperationContext(clock=clock))
    periods.begin_attempt()
    clock.advance(60)  # five connection timeouts of botocore's
    assert not periods.is_within("network", 60)


def test_without_a_grace_period_a_failure_is_final(clock: FakeClock) -> None:
    assert not GracePeriods(OperationContext(clock=clock)).is_within("role", 0)
