"""Calls on daemon threads: results and errors, order and concurrency, and calls that hang."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._runtime.calls import (
    AbandonedCallError,
    CallInProgress,
    DaemonCallRunner,
    call_in_progress,
    calling,
)
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial.errors import CancelledError, WaitTimeoutError

from tests.support.clocks import FakeClock, ManualClock
from tests.support.threads import Background, run_together

PATIENCE = 20.0


class HangingCalls:
    """Calls that hang until the test releases them all; ``entered`` counts those that have begun."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.entered = threading.Semaphore(0)

    def __call__(self) -> str:
        self.entered.release()
        self.release.wait(PATIENCE)
        return "released"

    def await_entered(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.entered.acquire(timeout=PATIENCE)


@contextmanager
def hanging() -> Iterator[HangingCalls]:
    calls = HangingCalls()
    try:
        yield calls
    finally:
        calls.release.set()


def run(runner: DaemonCallRunner, call: Callable[[], Any], ctx: OperationContext | None = None) -> Any:
    return runner.run(ctx or OperationContext(), "calling", call)


def test_a_call_returns_its_result_to_its_caller() -> None:
    runner = DaemonCallRunner()
    assert run(runner, lambda: 5) == 5
    assert run_together(50, lambda number: run(runner, lambda: number)) == list(range(50))


def test_a_call_raises_its_error_in_its_caller_and_the_next_call_works() -> None:
    runner = DaemonCallRunner(max_concurrent=1)
    with pytest.raises(KeyError, match="of the call"):
        run(runner, lambda: dict[str, str]()["of the call"])
    assert run(runner, lambda: "works") == "works"


def test_calls_run_on_daemon_threads_that_are_used_again() -> None:
    runner = DaemonCallRunner(max_concurrent=1)
    threads = {run(runner, threading.current_thread) for _ in range(10)}
    assert len(threads) == 1
    assert all(each.daemon for each in threads)


def test_calls_that_have_to_wait_run_in_the_order_in_which_they_came() -> None:
    runner, order = DaemonCallRunner(max_concurrent=1), list[int]()
    clock = ManualClock()
    with hanging() as calls:
        first = Background(lambda: run(runner, calls))
        calls.await_entered()
        waiting = []
        for number in range(5):
            ctx = OperationContext(clock=clock)
            waiting.append(Background(lambda ctx=ctx, number=number: run(runner, lambda: order.append(number), ctx)))  # type: ignore[misc]
            clock.await_waits(number + 1)
    assert first.result() == "released"
    assert [each.result() for each in waiting] == [None] * 5
    assert order == [0, 1, 2, 3, 4]


def test_no_more_calls_run_at_once_than_the_limit() -> None:
    runner, most = DaemonCallRunner(max_concurrent=3), 0
    lock, running = threading.Lock(), 0
    gate = threading.Barrier(3)

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(PATIENCE)  # passes in threes: three calls do run at once
        with lock:
            running -= 1

    run_together(30, lambda _: run(runner, call))
    assert most == 3


def test_a_call_that_hangs_is_abandoned_at_the_deadline() -> None:
    clock, runner = ManualClock(), DaemonCallRunner()
    with hanging() as calls:
        caller = Background(lambda: run(runner, calls, OperationContext(clock=clock, deadline=10)))
        calls.await_entered()
        clock.await_waits(1)
        clock.advance(9.5)
        assert caller.running
        clock.advance(0.5)
        assert isinstance(caller.result(), WaitTimeoutError)


def test_a_call_that_hangs_is_abandoned_on_cancellation() -> None:
    runner, ctx = DaemonCallRunner(), OperationContext()
    with hanging() as calls:
        caller = Background(lambda: run(runner, calls, ctx))
        calls.await_entered()
        ctx.cancellation.cancel()
        assert isinstance(caller.result(), CancelledError)


def test_an_abandoned_call_frees_its_place() -> None:
    runner = DaemonCallRunner(max_concurrent=2)
    with hanging() as calls:
        for _ in range(3):
            ctx = OperationContext()
            callers = [Background(lambda ctx=ctx: run(runner, calls, ctx)) for _ in range(2)]  # type: ignore[misc]
            calls.await_entered(2)
            ctx.cancellation.cancel()
            assert [type(each.result()) for each in callers] == [CancelledError] * 2
        assert run(runner, lambda: "free") == "free"
    assert run_together(4, lambda number: run(runner, lambda: number)) == [0, 1, 2, 3]


def test_abandoned_calls_that_end_later_do_not_widen_the_limit() -> None:
    runner = DaemonCallRunner(max_concurrent=1)
    with hanging() as abandoned:
        ctx = OperationContext()
        caller = Background(lambda: run(runner, abandoned, ctx))
        abandoned.await_entered()
        ctx.cancellation.cancel()
        caller.result()
    with hanging() as calls:
        clock = ManualClock()
        callers = [Background(lambda: run(runner, calls, OperationContext(clock=clock))) for _ in range(2)]
        clock.await_waits(2)
        calls.await_entered()
        assert not calls.entered.acquire(blocking=False)
    assert [each.result() for each in callers] == ["released"] * 2


def test_a_caller_that_leaves_the_queue_never_makes_its_call() -> None:
    runner, made = DaemonCallRunner(max_concurrent=1), list[str]()
    with hanging() as calls:
        first = Background(lambda: run(runner, calls))
        calls.await_entered()
        ctx = OperationContext()
        leaving = Background(lambda: run(runner, lambda: made.append("a call"), ctx))
        ctx.cancellation.cancel()
        assert isinstance(leaving.result(), CancelledError)
    assert first.result() == "released"
    assert run(runner, lambda: "next") == "next"
    assert made == []


def test_an_operation_that_is_over_makes_no_call() -> None:
    made = list[str]()
    for ctx in (OperationContext(clock=FakeClock(), deadline=0), OperationContext()):
        ctx.cancellation.cancel()
        with pytest.raises(CancelledError, match=r"^calling: cancelled"):
            run(DaemonCallRunner(), lambda: made.append("a call"), ctx)
    assert made == []


def test_a_clock_that_wakes_its_waiters_early_loses_no_result() -> None:
    class EarlyClock(FakeClock):
        def wait(self, event: threading.Event, seconds: float) -> bool:
            return event.wait(0.001)

    entered, release = threading.Event(), threading.Event()

    def call() -> str:
        entered.set()
        release.wait(PATIENCE)
        return "result"

    caller = Background(lambda: run(DaemonCallRunner(), call, OperationContext(clock=EarlyClock())))
    assert entered.wait(PATIENCE)
    with pytest.raises(AssertionError, match="has not ended"):
        caller.result(0.05)
    release.set()
    assert caller.result() == "result"


def attempts_after(end: Callable[[OperationContext, ManualClock], None]) -> Any:
    """Return how the second attempt of a call ends whose caller has left during the first one."""
    clock = ManualClock()
    ctx = OperationContext(clock=clock, deadline=10)
    outcome: list[Any] = []
    finished = threading.Event()
    with hanging() as calls:

        def call_with_retries() -> None:
            calls()
            try:
                progress = call_in_progress()
                assert progress is not None
                progress.raise_if_over()
                outcome.append("another attempt")
            except Exception as exc:  # noqa: BLE001 - the test looks at it
                outcome.append(type(exc))
            finished.set()

        caller = Background(lambda: run(DaemonCallRunner(), call_with_retries, ctx))
        calls.await_entered()
        clock.await_waits(1)
        end(ctx, clock)
        caller.result()
    assert finished.wait(PATIENCE)
    return outcome[0]


def test_an_abandoned_call_cannot_make_another_attempt() -> None:
    assert attempts_after(lambda ctx, clock: ctx.cancellation.cancel()) is CancelledError
    assert attempts_after(lambda ctx, clock: clock.advance(10)) is WaitTimeoutError


def test_a_call_that_was_abandoned_before_the_deadline_is_over_too() -> None:
    call = CallInProgress(OperationContext(), "calling")
    call.raise_if_over()
    call.abandoned = True
    with pytest.raises(AbandonedCallError, match="calling"):
        call.raise_if_over()


def test_a_thread_knows_the_call_that_it_makes() -> None:
    assert call_in_progress() is None
    call = CallInProgress(OperationContext(), "calling")
    with calling(call):
        assert call_in_progress() is call
    assert call_in_progress() is None
    ctx = OperationContext(urn="of this call")
    progress = run(DaemonCallRunner(), call_in_progress, ctx)
    assert (progress.ctx, progress.doing, progress.abandoned) == (ctx, "calling", False)
