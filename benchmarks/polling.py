"""What the benchmarks use of the provider's own code: its default settings and its poller. Nothing else imports it."""

from __future__ import annotations

import threading

from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.polling import poll_until
from pulumi_sagemaker_geospatial._runtime.settings import MAX_CALLS_PER_SECOND, POLL_INTERVAL

#: Stack config with the provider's defaults. A limit that is set would also be the ceiling of the pace.
DEFAULT_SETTINGS: dict[str, float | None] = {
    MAX_CALLS_PER_SECOND.key: None,
    POLL_INTERVAL.key: None,
}


class FakeClock:
    """A clock that advances only when something waits on it."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.time += seconds
        return event.is_set()


def count_polls(export_seconds: float) -> int:
    """Return how often the provider, at its default polling interval, polls an export of that length."""
    clock, polls = FakeClock(), 0

    def poll() -> float:
        nonlocal polls
        polls += 1
        return clock.now()

    poll_until(
        OperationContext(deadline=3600.0, clock=clock),
        poll,
        lambda now: now >= export_seconds,
        min_interval=POLL_INTERVAL.default,
        waiting_since=0.0,
        doing="waiting",
    )
    return polls
