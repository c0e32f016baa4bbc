"""A function that is called at regular intervals, on a daemon thread."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Ticker:
    """Calls a function every ``interval`` seconds from `start` until `stop`."""

    def __init__(self, tick: Callable[[], None], name: str) -> None:
        self._tick, self._name = tick, name
        self._lock = threading.Lock()
        self._stopped: threading.Event | None = None

    def start(self, interval: float) -> None:
        """Begin, unless it has begun."""
        with self._lock:
            if self._stopped is None:
                self._stopped = threading.Event()
                threading.Thread(target=self._run, args=(interval, self._stopped), name=self._name, daemon=True).start()

    def stop(self) -> None:
        """End, unless it has ended. A call that is being made goes on."""
        with self._lock:
            if self._stopped is not None:
                self._stopped.set()
                self._stopped = None

    def _run(self, interval: float, stopped: threading.Event) -> None:
        while not stopped.wait(interval):
            self._tick()
