"""Clocks for tests: one that stands still until something waits, and one that is faster than the machine's."""

from __future__ import annotations

import threading
import time


class FakeClock:
    """A clock that advances only where something waits, to the end of that wait."""

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds

    def advance_to(self, time: float) -> None:
        """Advance to exactly this time, unless it has passed."""
        with self._lock:
            self._now = max(self._now, time)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if event.is_set():
            return True
        self.advance(seconds)
        return False


class AcceleratedClock:
    """The machine's clock, a hundred times as fast."""

    SPEED = 100.0

    def now(self) -> float:
        return time.monotonic() * self.SPEED

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(min(seconds / self.SPEED, threading.TIMEOUT_MAX))


class ManualClock:
    """A clock that stands still until a test advances it. Waits block their threads until then."""

    #: Real seconds between two checks of a wait for the clock.
    CHECK_INTERVAL = 0.002

    def __init__(self) -> None:
        self._now = 0.0
        self._waits = 0
        self._changed = threading.Condition()

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        with self._changed:
            self._now += seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        with self._changed:
            end = self._now + seconds
            self._waits += 1
            self._changed.notify_all()
        try:
            while self._now < end and not event.wait(self.CHECK_INTERVAL):
                pass
        finally:
            with self._changed:
                self._waits -= 1
                self._changed.notify_all()
        return event.is_set()

    @property
    def waits(self) -> int:
        """How many threads wait for the clock."""
        return self._waits

    def await_waits(self, count: int) -> None:
        """Return when exactly this many threads wait for the clock; fail after 20 real seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waits == count, timeout=20):
                raise AssertionError(f"{self._waits} threads wait for the clock, not {count}")
