"""How often the service is asked: one pace for all calls, and one loop that looks at all jobs that are waited for.

The clock is handed in, so that a test takes no time.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from .errors import ExportError

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Setting:
    """A number of the stack's config."""

    key: str
    default: float


#: Seconds, the shortest time between two looks at one job.
POLL_INTERVAL = Setting("sagemakergeospatial:pollInterval", 2.0)
#: Calls of the service a second, of all exports together.
MAX_CALLS_PER_SECOND = Setting("sagemakergeospatial:maxCallsPerSecond", 10.0)

#: The longest time between two looks at one job, in seconds, unless the shortest one is longer.
SLOWEST = 30.0
#: A job is looked at again after this part of the time that it has been waited for.
GROWTH = 0.25
#: Looks under way at once: enough for the pace at the latency of a far region.
LOOKERS = 8


def positive(get: Callable[[str], Any], setting: Setting) -> float:
    """What the stack's config sets. Raises ExportError where it is not a number above 0."""
    value = get(setting.key)
    try:
        number = setting.default if value is None else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number < math.inf:
        raise ExportError(f"the stack's config {setting.key} must be a number above 0, not {value!r}")
    return number


class Clock(Protocol):
    """Time, as the waits see it."""

    def now(self) -> float:
        """Seconds, from any start."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for the event, at most so long; whether it is set."""
        ...


class RealClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class Pace:
    """At most ``per_second`` calls a second, evenly spread, whoever makes them."""

    def __init__(self, per_second: float, clock: Clock, stopped: threading.Event) -> None:
        # A call takes its time to arrive: a tenth is left, so that no second sees one more.
        self._gap = 1.1 / per_second
        self._clock, self._stopped = clock, stopped
        self._lock = threading.Lock()
        self._next = clock.now()

    def take(self) -> bool:
        """Return when the next call may be made; False where none may be made any more."""
        with self._lock:
            turn = max(self._next, self._clock.now())
            self._next = turn + self._gap
        delay = turn - self._clock.now()
        if delay > 0:
            self._clock.wait(self._stopped, delay)
        return not self._stopped.is_set()


@dataclass(order=True)
class _Watch(Generic[Seen]):
    due: float
    order: int
    arn: str = field(compare=False)
    since: float = field(compare=False)
    deadline: float = field(compare=False)
    done: Callable[[Seen], bool] = field(compare=False)
    ended: threading.Event = field(compare=False, default_factory=threading.Event)
    seen: Seen | None = field(compare=False, default=None)
    error: BaseException | None = field(compare=False, default=None)

    def end(self, seen: Seen | None = None, error: BaseException | None = None) -> None:
        self.seen, self.error = seen, error
        self.ended.set()


class Poller(Generic[Seen]):
    """One loop for all waits: each job is looked at in turn, often at first and seldom later.

    A wait costs its caller's parked thread, and no connection. ``look`` answers with what it saw, or None where a
    passing fault hid it; what it raises ends the wait.
    """

    def __init__(
        self, look: Callable[[str], Seen | None], shortest: float, clock: Clock, stopped: threading.Event
    ) -> None:
        self._look, self._shortest, self._clock, self._stopped = look, shortest, clock, stopped
        self._queue: list[_Watch[Seen]] = []
        self._waiting: dict[int, _Watch[Seen]] = {}
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._loop: threading.Thread | None = None
        self._lookers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="look")

    def watch(self, arn: str, done: Callable[[Seen], bool], deadline: float, since: float | None = None) -> Seen | None:
        """Look at the job until ``done`` says so, and return what was seen then; None at the deadline or when stopped.

        ``since``: when the waiting began, where this is not its first part.
        """
        now = self._clock.now()
        since = now if since is None else since
        watch = _Watch[Seen](
            min(now + self._pause(now - since), deadline), next(self._order), arn, since, deadline, done
        )
        self._waiting[watch.order] = watch
        self._push(watch)
        watch.ended.wait()
        del self._waiting[watch.order]
        if watch.error is not None:
            raise watch.error
        return watch.seen

    def release(self) -> None:
        """End every wait, after ``stopped`` was set."""
        with self._lock:
            self._queue = []
        for watch in list(self._waiting.values()):
            watch.end()
        self._changed.set()

    def _push(self, watch: _Watch[Seen]) -> None:
        with self._lock:
            heapq.heappush(self._queue, watch)
            if self._loop is None:
                loop = threading.Thread(target=self._run, name="poller", daemon=True)
                loop.start()
                self._loop = loop
        if self._stopped.is_set():
            self.release()
        self._changed.set()

    def _run(self) -> None:
        try:
            self._turns()
        except BaseException as error:  # noqa: BLE001 - whatever it is (no thread to be had, say), nobody may hang on it
            with self._lock:
                self._loop, self._queue = None, []
            for watch in list(self._waiting.values()):
                watch.end(error=error)

    def _turns(self) -> None:
        while not self._stopped.is_set():
            self._changed.clear()
            with self._lock:
                watch = self._queue[0] if self._queue else None
                wait = watch.due - self._clock.now() if watch else 0.0
                if watch and wait <= 0:
                    heapq.heappop(self._queue)
            if watch is None:
                self._changed.wait()
            elif wait > 0:
                self._clock.wait(self._changed, wait)
            elif self._clock.now() >= watch.deadline:
                watch.end()
            else:
                self._lookers.submit(self._one, watch)
        self.release()

    def _one(self, watch: _Watch[Seen]) -> None:
        try:
            seen = None if self._stopped.is_set() else self._look(watch.arn)
            if self._stopped.is_set() or (seen is not None and watch.done(seen)):
                watch.end(seen)
                return
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
            watch.end(error=error)
            return
        now = self._clock.now()
        watch.due = min(now + self._pause(now - watch.since), watch.deadline)
        self._push(watch)

    def _pause(self, waited: float) -> float:
        pause = min(max(self._shortest, GROWTH * waited), max(self._shortest, SLOWEST))
        # Jitter spreads the jobs that were started together; only ever later, as the shortest time is a promise.
        return pause * random.uniform(1.0, 1.1)
