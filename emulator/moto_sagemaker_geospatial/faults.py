"""Faults: what goes wrong, on which calls, and how often."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from threading import Event

from botocore.exceptions import ConnectionClosedError

from .control_values import is_string_map
from .operations import OTHER_SERVICES, operation_problem

ERROR_KINDS = ("throttle", "internal", "access_denied", "not_found", "validation", "conflict", "quota")
FAULT_KINDS = (*ERROR_KINDS, "drop_before", "drop_after", "latency", "hang", "respond", "fail_export")
ERROR_TYPES = ("CLIENT_ERROR", "SERVER_ERROR")
DEFAULT_SECONDS = {"hang": 600.0}


@dataclass
class Fault:
    """A failure of the next `times` calls (-1: of all calls) of `operation`."""

    operation: str  # its name; "*": any of the service; "s3:Name", "sts:Name": of S3 or STS; "s3", "sts": any of those
    kind: str
    arn: str | None = None  # only calls for this job
    message: str | None = None
    type: str = "CLIENT_ERROR"  # fail_export: the type in ExportErrorDetails
    seconds: float | None = None  # latency: how long; hang: until the connection is closed (default: 600)
    times: int = 1
    objects: int = 0  # fail_export: how many of the export's objects are written before it fails
    status: int = 200  # respond: the HTTP status
    body: str = ""  # respond: the body, sent as it is
    content_type: str | None = None  # respond: default JSON, or XML for S3 and STS
    headers: dict[str, str] = field(default_factory=dict)  # respond: more headers
    after: bool = False  # respond, hang: carry out the operation first
    probability: float = 1.0  # of a call that matches to be hit
    seed: int = 0  # which calls these are

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"kind {self.kind!r} is none of {', '.join(FAULT_KINDS)}")
        if self.type not in ERROR_TYPES:
            raise ValueError(f"type {self.type!r} is none of {', '.join(ERROR_TYPES)}")
        if self.seconds is None:
            self.seconds = DEFAULT_SECONDS.get(self.kind, 0.0)
        problems = [problem for problem, invalid in self._checks() if invalid]
        problems.extend(filter(None, [operation_problem(self.operation, self.kind)]))
        if problems:
            raise ValueError("; ".join(problems))
        self._random = random.Random(self.seed)

    def _checks(self) -> list[tuple[str, bool]]:
        """Each field's constraint as a message, and whether it is violated."""
        return [
            (f"arn {self.arn!r} is not a string", not isinstance(self.arn or "", str)),
            (f"message {self.message!r} is not a string", not isinstance(self.message or "", str)),
            (f"seconds {self.seconds!r} is not a number of 0 or more", not _is_number(self.seconds)),
            (f"times {self.times!r} is not a whole number", not _is_int(self.times)),
            (f"objects {self.objects!r} is not a whole number of 0 or more", not _is_int(self.objects, 0)),
            (f"status {self.status!r} is not an HTTP status from 200 to 599", not _is_int(self.status, 200, 599)),
            (f"body {self.body!r} is not a string", not isinstance(self.body, str)),
            (f"after {self.after!r} is not true or false", not isinstance(self.after, bool)),
            (f"headers {self.headers!r} is not an object of strings", not is_string_map(self.headers)),
            (f"content_type {self.content_type!r} is not a string", not isinstance(self.content_type or "", str)),
            (f"probability {self.probability!r} is not from 0 to 1", not _is_number(self.probability, 1)),
            (f"seed {self.seed!r} is not a whole number", not _is_int(self.seed)),
        ]

    def matches(self, operation: str, arn: str | None) -> bool:
        """Whether the fault applies to a call of `operation` for the job `arn`."""
        service = operation.partition(":")[0]
        wildcard = service if service in OTHER_SERVICES else "*"
        return self.times != 0 and self.operation in (operation, wildcard) and self.arn in (None, arn)

    def hits(self) -> bool:
        """Whether a call that matches is hit, which the probability and the seed decide."""
        return self.probability >= 1 or self._random.random() < self.probability


def _is_number(value: object, maximum: float = float("inf")) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= maximum


def _is_int(value: object, minimum: int = -1, maximum: int | None = None) -> bool:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return is_int and value >= minimum and (maximum is None or value <= maximum)  # type: ignore[operator]


@dataclass(frozen=True)
class ConsumedFaults:
    """The faults of one call: a latency in seconds and at most one other fault. `cleared` is set by clear_faults."""

    latency: float
    fault: Fault | None
    cleared: Event


class ConnectionDropped(ConnectionClosedError):
    """The connection closes without a response. botocore sees a network error; our server closes the socket."""


class Hang:
    """A call that gets no response until the faults are cleared or its seconds are over."""

    def __init__(self, cleared: Event, seconds: float) -> None:
        self._cleared = cleared
        self._deadline = time.monotonic() + seconds

    def is_over(self) -> bool:
        return self._cleared.is_set() or time.monotonic() >= self._deadline

    def wait(self) -> None:
        """Block the calling thread until the call is over."""
        self._cleared.wait(max(0.0, self._deadline - time.monotonic()))
