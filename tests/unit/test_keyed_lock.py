"""Locks by key: one holder, first come first served, and operations that leave the queue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.keyed_lock import KeyedLock
from pulumi_sagemaker_geospatial.errors import CancelledError, WaitTimeoutError

from tests.support.clocks import ManualClock
from tests.support.threads import Background, run_together

PATIENCE = 20.0


@contextmanager
def held(lock: KeyedLock, key: str = "job") -> Iterator[None]:
    """Hold a key on another thread."""
    entered, release = threading.Event(), threading.Event()

    def hold() -> None:
        with lock.hold(key, OperationContext(), "holding"):
            entered.set()
            release.wait(PATIENCE)

    holder = Background(hold)
    assert entered.wait(PATIENCE)
    try:
        yield
    finally:
        release.set()
        assert holder.result() is None


def taking(lock: KeyedLock, clock: ManualClock, take: Callable[[], object], deadline: float = 1e9) -> Background:
    """Take a held key on another thread, and return when that waits for it."""
    waits = clock.waits

    def hold() -> None:
        with lock.hold("job", OperationContext(clock=clock, deadline=deadline), "waiting for the job"):
            take()

    thread = Background(hold)
    clock.await_waits(waits + 1)
    return thread


def test_a_key_has_one_holder_at_a_time() -> None:
    lock, inside = KeyedLock(), list[int]()

    def hold(number: int) -> bool:
        with lock.hold("job", OperationContext(), "holding"):
            inside.append(number)
            alone = inside == [number]
            inside.remove(number)
            return alone

    assert run_together(30, hold) == [True] * 30


def test_another_key_is_free() -> None:
    lock = KeyedLock()
    with held(lock, "one"), lock.hold("other", OperationContext(), "holding"):
        pass


def test_a_key_is_given_in_the_order_in_which_operations_came() -> None:
    lock, clock, order = KeyedLock(), ManualClock(), list[int]()
    with held(lock):
        threads = [taking(lock, clock, lambda number=number: order.append(number)) for number in range(5)]  # type: ignore[misc]
    assert [each.result() for each in threads] == [None] * 5
    assert order == [0, 1, 2, 3, 4]


def test_an_operation_leaves_the_queue_at_its_deadline_and_those_behind_it_move_up() -> None:
    lock, clock, order = KeyedLock(), ManualClock(), list[str]()
    with held(lock):
        leaving = taking(lock, clock, lambda: order.append("leaving"), deadline=10)
        behind = taking(lock, clock, lambda: order.append("behind"))
        clock.advance(10)
        error = leaving.result()
        assert isinstance(error, WaitTimeoutError)
        assert str(error).startswith("waiting for the job: timed out")
        assert behind.running
    assert behind.result() is None
    assert order == ["behind"]


def test_a_cancellation_ends_the_wait_for_a_key() -> None:
    lock, ctx, clock = KeyedLock(), OperationContext(), ManualClock()
    ctx = OperationContext(clock=clock)

    def hold() -> None:
        with lock.hold("job", ctx, "waiting"):
            raise AssertionError("the key is held by another operation")

    with held(lock):
        thread = Background(hold)
        clock.await_waits(1)
        ctx.cancellation.cancel()
        assert isinstance(thread.result(), CancelledError)


def test_an_operation_that_is_over_does_not_get_a_free_key() -> None:
    lock, ctx = KeyedLock(), OperationContext()
    ctx.cancellation.cancel()
    with pytest.raises(CancelledError), lock.hold("job", ctx, "waiting"):
        raise AssertionError("the operation is over")
    with lock.hold("job", OperationContext(), "holding"):
        pass


def test_a_wait_is_announced_once_and_only_where_there_is_one() -> None:
    lock, clock, announced = KeyedLock(), ManualClock(), list[str]()

    def hold() -> None:
        with lock.hold("job", OperationContext(clock=clock), "waiting", lambda: announced.append("waiting")):
            pass

    hold()
    assert announced == []
    with held(lock):
        thread = Background(hold)
        clock.await_waits(1)
        assert announced == ["waiting"]
    assert thread.result() is None
    assert announced == ["waiting"]


def test_an_error_of_the_holder_frees_the_key() -> None:
    lock = KeyedLock()
    with pytest.raises(ValueError, match="of the holder"), lock.hold("job", OperationContext(), "holding"):
        raise ValueError("of the holder")
    with lock.hold("job", OperationContext(), "holding"):
        pass
