"""A rate limiter whose queue an operation can leave at its deadline or on cancellation."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol

from .clock import Clock
from .context import OperationContext

#: 10% headroom, so that network jitter cannot exceed the limit in any second.
HEADROOM = 1.1
#: Seconds by which a slot may be taken late without moving the next one: threads wake up late.
CATCH_UP = 0.005


class Limiter(Protocol):
    """Whatever bounds how often a service is called."""

    def acquire(self, ctx: OperationContext, doing: str) -> None: ...


class RateLimiter:
    """Lets at most ``per_second`` calls a second through, evenly spaced, in the order in which they came."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._interval = HEADROOM / per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock.now()
        self._queue: OrderedDict[int, threading.Event] = OrderedDict()
        self._tickets = 0

    def acquire(self, ctx: OperationContext, doing: str) -> None:
        """Return when the next call may be made.

        Who leaves the queue leaves its slot to those behind it.

        Raises:
            CancelledError, WaitTimeoutError: the operation has to return.
        """
        turn = threading.Event()
        with self._lock:
            self._tickets += 1
            ticket = self._tickets
            self._queue[ticket] = turn
        try:
            while True:
                ctx.raise_if_done(doing)
                with self._lock:
                    is_first = next(iter(self._queue)) == ticket
                    delay = self._next - self._clock.now()
                    if is_first and delay <= 0:
                        self._next = max(self._next, self._clock.now() - CATCH_UP) + self._interval
                        return
                    turn.clear()
                ctx.wait(turn, delay if is_first else float("inf"))
        finally:
            self._leave(ticket)

    def _leave(self, ticket: int) -> None:
        with self._lock:
            del self._queue[ticket]
            if self._queue:
                next(iter(self._queue.values())).set()


class Unlimited:
    """Lets every call through."""

    def acquire(self, ctx: OperationContext, doing: str) -> None:
        ctx.raise_if_done(doing)
