"""The table of a run, as Markdown that reads well in a terminal too."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from benchmarks.bars import BARS
from benchmarks.cases import CASES
from benchmarks.figures import EXPORTS, FLOOR, SCRIPT, Figures

_INTRODUCTION = """\
Written by `make bench`. Seconds of whole commands, medians of the runs with their range. The floor is the same number of
no-op dynamic resources on the same engine and settings; the boto3 script is a process of its own
(`benchmarks/programs/`). State compressed (`PULUMI_DIY_BACKEND_ZSTD=true`), `--parallel 256`,
`sagemakergeospatial:maxCallsPerSecond` 5000 and `pollInterval` 0.5, but for the figures called `defaults`. The service is
the emulator, in a process of its own on the same machine, whose processors it shares: what it used is among the single
figures."""


def written(figures: Figures, took: float) -> str:
    """The whole page."""
    parts = [
        "# Benchmarks",
        _INTRODUCTION,
        "\n".join(f"- {line}" for line in [*_machine(), f"{figures.runs()} runs, {took / 60:.1f} minutes in all"]),
        "## Bars",
        _table(
            ("figure", "bar: at most", "measured", ""), [(bar.figure, bar.bar, *bar.judged(figures)) for bar in BARS]
        ),
        "## Times",
        _table(("case", "verb", "floor s", "boto3 s", "exports s", "x floor", "x (floor + boto3)"), _times(figures)),
        "## Single figures",
        _table(("figure", "measured"), [(name, _number(figures.figure(name))) for name in sorted(figures.single)]),
    ]
    if figures.failures:
        parts += ["## Not measured", "\n".join(f"- {failure}" for failure in figures.failures)]
    return "\n\n".join(parts) + "\n"


def _times(figures: Figures) -> Iterable[tuple[str, ...]]:
    for case in CASES:
        for verb in case.verbs:
            ours = figures.median(case.name, EXPORTS, verb)
            floor = figures.median(case.name, FLOOR, verb)
            script = figures.median(case.name, SCRIPT, verb)
            if ours is None and floor is None:
                continue
            both = floor + script if floor is not None and script is not None else None
            yield (
                case.name,
                verb,
                *(figures.spread(case.name, subject, verb) for subject in (FLOOR, SCRIPT, EXPORTS)),
                _ratio(ours, floor),
                _ratio(ours, both),
            )


def _ratio(ours: float | None, other: float | None) -> str:
    return f"{ours / other:.2f}" if ours is not None and other else "-"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    cells = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(f"| {line} |" for line in [cells[0], " | ".join("-" * width for width in widths), *cells[1:]])


def _machine() -> list[str]:
    engine = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=False).stdout.strip()
    return [
        f"{os.cpu_count()} cores, {_processor()}, {_memory()} of memory, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, engine {engine}, SDK {version('pulumi')}, boto3 {version('boto3')}, "
        f"moto {version('moto')}",
        f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "an unnamed processor"


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return "an unknown amount"
    return f"{size / 2**30:.0f} GB"
