"""The metric of a service that throttles: what is read from the log of calls."""

from __future__ import annotations

from benchmarks.throttling import EXPORT_SECONDS, CallSummary, ideal_seconds


def test_the_calls_of_a_command_are_summed_up() -> None:
    start, get = "ExportEarthObservationJob", "GetEarthObservationJob"
    calls = [
        {"time": time, "operation": operation, "status": status}
        for time, operation, status in [(10.0, start, 200), (10.5, start, 429), (11.0, start, 200), (14.0, get, 200)]
    ]
    assert CallSummary.of(calls) == CallSummary(seconds=4.0, starts=3, calls=4, throttled=25.0)


def test_the_ideal_is_the_starts_at_the_limit_and_the_last_export() -> None:
    assert ideal_seconds(20) == 5 + EXPORT_SECONDS
