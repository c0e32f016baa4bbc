"""Threads of tests: each keeps what its function returned or raised."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any


class Background:
    """A function on a daemon thread of its own. ``began`` and ``ended``: when, by the machine's monotonic clock."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._result: Any = None
        self.began = self.ended = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._function()
        except Exception as exc:  # noqa: BLE001 - the test looks at it
            self._result = exc
        finally:
            self.ended = time.monotonic()

    def result(self, timeout: float = 60.0) -> Any:
        """Return what the function returned, or the error that it raised; fail if it does not end."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise AssertionError("the thread has not ended")
        return self._result

    @property
    def running(self) -> bool:
        return self._thread.is_alive()


def run_together(count: int, function: Callable[[int], Any]) -> list[Any]:
    """Return what a function of each number returned or raised, when all are called at once."""
    threads = [Background(lambda number=number: function(number)) for number in range(count)]  # type: ignore[misc]
    return [each.result() for each in threads]
