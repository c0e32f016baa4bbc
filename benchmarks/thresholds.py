"""The thresholds: the most that each measured value may be, most of them relative to another value of the same run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.cases import (
    BASELINE,
    DEFAULTS,
    EMPTY_UP,
    EXPORTS,
    FIVE_MINUTES,
    KILLED,
    LEAST,
    MEMORY,
    MIXED,
    REFRESH,
    SCRIPT,
    STATE,
    UP,
)
from benchmarks.commands import DELETE_JOBS, REPORT, calls_metric, seconds_metric
from benchmarks.measurements import Measurements

#: Returns the value to compare with the limit, or None if a part of it was not measured.
Value = Callable[[Measurements], "float | None"]

PASS, FAIL, NOT_MEASURED = "pass", "**fail**", "not measured"


@dataclass(frozen=True)
class Threshold:
    """The value named ``subject`` may be at most ``limit``; ``condition`` says so in the report."""

    subject: str
    condition: str
    limit: float
    value: Value
    unit: str = "x"

    def evaluate(self, measurements: Measurements) -> tuple[str, str]:
        """Return the measured value as text, and whether it passes."""
        value = self.value(measurements)
        if value is None:
            return "-", NOT_MEASURED
        text = f"{value:.2f}x" if self.unit == "x" else f"{value:.0f}{self.unit}"
        return text, PASS if value <= self.limit else FAIL


def ratio_to(case: str, verb: str, weights: Mapping[str, float], *, seconds: float = 0.0, of: str = EXPORTS) -> Value:
    """Return the time of the workload ``of`` divided by the weighted sum of other workloads' times plus ``seconds``."""

    def ratio(measurements: Measurements) -> float | None:
        measured = measurements.median_time(case, of, verb)
        reference = seconds
        for workload, weight in weights.items():
            time = measurements.median_time(case, workload, verb)
            if time is None:
                return None
            reference += weight * time
        return None if measured is None else measured / reference

    return ratio


def metric(name: str) -> Value:
    """Return the metric's median."""
    return lambda measurements: measurements.median_metric(name)


def _max_metric(name: str) -> Value:
    return lambda measurements: measurements.max_metric(name)


def difference(name: str, reference: str) -> Value:
    """Return how much a metric's median is above another one's."""

    def above(measurements: Measurements) -> float | None:
        value, base = measurements.median_metric(name), measurements.median_metric(reference)
        return None if value is None or base is None else value - base

    return above


def _versus_least(n: int) -> list[Threshold]:
    thresholds = []
    for case, parallelism in ((f"{n}", "--parallel 256"), (f"{n}-default-parallel", "default parallelism")):
        for verb, limit in ((REFRESH, 1.15), (UP, 1.2)):
            value = ratio_to(case, verb, {LEAST: 1})
            thresholds.append(Threshold(f"{verb} of {n}, {parallelism}", f"{limit}x least-{verb}", limit, value))
    return thresholds


def _mixed() -> list[Threshold]:
    subject, condition = "of 200 of both kinds", "1.05x 200 of one kind"
    return [
        Threshold(f"{verb} {subject}", condition, 1.05, ratio_to("200-mixed", verb, {EXPORTS: 1}, of=MIXED))
        for verb in (UP, REFRESH)
    ]


def _commands() -> list[Threshold]:
    return [
        Threshold(
            f"{command} of 1,000",
            "its calls with boto3 + 10 s",
            10,
            difference(seconds_metric(command), calls_metric(command)),
            " s",
        )
        for command in (REPORT, DELETE_JOBS)
    ]


THRESHOLDS = (
    *_versus_least(50),
    *_versus_least(200),
    Threshold(
        "up of 200 exports of 5 s", "1.25x (no-op + 5 s)", 1.25, ratio_to("200-of-5s", UP, {BASELINE: 1}, seconds=5)
    ),
    Threshold(
        "up of 40 exports of 5 s",
        "no-op + 1.2x boto3 script",
        1.0,
        ratio_to("40-of-5s", UP, {BASELINE: 1, SCRIPT: 1.2}),
    ),
    Threshold("empty up of 200", "1.3x no-op", 1.3, ratio_to("200", EMPTY_UP, {BASELINE: 1})),
    Threshold("calls for an export of 5 min (computed)", "30", 30, metric(f"{FIVE_MINUTES}: calls"), ""),
    Threshold("peak calls per second by default", "100", 100, _max_metric(f"{DEFAULTS}: peak calls per second"), ""),
    Threshold(
        "host's memory above the no-op host, 200 waiting",
        "60 MB",
        60,
        difference(f"{MEMORY}: host of exports, MB", f"{MEMORY}: no-op host, MB"),
        " MB",
    ),
    *_mixed(),
    *_commands(),
    Threshold("up of 1,000, every checkpoint", "1.2x least-up", 1.2, ratio_to("1000", UP, {LEAST: 1})),
    Threshold(
        "up of 1,000, checkpoints skipped", "1.2x least-up", 1.2, ratio_to("1000-no-checkpoints", UP, {LEAST: 1})
    ),
    Threshold(
        "up of 1,000, killed halfway: lost or duplicated", "0", 0, metric(f"{KILLED}: exports lost or duplicated"), ""
    ),
    Threshold("state bytes per export", "900", 900, metric(f"{STATE}: bytes per export"), ""),
)
