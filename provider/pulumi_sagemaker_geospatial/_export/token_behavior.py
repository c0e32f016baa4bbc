"""What a process has learned of how the service treats client tokens that were used before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .._runtime.context import OperationContext
from .._runtime.keyed_lock import KeyedLock


class TokenBehavior:
    """Shared by all exports of a process.

    Attributes:
        replays: one used token was answered with the status of the export that it had started.
        forgets: one used token has started another export. No token is asked again then.
    """

    def __init__(self) -> None:
        self.replays = False
        self.forgets = False
        self._questions = KeyedLock()

    @contextmanager
    def asking(self, ctx: OperationContext, doing: str) -> Iterator[None]:
        """Ask a token in this context. Until tokens are known to be replayed, only one question is in flight."""
        if self.replays:
            yield
            return
        with self._questions.hold("question", ctx, doing):
            yield
