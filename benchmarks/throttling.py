"""The pace that exports find on a service that throttles: the numbers of docs/many-exports.md on the real engine, scaled down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import polling
from benchmarks.cases import COMPRESSED, EXPORTS, THROTTLED, UP
from benchmarks.environment import BenchEnvironment, time_command
from benchmarks.measurements import Measurements
from benchmarks.workloads import declare_exports

#: Calls a second of each operation that the service accepts.
LIMITS = (5, 20, 100)
EXPORT_COUNT, EXPORT_SECONDS = 100, 90
_START = "ExportEarthObservationJob"
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True)
class CallSummary:
    """The calls of one command.

    Attributes:
        seconds: from the first call to the last.
        starts: calls to start an export, throttled ones included; also those that ask for the outcome of one.
        throttled: the part of all calls that was throttled, in percent.
    """

    seconds: float
    starts: int
    calls: int
    throttled: float

    @classmethod
    def of(cls, calls: Sequence[Mapping[str, Any]]) -> CallSummary:
        """Return the summary of the emulator's log of calls."""
        times = [call["time"] for call in calls]
        throttled = sum(call["status"] == _TOO_MANY_REQUESTS for call in calls)
        starts = sum(call["operation"] == _START for call in calls)
        return cls(max(times) - min(times), starts, len(calls), 100 * throttled / len(calls))


def ideal_seconds(limit: float) -> float:
    """Return how long the exports take at least: the calls that start them at the limit, and the last export."""
    return EXPORT_COUNT / limit + EXPORT_SECONDS


def measure_throttled(environment: BenchEnvironment, measurements: Measurements) -> None:
    """Measure an up with the default settings for each of the limits."""
    declared = declare_exports(EXPORT_COUNT)
    for limit in LIMITS:
        environment.prepare_service(declared, EXPORT_SECONDS)
        environment.emulator.configure(calls_per_second=limit)
        with environment.stack(EXPORTS, declared, COMPRESSED, polling.DEFAULT_SETTINGS) as stack:
            time_command(stack, UP)
        summary = CallSummary.of(environment.emulator.call_report()["calls"])
        prefix = f"{THROTTLED} at {limit} calls per second"
        measurements.record_metric(f"{prefix}: seconds", summary.seconds)
        measurements.record_metric(f"{prefix}: ideal seconds", ideal_seconds(limit))
        measurements.record_metric(f"{prefix}: calls to start", summary.starts)
        measurements.record_metric(f"{prefix}: calls", summary.calls)
        measurements.record_metric(f"{prefix}: throttled, %", summary.throttled)
