"""The mocked engine of a test: it refuses a second export of the same URN, as the engine does, and tells the mocks the URN."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pulumi.runtime.mocks import MockMonitor, Mocks

from .._export.stack_state import RESOURCE_TYPES
from ..error_ids import ErrorId
from ..errors import ExportError

#: The URN of the resource that is being registered; empty where the monitor is the SDK's own.
current_urn: ContextVar[str] = ContextVar("current_urn", default="")


class ExportMonitor(MockMonitor):
    """A mocked engine for one run of a program."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self._lock = threading.Lock()
        self._urns: set[str] = set()

    def RegisterResource(self, request: Any) -> Any:
        """Register a resource that the program declares."""
        with self._claim(request):
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def ReadResource(self, request: Any) -> Any:
        """Read a resource that the program does not manage."""
        with self._claim(request):
            return super().ReadResource(request)  # type: ignore[no-untyped-call]

    @contextmanager
    def _claim(self, request: Any) -> Iterator[None]:
        urn = self.make_urn(request.parent, request.type, request.name)
        with self._lock:
            is_duplicate = urn in self._urns
            self._urns.add(urn)
        if is_duplicate and request.type in RESOURCE_TYPES:
            raise ExportError(f"Duplicate resource URN '{urn}'; try giving it a unique name", ErrorId.INVALID_ARGUMENT)
        token = current_urn.set(urn)
        try:
            yield
        finally:
            current_urn.reset(token)
