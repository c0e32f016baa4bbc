"""The operations of one run: a plain record of what began, what it does now, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from .._runtime.urns import resource_name

#: Statuses before the export runs, and while it runs.
PENDING, STARTING, RUNNING = "pending", "starting", "running"


class Verb(str, Enum):
    """What the engine asked for."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Result(str, Enum):
    """How an operation ended. The value is also the status that people see."""

    DONE = "done"
    ADOPTED = "adopted"
    STARTED = "started"
    UPDATED = "updated"
    REMOVED = "removed"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: Results after which the next `pulumi up` has something to do.
UNSUCCESSFUL = (Result.FAILED, Result.CANCELLED)


@dataclass(frozen=True)
class Operation:
    """One operation on one export. Times are seconds since the epoch.

    Attributes:
        status: a short text such as ``running`` or ``queued: quota``.
        running_since: when the status became ``running``.
        objects, size: the count and the bytes of the export's objects, where they are known.
    """

    urn: str
    verb: Verb
    kind: str = ""
    job: str = ""
    status: str = PENDING
    began: float | None = None
    running_since: float | None = None
    ended: float | None = None
    result: Result | None = None
    objects: int | None = None
    size: int = 0

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return resource_name(self.urn)

    @property
    def key(self) -> tuple[str, Verb]:
        return self.urn, self.verb

    @property
    def is_active(self) -> bool:
        """Whether the operation has begun and has not ended."""
        return self.began is not None and self.ended is None

    def elapsed(self, now: float) -> float:
        """Return seconds since the export runs, or since the operation began."""
        since = self.began if self.running_since is None else self.running_since
        return 0.0 if since is None else max(0.0, (now if self.ended is None else self.ended) - since)


@dataclass
class Run:
    """All operations of one run, by URN and verb, in the order in which they became known."""

    operations: dict[tuple[str, Verb], Operation] = field(default_factory=dict)
    warnings: int = 0

    def put(self, operation: Operation) -> Operation:
        """Add an operation, or replace what is recorded of it."""
        self.operations[operation.key] = operation
        return operation

    def begin(self, operation: Operation, now: float) -> Operation:
        return self.put(replace(operation, status=STARTING, began=now))

    def set_status(self, operation: Operation, status: str, now: float) -> Operation:
        """Record what an operation does now, and return its record."""
        current = self.operations[operation.key]
        since = now if status == RUNNING and current.running_since is None else current.running_since
        return self.put(replace(current, status=status, running_since=since))

    def finish(
        self, operation: Operation, result: Result, now: float, objects: int | None = None, size: int = 0
    ) -> Operation:
        current = self.operations[operation.key]
        return self.put(replace(current, status=result.value, result=result, ended=now, objects=objects, size=size))

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations.values())

    def having(self, *results: Result) -> list[Operation]:
        """Return the operations that ended in one of these ways. The deletion of what was replaced is not one of them."""
        return [
            each
            for each in self
            if each.result in results
            and not (each.result is Result.REMOVED and (each.urn, Verb.CREATE) in self.operations)
        ]

    @property
    def active(self) -> list[Operation]:
        return [each for each in self if each.is_active]

    @property
    def has_begun(self) -> bool:
        return any(each.began is not None for each in self)

    @property
    def is_successful(self) -> bool:
        """Whether every operation that was expected has ended well."""
        return all(each.result is not None and each.result not in UNSUCCESSFUL for each in self)

    def elapsed(self, now: float) -> float:
        """Return seconds from the beginning of the first operation to the end of the last one, or to now."""
        began = [each.began for each in self if each.began is not None]
        ended = [each.ended for each in self if each.ended is not None]
        if not began:
            return 0.0
        return max(0.0, (now if self.active or not ended else max(ended)) - min(began))
