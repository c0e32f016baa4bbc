"""What a test asks of the service: settings, faults and a log of the calls, one of each a process."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timezone
from threading import RLock
from typing import Any

from moto.moto_api import state_manager

JOB_MODEL = "sagemaker-geospatial::earth-observation-job"
EXPORT_MODEL = "sagemaker-geospatial::export"
TOKEN_MODES = ("replay", "forget", "error", "conflict")
FAULT_KINDS = (
    *("throttle", "internal", "access_denied", "not_found", "validation", "conflict", "quota"),
    *("cut", "cut_after", "latency", "fail_export"),
)
REMEMBERED_CALLS = 100_000


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Settings:
    """How the service behaves where its documentation is silent. Times are seconds."""

    tokens: str = "replay"  # what a client token is worth once its export has ended
    token_lifetime: float = 0.0  # with "forget": after its start; 0: as soon as the export has ended
    status_lag: float = 0.0  # Get still speaks of what was so this long ago
    role_propagation: float = 0.0  # a younger role is refused
    quota: int | None = None  # exports in progress an account and region; None: no limit
    objects: int = 3  # files an export writes, where the job does not say
    export_seconds: float | None = None  # sets the transition of exports; 0: immediate; None: as moto has it
    job_seconds: float | None = None  # the same for jobs; the whole way from INITIALIZING to COMPLETED


@dataclass
class Fault:
    """One thing that goes wrong, `times` times (-1: for ever), on calls of `operation`."""

    operation: str  # its name, "*" for every one of the service, "s3" for every call of S3 (in the server alone)
    kind: str
    arn: str | None = None
    message: str | None = None
    type: str = "CLIENT_ERROR"
    seconds: float = 0.0
    times: int = 1

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"kind {self.kind!r} is none of {', '.join(FAULT_KINDS)}")
        if self.type not in ("CLIENT_ERROR", "SERVER_ERROR"):
            raise ValueError(f"type {self.type!r} is none of CLIENT_ERROR, SERVER_ERROR")

    def strikes(self, operation: str, arn: str | None) -> bool:
        of_s3 = operation.startswith("s3:")
        named = self.operation in (operation, "s3" if of_s3 else "*")
        return self.times != 0 and named and (self.arn is None or self.arn == arn)


class Control:
    """The settings, the faults and the calls. `clock` and `sleep` may be replaced; `reset` puts them back."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._transitions_set: set[str] = set()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.clock: Callable[[], datetime] = utc_now
            self.sleep: Callable[[float], None] = time.sleep
            self.settings = Settings()
            self.faults: list[Fault] = []
            for model in self._transitions_set:
                state_manager.unset_transition(model)
            self._transitions_set.clear()
            self.forget_calls()

    def configure(self, **changes: Any) -> Settings:
        """Change settings by name. Raises ValueError for a name or a value that there is not."""
        problems = [_problem(name, value) for name, value in changes.items()]
        if any(problems):
            raise ValueError("; ".join(filter(None, problems)))
        with self._lock:
            for name, value in changes.items():
                setattr(self.settings, name, value)
            if "export_seconds" in changes:
                self._transition(EXPORT_MODEL, changes["export_seconds"])
            if "job_seconds" in changes:
                seconds = changes["job_seconds"]
                self._transition(JOB_MODEL, seconds / 2 if seconds else seconds)
            return self.settings

    def _transition(self, model: str, seconds: float | None) -> None:
        if seconds is None:
            state_manager.unset_transition(model)
            self._transitions_set.discard(model)
            return
        config = {"progression": "time", "seconds": seconds} if seconds else {"progression": "immediate"}
        state_manager.set_transition(model, config)
        self._transitions_set.add(model)

    def add_fault(self, **fault: Any) -> Fault:
        """Ask for a fault: the fields are Fault's. Raises ValueError for what there is not."""
        try:
            added = Fault(**fault)
        except TypeError as exc:
            raise ValueError(f"a fault has {', '.join(f.name for f in fields(Fault))}: {exc}") from exc
        with self._lock:
            self.faults.append(added)
        return added

    def clear_faults(self) -> None:
        with self._lock:
            self.faults = []

    def take_faults(self, operation: str, arn: str | None, *, failing_export: bool = False) -> list[Fault]:
        """The faults that strike this call now: any latency, and the first of the others."""
        taken: list[Fault] = []
        with self._lock:
            for fault in self.faults:
                if (fault.kind == "fail_export") != failing_export or not fault.strikes(operation, arn):
                    continue
                fault.times -= 1 if fault.times > 0 else 0
                taken.append(fault)
                if fault.kind != "latency":
                    break
            self.faults = [fault for fault in self.faults if fault.times]
        return taken

    def forget_calls(self) -> None:
        with self._lock:
            self.counts: Counter[str] = Counter()
            self.exports: Counter[str] = Counter()
            self.calls: deque[dict[str, Any]] = deque(maxlen=REMEMBERED_CALLS)

    def record(self, operation: str, arn: str | None, status: int, token: str | None, at: float) -> None:
        """One call of the service: `at` is when it came (epoch seconds), status 0 means cut."""
        with self._lock:
            self.counts[operation] += 1
            self.calls.append({"time": at, "operation": operation, "arn": arn, "status": status, "token": token})

    def count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1

    def export_started(self, arn: str) -> None:
        with self._lock:
            self.exports[arn] += 1

    def report(self) -> dict[str, Any]:
        with self._lock:
            return {
                "counts": dict(self.counts),
                "exports": dict(self.exports),
                "peak_per_second": _peak([call["time"] for call in self.calls]),
                "calls": list(self.calls),
            }

    def described(self) -> dict[str, Any]:
        return asdict(self.settings)


def _problem(name: str, value: Any) -> str | None:
    """What is wrong with a setting, or None."""
    known = {field.name for field in fields(Settings)}
    if name not in known:
        return f"there is no setting {name!r}: the settings are {', '.join(sorted(known))}"
    if name == "tokens":
        return None if value in TOKEN_MODES else f"tokens {value!r} is none of {', '.join(TOKEN_MODES)}"
    if value is None and name in ("quota", "export_seconds", "job_seconds"):
        return None
    whole = name in ("quota", "objects")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value < 0:
        return f"{name} {value!r} is not a {'whole ' if whole else ''}number of 0 or more"
    return None


def _peak(times: list[float]) -> int:
    """The most calls in any window of one second."""
    peak = first = 0
    times = sorted(times)
    for last, at in enumerate(times):
        while at - times[first] >= 1:
            first += 1
        peak = max(peak, last - first + 1)
    return peak


control = Control()
