"""What a test asks of the emulator: settings, faults and a log of the calls, one of each per process."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import datetime, timedelta, timezone
from threading import Event, RLock
from typing import Any

from moto.moto_api import state_manager

from .control_values import require_fields
from .faults import ConsumedFaults, Fault, Hang
from .kinds import KINDS
from .settings import Settings, setting_problem
from .throttling import CallLimits

EXPORT_MODEL = "sagemaker-geospatial::export"
CALL_LOG_SIZE = 100_000


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


class EmulatorControl:
    """The settings, the faults and the calls. `clock` and `sleep` can be replaced; `reset` restores them.

    `hold_connection` keeps a call without a response: it blocks the calling thread, unless a server replaces it.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._defaults: dict[str, Any] = {}
        self._configured_models: set[str] = set()  # models whose transition was set here
        self._default_transitions: dict[str, dict[str, Any]] = {}
        self._faults_cleared = Event()
        self.hold_connection: Callable[[Hang], None] = Hang.wait
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.clock: Callable[[], datetime] = utc_now
            self.sleep: Callable[[float], None] = time.sleep
            self.settings = Settings()
            self.limits = CallLimits()
            self.clear_faults()
            for model in self._configured_models:
                state_manager.unset_transition(model)
            self._configured_models.clear()
            self.forget_calls()
            self.configure(**self._defaults)
            self._default_transitions = {
                model: dict(state_manager.get_transition(model)) for model in self._configured_models
            }

    def advance(self, seconds: float) -> datetime:
        """Move the time of the clock forward, and return it."""
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < 1e9:
            raise ValueError(f"the time advances by a number of seconds of 0 or more, not {seconds!r}")
        with self._lock:
            clock, step = self.clock, timedelta(seconds=seconds)
            self.clock = lambda: clock() + step
            return self.clock()

    def set_defaults(self, **defaults: Any) -> None:
        """Reset to these settings, now and at each later reset. Raises ValueError like `configure`."""
        self._validate(defaults)
        self._defaults = defaults
        self.reset()

    def configure(self, **changes: Any) -> Settings:
        """Change settings by name. Raises ValueError for an unknown name or an invalid value."""
        self._validate(changes)
        with self._lock:
            for name, value in changes.items():
                setattr(self.settings, name, value)
            if "export_seconds" in changes:
                self._set_transition(EXPORT_MODEL, changes["export_seconds"])
            if "job_seconds" in changes:
                seconds = changes["job_seconds"]
                for kind in KINDS:
                    self._set_transition(kind.state_model, seconds / 2 if seconds else seconds)
            return self.settings

    @staticmethod
    def _validate(changes: dict[str, Any]) -> None:
        problems = [setting_problem(name, value) for name, value in changes.items()]
        if any(problems):
            raise ValueError("; ".join(filter(None, problems)))

    def _set_transition(self, model: str, seconds: float | None) -> None:
        self._default_transitions.pop(model, None)
        if seconds is None:
            state_manager.unset_transition(model)
            self._configured_models.discard(model)
            return
        config = {"progression": "time", "seconds": seconds} if seconds else {"progression": "immediate"}
        state_manager.set_transition(model, config)
        self._configured_models.add(model)

    def is_default_transition(self, model: str, transition: dict[str, Any]) -> bool:
        """Whether a model's transition is that of `set_defaults`, not one that a test has set."""
        return self._default_transitions.get(model) == transition

    def add_fault(self, **fault: Any) -> Fault:
        """Add a fault; the arguments are the fields of Fault. Raises ValueError for unknown or invalid ones."""
        require_fields("a fault", fault, [each.name for each in fields(Fault)], ("operation", "kind"))
        added = Fault(**fault)
        with self._lock:
            self.faults.append(added)
        return added

    def clear_faults(self) -> None:
        """Remove all faults, and end the calls that hang."""
        with self._lock:
            self.faults: list[Fault] = []
            self._faults_cleared.set()
            self._faults_cleared = Event()

    def consume_faults(self, operation: str, arn: str | None) -> ConsumedFaults:
        """The faults of this call: every latency, and the first of the others."""
        latency = 0.0
        other: Fault | None = None
        with self._lock:
            for fault in self.faults:
                if fault.kind == "fail_export" or not fault.matches(operation, arn) or not fault.hits():
                    continue
                if fault.kind == "latency":
                    latency += fault.seconds or 0.0
                elif other is None:
                    other = fault
                else:
                    continue
                self._use_up(fault)
            self.faults = [fault for fault in self.faults if fault.times]
            return ConsumedFaults(latency, other, self._faults_cleared)

    def consume_export_fault(self, operation: str, arn: str) -> Fault | None:
        """The fail_export fault of an export that starts now, or None."""
        with self._lock:
            for fault in self.faults:
                if fault.kind == "fail_export" and fault.matches(operation, arn) and fault.hits():
                    self._use_up(fault)
                    self.faults = [fault for fault in self.faults if fault.times]
                    return fault
        return None

    @staticmethod
    def _use_up(fault: Fault) -> None:
        fault.times -= 1 if fault.times > 0 else 0

    def forget_calls(self) -> None:
        with self._lock:
            self.counts: Counter[str] = Counter()
            self.exports: Counter[str] = Counter()
            self.foreign_exports: Counter[str] = Counter()
            self.calls: deque[dict[str, Any]] = deque(maxlen=CALL_LOG_SIZE)

    def log_call(self, operation: str, arn: str | None, token: str | None, received_at: float) -> dict[str, Any]:
        """Log a call of the service at its receipt (epoch seconds). Returns the entry; status 0 means no response."""
        entry = {"time": received_at, "operation": operation, "arn": arn, "status": 0, "token": token}
        with self._lock:
            self.counts[operation] += 1
            self.calls.append(entry)
        return entry

    def count(self, operation: str) -> None:
        with self._lock:
            self.counts[operation] += 1

    def count_export(self, arn: str, foreign: bool = False) -> None:
        with self._lock:
            (self.foreign_exports if foreign else self.exports)[arn] += 1

    def call_report(self) -> dict[str, Any]:
        with self._lock:
            return {
                "counts": dict(self.counts),
                "exports": dict(self.exports),
                "foreign_exports": dict(self.foreign_exports),
                "peak_per_second": _peak_per_second([call["time"] for call in self.calls]),
                "calls": [dict(call) for call in self.calls],
            }

    def to_dict(self) -> dict[str, Any]:
        return asdict(self.settings)


def _peak_per_second(times: list[float]) -> int:
    """The most calls in any window of one second."""
    peak = first = 0
    times = sorted(times)
    for last, received_at in enumerate(times):
        while received_at - times[first] >= 1:
            first += 1
        peak = max(peak, last - first + 1)
    return peak


control = EmulatorControl()
