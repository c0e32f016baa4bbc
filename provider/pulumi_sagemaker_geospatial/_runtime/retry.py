"""Retries within an operation's deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tenacity

from ..errors import ServiceCallError
from .context import OperationContext

Result = TypeVar("Result")

#: Seconds: the first pause's bound, which doubles, and the longest one.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class RetryableError(Exception):
    """A failed attempt after which another one may succeed. ``cause`` is the error that made it fail."""

    def __init__(self, cause: ServiceCallError) -> None:
        super().__init__(f"{cause.code}: {cause.service_message}")
        self.cause = cause


class GracePeriods:
    """When each kind of failure was first seen by one operation."""

    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        self._attempt_began: float | None = None
        self._first_seen: dict[str, float] = {}

    def begin_attempt(self) -> None:
        """Record that an attempt begins: it may take as long as the grace period before it fails."""
        self._attempt_began = self._ctx.clock.now()

    def is_within(self, code: str, seconds: float) -> bool:
        """Return whether the first attempt that ended in this failure began less than ``seconds`` ago."""
        now = self._ctx.clock.now()
        first_seen = self._first_seen.setdefault(code, now if self._attempt_began is None else self._attempt_began)
        return now - first_seen < seconds


def retry_until_deadline(ctx: OperationContext, doing: str, attempt: Callable[[], Result]) -> Result:
    """Repeat ``attempt`` while it raises RetryableError, with growing pauses.

    Raises:
        CancelledError, WaitTimeoutError: the operation has to return; the message has the last failure.
    """
    last_error: ServiceCallError | None = None

    def checked() -> Result:
        nonlocal last_error
        ctx.raise_if_done(doing, last_error)
        try:
            return attempt()
        except RetryableError as exc:
            last_error = exc.cause
            raise

    def report(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        ctx.log_progress(f"waiting: {error}")

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(RetryableError),
        wait=tenacity.wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE) + tenacity.wait_random(0, 0.5),
        sleep=ctx.sleep,
        before_sleep=report,
    )
    return retrying(checked)
