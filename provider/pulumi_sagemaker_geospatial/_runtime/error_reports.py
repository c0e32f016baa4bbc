"""What the engine prints of errors: one that several resources share is printed in full for the first of them only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ..error_ids import ErrorId
from ..errors import ExportError
from .urns import resource_name, type_name


@dataclass(frozen=True)
class ErrorCause:
    """Why an error occurred.

    Attributes:
        key: is equal for errors that are one mistake.
        subject: what a reference to another resource's error has to name; empty where nothing.
    """

    key: str
    subject: str = ""


@dataclass
class _Report:
    first: str
    urns: set[str] = field(default_factory=set)

    def name_for(self, urn: str) -> str:
        """Return what the first resource is called in the message of another one."""
        name = resource_name(self.first)
        return f"{name} ({type_name(self.first)})" if name == resource_name(urn) else name


class ErrorReports:
    """The errors that the resources of one run have ended in.

    Attributes:
        cause_of: tells errors that are one mistake from others.
    """

    def __init__(self) -> None:
        self.cause_of: Callable[[ExportError], ErrorCause] = lambda error: ErrorCause(error.message)
        self._lock = threading.Lock()
        self._reports: dict[tuple[ErrorId, str], _Report] = {}

    def message_for(self, error: ExportError, urn: str) -> str:
        """Return what is printed of a resource's error: the whole, or a reference to the resource that has the same one."""
        if not urn:
            return str(error)
        cause = self.cause_of(error)
        with self._lock:
            report = self._reports.setdefault((error.error_id, cause.key), _Report(urn))
            report.urns.add(urn)
        if report.first == urn:
            return str(error)
        subject = f", for {cause.subject}" if cause.subject else ""
        return error.error_id.mark(f"same error as {report.name_for(urn)}{subject}")

    def counts(self) -> list[str]:
        """Return a sentence for each error that several resources share, and forget all errors."""
        with self._lock:
            shared = {
                key: each
                for key, each in self._reports.items()
                if len(each.urns) > 1
                and key[0] is not ErrorId.CANCELLED  # Ctrl-C is no mistake, and is counted elsewhere
            }
            self._reports.clear()
        return [
            error_id.mark(f"{len(each.urns)} resources failed with the error of {resource_name(each.first)}")
            for (error_id, _), each in shared.items()
        ]
