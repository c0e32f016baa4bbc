"""Retries within an operation's deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import tenacity

from ..errors import ServiceCallError
from .aws_errors import CALL_ERRORS, SERVER_FAULT, THROTTLED, UNEXPECTED_RESPONSE, describe_error
from .context import OperationContext

Result = TypeVar("Result")

#: Seconds: the first pause's bound, which doubles, and the longest one.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: How often `call_with_retries` calls at most.
MAX_ATTEMPTS = 5


class RetryableError(Exception):
    """A failed attempt after which another one may succeed.

    Attributes:
        cause: the error that made it fail.
        status: what the resource's row shows until then; none where it stays as it is.
    """

    def __init__(self, cause: ServiceCallError, status: str = "") -> None:
        super().__init__(f"{cause.code}: {cause.service_message}")
        self.cause, self.status = cause, status


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
        if isinstance(error, RetryableError) and error.status:
            ctx.log_progress(error.status)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(RetryableError),
        wait=tenacity.wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE) + tenacity.wait_random(0, 0.5),
        sleep=ctx.sleep,
        before_sleep=report,
    )
    return retrying(checked)


def call_with_retries(
    ctx: OperationContext, call: Callable[[], Result], is_incomplete: Callable[[Result], bool] = lambda result: False
) -> Result:
    """Call AWS, and again after a fault that may pass or an incomplete result, up to five times.

    botocore has retried what it takes for transient; it takes no response with status 200 for that.

    Raises:
        What the call raised last; CancelledError, WaitTimeoutError: the operation has to return.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(is_incomplete) | tenacity.retry_if_exception(_is_transient),
        stop=tenacity.stop_after_attempt(MAX_ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=0.2),
        sleep=ctx.sleep,
        retry_error_callback=_last_result,
    )
    return retrying(call)


def _last_result(state: tenacity.RetryCallState) -> Any:
    return state.outcome.result() if state.outcome else None


def _is_transient(exc: BaseException) -> bool:
    return isinstance(exc, CALL_ERRORS) and describe_error(exc).code in (
        SERVER_FAULT,
        THROTTLED,
        UNEXPECTED_RESPONSE,
    )
