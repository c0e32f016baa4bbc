"""The context of one operation: which resource, until when, how it is cancelled, and where it reports."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..errors import CancelledError, WaitTimeoutError
from .clock import Clock, MonotonicClock


def _discard(message: str) -> None:
    """Default of a context's log functions."""


class Cancellation:
    """A flag that is set once, and wakes every wait that is registered with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._waits: set[threading.Event] = set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            waits = list(self._waits)
        for event in waits:
            event.set()

    @contextmanager
    def waking(self, event: threading.Event) -> Iterator[None]:
        """Set the event if the cancellation comes while this context is entered, or has come before."""
        with self._lock:
            self._waits.add(event)
            if self._cancelled:
                event.set()
        try:
            yield
        finally:
            with self._lock:
                self._waits.discard(event)


@dataclass(frozen=True)
class OperationContext:
    """Everything that an operation needs of its caller, passed explicitly.

    Attributes:
        urn: the resource's URN; empty where the host does not tell it.
        deadline: a time of ``clock``, in seconds.
        cancellation: set by Ctrl-C, or when the engine has gone.
        clock: what the deadline and all waits are measured with.
        timeout_remedy: what to do where the deadline has passed, as the end of a sentence.
        interruption_note: what the user has to know when the operation returns early; empty, or a sentence.
        log_progress: shows a status in the resource's row, of at most 25 characters, such as ``running``.
        log_adoption: says in a sentence what was adopted.
        log_warning: writes a warning for the resource.
        log_warning_once: writes a warning that is the same for many resources, once a process.
        log_info_once: writes such a line that is no warning.
    """

    urn: str = ""
    deadline: float = float("inf")
    cancellation: Cancellation = field(default_factory=Cancellation)
    clock: Clock = field(default_factory=MonotonicClock)
    timeout_remedy: str = "increase custom_timeouts"
    interruption_note: str = ""
    log_progress: Callable[[str], None] = _discard
    log_adoption: Callable[[str], None] = _discard
    log_warning: Callable[[str], None] = _discard
    log_warning_once: Callable[[str], None] = _discard
    log_info_once: Callable[[str], None] = _discard

    @property
    def remaining(self) -> float:
        """Seconds until the deadline, at least 0."""
        return max(0.0, self.deadline - self.clock.now())

    @property
    def done(self) -> bool:
        """Whether the operation has to return: cancelled, or past its deadline."""
        return self.cancellation.cancelled or self.clock.now() >= self.deadline

    def raise_if_done(self, doing: str, last_error: Exception | None = None) -> None:
        """Raise where the operation has to return.

        Raises:
            CancelledError, WaitTimeoutError: ``doing`` names what was being waited for.
        """
        error = f" Last error: {last_error}" if last_error else ""
        if self.cancellation.cancelled:
            raise CancelledError(f"{doing}: cancelled.{error}")  # the note is said once for all
        if self.clock.now() >= self.deadline:
            note = f" {self.interruption_note}" if self.interruption_note else ""
            raise WaitTimeoutError(f"{doing}: timed out; {self.timeout_remedy}.{error}{note}")

    def wait(self, event: threading.Event, seconds: float = float("inf")) -> None:
        """Return when the event is set, ``seconds`` have passed, or the operation has to return.

        A cancellation sets the event: check what it stands for, and ``done``, afterwards.
        """
        with self.cancellation.waking(event):
            self.clock.wait(event, min(seconds, self.remaining))

    def sleep(self, seconds: float) -> None:
        """Wait, but not past the deadline or a cancellation."""
        self.wait(threading.Event(), seconds)
