"""The report of a benchmark run: Markdown that is readable in a terminal too."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from benchmarks.cases import BASELINE, CASES, EXPORTS, LEAST, MIXED, SCRIPT
from benchmarks.measurements import Measurements
from benchmarks.thresholds import THRESHOLDS

_INTRODUCTION = """\
Written by `make bench`. Times are seconds of whole commands: the median of the runs, and their range. Every workload
declares the same exports (`benchmarks/programs/`):

- no-op: dynamic resources that do nothing, the cost of the engine
- least: dynamic resources that make an export's calls with bare boto3, in a host with a widened thread pool. least-up starts
  the export, polls at `pollInterval`, sends the token once more and lists the folder; least-refresh gets the status and lists
- exports: this provider
- mixed: this provider, every other export of a vector enrichment job
- boto3 script: a process of its own, without Pulumi. For the commands `report` and `delete-jobs`, it makes the same calls of the service and of S3

State is compressed (`PULUMI_DIY_BACKEND_ZSTD=true`). `--parallel` is 256, except in cases named `default-parallel`, which
leave it to the engine. `sagemakergeospatial:maxCallsPerSecond` is 5000 and `pollInterval` 0.5, except for the metrics named
`defaults`. Exports are done at the first poll, unless the case names their time. The service is the emulator, in a process of its own that shares this
machine's cores; the CPU time that it used is among the metrics."""

_TIME_COLUMNS = (
    "no-op s",
    "boto3 script s",
    "least s",
    "exports s",
    "x no-op",
    "x (no-op + script)",
    "x least",
    "mixed s",
)


def render(measurements: Measurements, seconds: float, disabled: Sequence[str] = ()) -> str:
    """Return the page. ``seconds`` is how long all runs took; ``disabled`` names mechanisms that were switched off."""
    count = measurements.run_count()
    runs = f"{count} {'run' if count == 1 else 'runs'}, {seconds / 60:.1f} minutes in total"
    without = [f"exports ran without {', '.join(disabled)}"] if disabled else []
    metrics = [(name, _format_number(measurements.median_metric(name))) for name in sorted(measurements.metrics)]
    parts = [
        "# Benchmarks",
        _INTRODUCTION,
        render_list([*describe_machine(), runs, *without]),
        "## Thresholds",
        render_table(("value", "at most", "measured", ""), _threshold_rows(measurements)),
        "## Times",
        render_table(("case", "command", *_TIME_COLUMNS), _time_rows(measurements)),
        "## Metrics",
        render_table(("metric", "measured"), metrics),
    ]
    if measurements.failures:
        parts += ["## Not measured", render_list(measurements.failures)]
    return "\n\n".join(parts) + "\n"


def _threshold_rows(measurements: Measurements) -> Iterable[tuple[str, ...]]:
    for threshold in THRESHOLDS:
        yield threshold.subject, threshold.condition, *threshold.evaluate(measurements)


def _time_rows(measurements: Measurements) -> Iterable[tuple[str, ...]]:
    columns = (BASELINE, SCRIPT, LEAST, EXPORTS)
    for case in CASES:
        for verb in case.verbs:
            baseline, script, least, exports = (measurements.median_time(case.name, each, verb) for each in columns)
            if exports is None and baseline is None:
                continue
            combined = None if baseline is None or script is None else baseline + script
            times = (measurements.format_time(case.name, each, verb) for each in columns)
            yield (
                case.name,
                verb,
                *times,
                *(_format_ratio(exports, each) for each in (baseline, combined, least)),
                measurements.format_time(case.name, MIXED, verb),
            )


def _format_ratio(value: float | None, reference: float | None) -> str:
    return f"{value / reference:.2f}" if value is not None and reference else "-"


def _format_number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def render_list(items: Iterable[str]) -> str:
    """Return a Markdown list."""
    return "\n".join(f"- {item}" for item in items)


def render_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose columns are aligned."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    cells = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(f"| {line} |" for line in [cells[0], " | ".join("-" * width for width in widths), *cells[1:]])


def describe_machine() -> list[str]:
    """Return the machine, the versions and the time, for the head of a report."""
    engine = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=False).stdout.strip()
    return [
        f"{os.cpu_count()} cores, {_cpu_model()}, {_memory_size()} of memory, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, engine {engine}, SDK {version('pulumi')}, boto3 {version('boto3')}, "
        f"moto {version('moto')}",
        f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
    ]


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown CPU"


def _memory_size() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return "an unknown amount"
    return f"{size / 2**30:.0f} GB"
