"""Polling: how long to wait between two polls, and the loop that polls until a predicate holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

from .context import OperationContext

Seen = TypeVar("Seen")

#: The longest polling interval, in seconds, unless the shortest one is longer.
MAX_POLL_INTERVAL = 30.0
#: The polling interval, as a part of the time that the operation has waited.
BACKOFF_FACTOR = 0.15


def poll_interval(waited: float, min_interval: float) -> float:
    """Return the seconds until the next poll, for an operation that has waited ``waited`` seconds."""
    return min(max(min_interval, BACKOFF_FACTOR * waited), max(min_interval, MAX_POLL_INTERVAL))


def poll_until(
    ctx: OperationContext,
    poll: Callable[[], Seen],
    is_final: Callable[[Seen], bool],
    *,
    min_interval: float,
    waiting_since: float,
    doing: str,
    last_error: Callable[[], Exception | None] = lambda: None,
) -> Seen:
    """Poll until ``is_final`` holds, and return what was seen then.

    ``waiting_since`` is when the operation began to wait, a time of the context's clock. ``last_error`` returns why the last
    poll has failed, if it has, for the message of an interrupted wait.

    Raises:
        CancelledError, WaitTimeoutError, and whatever ``poll`` raises.
    """
    while True:
        pause = poll_interval(ctx.clock.now() - waiting_since, min_interval)
        # Jitter spreads jobs that were started together. It is only added: min_interval is a guarantee.
        ctx.sleep(pause * random.uniform(1.0, 1.1))
        ctx.raise_if_done(doing, last_error())
        seen = poll()
        if is_final(seen):
            return seen
