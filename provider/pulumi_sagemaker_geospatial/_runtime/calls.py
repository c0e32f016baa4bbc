"""Calls that may hang: each runs on a daemon thread, and its caller returns at the deadline or on cancellation.

botocore cannot interrupt a call. A caller that has to return abandons its call: nobody waits for it any longer, its place
among the concurrent calls is free again, and it does not start another attempt (see `CallInProgress.raise_if_over`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar, cast

from .context import OperationContext

Result = TypeVar("Result")

#: Maximum concurrent calls and pooled connections: more would only wait for the processor.
MAX_CONCURRENT_CALLS = 32


@dataclass
class CallInProgress:
    """What a botocore event handler can learn about the call that it is part of.

    ``admitted``: the rate limiter has let the next attempt through already.
    """

    ctx: OperationContext
    doing: str = "calling AWS"
    abandoned: bool = False
    admitted: bool = False

    def raise_if_over(self) -> None:
        """Raise where the caller has returned, or has to: no further attempt may be sent.

        Raises:
            CancelledError, WaitTimeoutError
        """
        self.ctx.raise_if_done(self.doing)
        if self.abandoned:
            raise AbandonedCallError(self.doing)


class AbandonedCallError(Exception):
    """The caller has returned. Nobody sees this error; it only ends the call."""


_in_progress: ContextVar[CallInProgress | None] = ContextVar("call_in_progress", default=None)


def call_in_progress() -> CallInProgress | None:
    """Return the call that this thread makes."""
    return _in_progress.get()


@contextmanager
def calling(call: CallInProgress) -> Iterator[None]:
    """Make this the call that the thread makes."""
    token = _in_progress.set(call)
    try:
        yield
    finally:
        _in_progress.reset(token)


class CallRunner(Protocol):
    """Runs calls on behalf of operations."""

    def run(self, ctx: OperationContext, doing: str, call: Callable[[], Result]) -> Result:
        """Return the call's result, or raise its error, or the context's if the operation has to return first."""
        ...


@dataclass
class _Task:
    call: Callable[[], Any]
    progress: CallInProgress
    context: Context = field(default_factory=copy_context)
    done: threading.Event = field(default_factory=threading.Event)
    finished: bool = False
    result: Any = None
    error: BaseException | None = None

    def execute(self) -> None:
        try:
            self.result = self.context.run(self._call_in_context)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the caller
            self.error = error

    def _call_in_context(self) -> Any:
        # In the caller's context: Pulumi keeps a program's config in one.
        with calling(self.progress):
            return self.call()


class DaemonCallRunner:
    """Runs at most ``max_concurrent`` calls at once, in the order in which they came, on daemon threads.

    Daemon threads, because a ThreadPoolExecutor joins its threads at exit, and a call may hang.
    """

    def __init__(self, max_concurrent: int = MAX_CONCURRENT_CALLS) -> None:
        self._max_concurrent = max_concurrent
        self._lock = threading.Lock()
        self._pending: deque[_Task] = deque()
        self._handoff: SimpleQueue[_Task] = SimpleQueue()
        self._running = self._idle = 0

    def run(self, ctx: OperationContext, doing: str, call: Callable[[], Result]) -> Result:
        """Return the call's result, or raise its error.

        Raises:
            CancelledError, WaitTimeoutError: the operation has to return; a hanging call is abandoned.
        """
        ctx.raise_if_done(doing)
        task = _Task(call, CallInProgress(ctx, doing))
        with self._lock:
            self._pending.append(task)
            self._dispatch()
        try:
            while not task.finished and not ctx.done:
                ctx.wait(task.done)
        finally:
            self._abandon_unless_finished(task)
        if not task.finished:
            ctx.raise_if_done(doing)
        if task.error is not None:
            raise task.error
        return cast(Result, task.result)

    def _dispatch(self) -> None:
        """Start pending tasks while there is room. The caller holds the lock."""
        while self._pending and self._running < self._max_concurrent:
            task = self._pending.popleft()
            if task.progress.abandoned:
                continue
            self._running += 1
            if self._idle:
                self._idle -= 1
                self._handoff.put(task)
            else:
                threading.Thread(target=self._work, args=(task,), name="aws-call", daemon=True).start()

    def _work(self, task: _Task) -> None:
        while True:
            task.execute()
            with self._lock:
                if task.progress.abandoned:
                    return  # another thread has its place
                task.finished = True
                self._running -= 1
                self._idle += 1
                self._dispatch()
            task.done.set()
            del task  # its result may be large, and this thread may be idle for long
            task = self._handoff.get()

    def _abandon_unless_finished(self, task: _Task) -> None:
        with self._lock:
            if task.finished or task.progress.abandoned:
                return
            task.progress.abandoned = True
            if task in self._pending:
                self._pending.remove(task)
            else:
                self._running -= 1
                self._dispatch()
