"""Rate limiters, one for each operation of a service, whose queues can be left at a deadline or on cancellation.

AWS throttles by operation, and does not tell its limits: each limiter finds its own.
"""

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


#: Calls a second that are found without a limit in the stack's config: at most, and at least after throttling.
MAX_RATE, MIN_RATE = 100.0, 1.0
#: After throttling, the rate rises quickly to this part of the rate that was throttled, and slowly from there.
RECOVERY = 0.85
#: By which part of the rate that was throttled it rises each second, below and above that.
QUICK_RISE, SLOW_RISE = 0.1, 0.01
#: A limit that is this far above the throttled one has changed: it is looked for anew.
CHANGED_LIMIT = 1.25


class Limiter(Protocol):
    """Whatever bounds how often the operations of a service are called."""

    def acquire(self, ctx: OperationContext, doing: str, operation: str) -> None: ...

    def record_throttling(self, operation: str) -> None: ...


class Pace:
    """How many calls a second are made, which follows from the time and from throttling alone.

    It doubles each second in which calls are made and none is throttled. It halves on throttling, and rises slowly then.
    """

    def __init__(self, rate: float, ceiling: float, now: float) -> None:
        self.rate, self._ceiling = rate, ceiling
        self._changed = now
        self._halved = float("-inf")
        self._throttled_rate: float | None = None

    def record_call(self, now: float) -> None:
        """Raise the rate where a second has passed since it has changed."""
        if now - self._changed < 1.0:
            return
        self._changed = now
        if self._throttled_rate is not None and self.rate > CHANGED_LIMIT * self._throttled_rate:
            self._throttled_rate = None
        if self._throttled_rate is None:
            self.rate *= 2
        else:
            is_recovering = self.rate < RECOVERY * self._throttled_rate
            self.rate += self._throttled_rate * (QUICK_RISE if is_recovering else SLOW_RISE)
        self.rate = min(self.rate, self._ceiling)

    def record_throttling(self, now: float) -> None:
        """Halve the rate, once a second: calls that were under way together are throttled together."""
        if now - self._halved < 1.0:
            return
        self._halved = self._changed = now
        self._throttled_rate = self.rate
        self.rate = max(self.rate / 2, min(MIN_RATE, self._ceiling))


class OperationRateLimiters:
    """A rate limiter for each operation.

    ``rate`` is where each begins, in calls a second; ``ceiling`` is the most that it may reach, ``rate`` by default.
    """

    def __init__(self, rate: float, clock: Clock, ceiling: float | None = None) -> None:
        self._rate, self._ceiling, self._clock = rate, ceiling or rate, clock
        self._lock = threading.Lock()
        self._limiters: dict[str, RateLimiter] = {}

    def acquire(self, ctx: OperationContext, doing: str, operation: str) -> None:
        """Return when the next call of the operation may be made. Raises as `RateLimiter.acquire`."""
        self._of(operation).acquire(ctx, doing)

    def record_throttling(self, operation: str) -> None:
        """Slow the operation down: the service has throttled a call of it."""
        self._of(operation).record_throttling()

    def _of(self, operation: str) -> RateLimiter:
        with self._lock:
            if operation not in self._limiters:
                self._limiters[operation] = RateLimiter(self._rate, self._clock, self._ceiling)
            return self._limiters[operation]


class RateLimiter:
    """Lets calls through at a pace, evenly spaced, in the order in which they came."""

    def __init__(self, rate: float, clock: Clock, ceiling: float | None = None) -> None:
        self._pace = Pace(rate, ceiling or rate, clock.now())
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
                    now = self._clock.now()
                    delay = self._next - now
                    if is_first and delay <= 0:
                        self._pace.record_call(now)
                        self._next = max(self._next, now - CATCH_UP) + HEADROOM / self._pace.rate
                        return
                    turn.clear()
                ctx.wait(turn, delay if is_first else float("inf"))
        finally:
            self._leave(ticket)

    def record_throttling(self) -> None:
        """Halve the pace."""
        with self._lock:
            self._pace.record_throttling(self._clock.now())

    def _leave(self, ticket: int) -> None:
        with self._lock:
            del self._queue[ticket]
            if self._queue:
                next(iter(self._queue.values())).set()


class Unlimited:
    """Lets every call through."""

    def acquire(self, ctx: OperationContext, doing: str, operation: str) -> None:
        ctx.raise_if_done(doing)

    def record_throttling(self, operation: str) -> None:
        """Nothing: botocore's own retries slow down."""
