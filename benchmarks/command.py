"""The command behind `make bench`: selects cases and metrics, measures them, prints and writes the report."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import metrics, report
from benchmarks.cases import CASES, METRICS, ON_REQUEST, REPEATED, Case
from benchmarks.environment import BenchEnvironment, MeasurementError, bench_environment
from benchmarks.measure import measure_case
from benchmarks.measurements import Measurements
from benchmarks.mechanisms import MECHANISMS
from tests.harness import NO_ENGINE, has_engine

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    """Measure what the command line asks for. Returns the exit code: 1 if something could not be measured."""
    options = _parse_arguments()
    if not has_engine():
        print(NO_ENGINE, file=sys.stderr)
        return 2
    measurements, started = Measurements(), time.monotonic()
    disabled = tuple(options.without)
    with bench_environment(disabled) as environment:
        _measure_metrics(environment, _select_metrics(options), options.runs, measurements)
        _measure_cases(environment, _select_cases(options), options.runs, measurements)
    page = report.render(measurements, time.monotonic() - started, disabled)
    print(page)
    options.output.write_text(page)
    return 1 if measurements.failures else 0


def _parse_arguments() -> argparse.Namespace:
    names = [*(case.name for case in CASES), *METRICS]
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each case is measured (default 3)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"one or more of {', '.join(names)}")
    parser.add_argument("--n", nargs="+", type=int, metavar="N", help="only the cases with N exports")
    parser.add_argument(
        "--without",
        nargs="+",
        choices=MECHANISMS,
        default=[],
        metavar="MECHANISM",
        help=f"run exports without a speed mechanism: {', '.join(MECHANISMS)}",
    )
    parser.add_argument(
        "--output", type=Path, default=RESULTS, help="the file to write (default benchmarks/RESULTS.md)"
    )
    return parser.parse_args()


def _select_metrics(options: argparse.Namespace) -> list[str]:
    if options.only:
        return [name for name in METRICS if name in options.only]
    return [] if options.n else [name for name in METRICS if name not in ON_REQUEST]


def _select_cases(options: argparse.Namespace) -> list[Case]:
    return [
        case
        for case in CASES
        if (not options.only or case.name in options.only) and (not options.n or case.n in options.n)
    ]


def _measure_metrics(environment: BenchEnvironment, names: list[str], runs: int, measurements: Measurements) -> None:
    for name in names:
        for run in range(runs if name in REPEATED else 1):
            _attempt(f"{name}, run {run + 1}", measurements, partial(metrics.MEASURE[name], environment, measurements))


def _measure_cases(environment: BenchEnvironment, cases: list[Case], runs: int, measurements: Measurements) -> None:
    for run in range(runs):
        for case in cases:
            measure = partial(measure_case, environment, case, measurements)
            _attempt(f"{case.name}, run {run + 1}", measurements, measure)


def _attempt(label: str, measurements: Measurements, measure: Callable[[], None]) -> None:
    """Measure one thing; a failure is recorded and does not stop the others."""
    started = time.monotonic()
    print(f"{label} …", end=" ", file=sys.stderr, flush=True)
    try:
        measure()
    except (MeasurementError, AssertionError, OSError, subprocess.TimeoutExpired) as exc:
        measurements.failures.append(f"{label}: {exc}")
        print(f"failed: {exc}", file=sys.stderr, flush=True)
    else:
        print(f"{time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
