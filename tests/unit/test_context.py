"""The context of an operation: its deadline, its cancellation, and waits that end with either."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._runtime.clock import MonotonicClock
from pulumi_sagemaker_geospatial._runtime.context import Cancellation, OperationContext
from pulumi_sagemaker_geospatial.errors import CancelledError, WaitInterruptedError, WaitTimeoutError

from tests.support.clocks import FakeClock, ManualClock
from tests.support.threads import Background


@given(st.floats(0, 100), st.floats(0, 100))
def test_an_operation_is_over_at_its_deadline(deadline: float, now: float) -> None:
    clock = FakeClock()
    ctx = OperationContext(clock=clock, deadline=deadline)
    clock.advance(now)
    assert ctx.remaining == max(0, deadline - now)
    assert ctx.done == (now >= deadline)


def test_an_operation_without_a_deadline_has_time_forever() -> None:
    ctx = OperationContext(clock=FakeClock())
    assert ctx.remaining == float("inf")
    ctx.raise_if_done("waiting")


def test_a_timeout_says_what_was_done_and_what_to_do() -> None:
    ctx = OperationContext(clock=FakeClock(), deadline=0, interruption_note="The export may still be running.")
    with pytest.raises(WaitTimeoutError) as caught:
        ctx.raise_if_done("waiting for the job", ValueError("The last one."))
    assert str(caught.value) == (
        "waiting for the job: timed out; increase custom_timeouts. Last error: The last one. The export may still be running. [SGE501]"
    )


def test_a_cancellation_is_reported_rather_than_a_timeout() -> None:
    ctx = OperationContext(clock=FakeClock(), deadline=0)
    ctx.cancellation.cancel()
    with pytest.raises(CancelledError) as caught:
        ctx.raise_if_done("waiting")
    assert str(caught.value) == "waiting: cancelled. [SGE502]"
    assert isinstance(caught.value, WaitInterruptedError)


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_sleep_ends_at_the_deadline(seconds: float, deadline: float) -> None:
    clock = FakeClock()
    OperationContext(clock=clock, deadline=deadline).sleep(seconds)
    assert clock.now() == min(seconds, deadline)


def test_a_wait_ends_with_its_event() -> None:
    clock, event = ManualClock(), threading.Event()
    waiting = Background(lambda: OperationContext(clock=clock).wait(event))
    clock.await_waits(1)
    event.set()
    assert waiting.result() is None
    assert clock.now() == 0


def test_a_cancellation_ends_every_wait_that_shares_it() -> None:
    clock, cancellation = ManualClock(), Cancellation()
    contexts = [OperationContext(clock=clock, cancellation=cancellation) for _ in range(5)]
    waiting = [Background(lambda ctx=ctx: ctx.sleep(1e9)) for ctx in contexts]  # type: ignore[misc]
    clock.await_waits(5)
    cancellation.cancel()
    assert [each.result() for each in waiting] == [None] * 5
    assert all(ctx.done for ctx in contexts)


def test_a_cancelled_operation_does_not_wait() -> None:
    clock = FakeClock()
    ctx = OperationContext(clock=clock)
    ctx.cancellation.cancel()
    ctx.cancellation.cancel()
    ctx.sleep(10)
    assert clock.now() == 0


def test_a_cancellation_forgets_waits_that_have_ended() -> None:
    cancellation, event = Cancellation(), threading.Event()
    with cancellation.waking(event):
        assert not event.is_set()
    cancellation.cancel()
    assert not event.is_set()
    with cancellation.waking(event):
        assert event.is_set()


def test_messages_are_discarded_by_default() -> None:
    ctx = OperationContext()
    for log in (ctx.log_progress, ctx.log_adoption, ctx.log_warning, ctx.log_warning_once):
        log("a message")


def test_the_machines_clock_waits_for_an_event_without_end() -> None:
    clock, event = MonotonicClock(), threading.Event()
    before = clock.now()
    waiting = Background(lambda: clock.wait(event, float("inf")))
    event.set()
    assert waiting.result() is True
    assert clock.wait(threading.Event(), 0) is False
    assert clock.now() >= before
