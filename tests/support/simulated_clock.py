"""One simulated time for the provider, the emulated service and S3: a wait takes no time, and happens in between are scheduled."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest

Action = Callable[[], Any]


class SimulatedClock:
    """A clock for tests on one thread, which advances only where something waits or the test says so.

    It begins at the present, as moto dates some things by the machine's clock.
    """

    def __init__(self) -> None:
        self.at = datetime.now(timezone.utc).replace(microsecond=0)
        self._numbers = itertools.count()
        self._scheduled: list[tuple[datetime, int, Action]] = []

    def now(self) -> float:
        return self.at.timestamp()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if seconds == float("inf"):
            raise AssertionError("an endless wait, on one thread")
        self._advance_until(max(seconds, 0.001), event.is_set)
        return event.is_set()

    def advance(self, seconds: float) -> None:
        """Let time pass, with all that is scheduled for it."""
        self._advance_until(seconds, lambda: False)

    def schedule(self, seconds: float, action: Action) -> None:
        """Call ``action`` when so many seconds have passed."""
        due = self.at + timedelta(seconds=seconds)
        heapq.heappush(self._scheduled, (due, next(self._numbers), action))

    def _advance_until(self, seconds: float, is_over: Callable[[], bool]) -> None:
        end = self.at + timedelta(seconds=seconds)
        while not is_over():
            if not self._scheduled or self._scheduled[0][0] > end:
                self.at = end
                return
            due, _, action = heapq.heappop(self._scheduled)
            self.at = max(self.at, due)
            action()

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make this the time of the emulated service, of moto's S3 and of refreshes. Call it within `mock_aws`."""
        geospatial.get_control().clock = lambda: self.at
        monkeypatch.setattr("moto.s3.models.utcnow", lambda: self.at.replace(tzinfo=None))
        monkeypatch.setattr("moto.core.responses.utcnow", lambda: self.at.replace(tzinfo=None))
        monkeypatch.setattr("pulumi_sagemaker_geospatial._export.handlers.datetime", _datetime_of(self))


def _datetime_of(clock: SimulatedClock) -> type[datetime]:
    class SimulatedDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return clock.at.astimezone(tz)

    return SimulatedDatetime
