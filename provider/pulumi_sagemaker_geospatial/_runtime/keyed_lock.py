"""Locks by key, whose queue an operation can leave at its deadline or on cancellation."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from .context import OperationContext


class KeyedLock:
    """One lock for each key, acquired in the order in which operations came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[Hashable, deque[threading.Event]] = {}

    @contextmanager
    def hold(
        self, key: Hashable, ctx: OperationContext, doing: str, on_wait: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Hold the key's lock. ``on_wait`` is called before the first wait, if there is one.

        Raises:
            CancelledError, WaitTimeoutError: the operation has to return first.
        """
        turn = threading.Event()
        with self._lock:
            queue = self._queues.setdefault(key, deque())
            queue.append(turn)
        try:
            if queue[0] is not turn and on_wait is not None:
                on_wait()
            while queue[0] is not turn:
                ctx.raise_if_done(doing)
                ctx.wait(turn)
            ctx.raise_if_done(doing)
            yield
        finally:
            self._leave(key, queue, turn)

    def _leave(self, key: Hashable, queue: deque[threading.Event], turn: threading.Event) -> None:
        with self._lock:
            queue.remove(turn)
            if queue:
                queue[0].set()
            else:
                del self._queues[key]
