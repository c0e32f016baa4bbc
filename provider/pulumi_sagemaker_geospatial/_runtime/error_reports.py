"""What the engine prints of errors: one that several resources share is printed in full for the first of them only."""

from __future__ import annotations

import re
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field

from ..errors import CancelledError, ExportError
from .urns import resource_name

#: What differs between resources that share a mistake: the job and the folder.
_OF_THE_RESOURCE = (
    (re.compile(r"arn:[\w-]+:sagemaker-geospatial:[\w-]*:(\d*):[\w-]+/\w+"), r"job of \1"),
    (re.compile(r"(s3://|arn:[\w-]+:s3:::)([^/\s]+)/[^\s,'\"]*"), r"\1\2"),
)


@dataclass
class _Report:
    first: str
    identifier: str
    names: set[str] = field(default_factory=set)


class ErrorReports:
    """The errors that the resources of one run have ended in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports: dict[Hashable, _Report] = {}

    def message_for(self, error: ExportError, urn: str) -> str:
        """Return what is printed of a resource's error: the whole, or a reference to the resource that has the same one."""
        if not urn or isinstance(error, CancelledError):  # Ctrl-C is no mistake
            return str(error)
        name = resource_name(urn)
        key = (error.error_id, without_names(error.message))
        with self._lock:
            report = self._reports.setdefault(key, _Report(name, error.error_id.value))
            report.names.add(urn)
        return str(error) if report.first == name else f"same error as {report.first} [{report.identifier}]"

    def counts(self) -> list[str]:
        """Return a sentence for each error that several resources share, and forget all errors."""
        with self._lock:
            shared = [each for each in self._reports.values() if len(each.names) > 1]
            self._reports.clear()
        return [
            f"{len(each.names)} resources failed with the error of {each.first} [{each.identifier}]" for each in shared
        ]


def without_names(message: str) -> str:
    """Return a message without what names the resource's own job and folder."""
    for pattern, replacement in _OF_THE_RESOURCE:
        message = pattern.sub(replacement, message)
    return message
