"""Throttling as AWS does it: for each operation a bucket of tokens, which as many calls a second refill."""

from __future__ import annotations

from threading import Lock


class CallLimits:
    """The buckets of all operations. A bucket holds the tokens of one second, and one at least."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._buckets: dict[str, tuple[float, float]] = {}  # by operation: the tokens, and when they were counted

    def admits(self, operation: str, calls_per_second: float | None, now: float) -> bool:
        """Whether a call at `now` (seconds) is within the limit. None: there is no limit."""
        if calls_per_second is None:
            return True
        size = max(1.0, calls_per_second)
        with self._lock:
            tokens, counted = self._buckets.get(operation, (size, now))
            tokens = min(size, tokens + (now - counted) * calls_per_second)
            admitted = tokens >= 1
            self._buckets[operation] = (tokens - 1 if admitted else tokens, now)
        return admitted
