"""The command behind `make bench`: which cases, how often, and what is written."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import measure, report, singles
from benchmarks.cases import CASES, REPEATED, SINGLES
from benchmarks.figures import Figures
from benchmarks.subjects import Failed, workplace
from tests.harness import NO_ENGINE, has_engine

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    names = [*(case.name for case in CASES), *SINGLES]
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each case is measured (default 3)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--n", nargs="+", type=int, metavar="N", help="only the cases with so many exports")
    parser.add_argument(
        "--output", type=Path, default=RESULTS, help="the file to write (default benchmarks/RESULTS.md)"
    )
    options = parser.parse_args()
    if not has_engine():
        print(NO_ENGINE, file=sys.stderr)
        return 2
    cases = [case for case in CASES if _chosen(case.name, case.n, options)]
    figures, began = Figures(), time.monotonic()
    with workplace() as place:
        for name in SINGLES if options.n is None else ():
            if _chosen(name, None, options):
                for run in range(options.runs if name in REPEATED else 1):
                    _try(f"{name}, run {run + 1}", figures, partial(singles.SINGLES[name], place, figures))
        for run in range(options.runs):
            for case in cases:
                _try(f"{case.name}, run {run + 1}", figures, partial(measure.case, place, case, figures))
    page = report.written(figures, time.monotonic() - began)
    print(page)
    options.output.write_text(page)
    return 1 if figures.failures else 0


def _chosen(name: str, n: int | None, options: argparse.Namespace) -> bool:
    return (not options.only or name in options.only) and (not options.n or n in options.n)


def _try(what: str, figures: Figures, then: Callable[[], None]) -> None:
    """A case that fails is said, and the others go on."""
    began = time.monotonic()
    print(f"{what} …", end=" ", file=sys.stderr, flush=True)
    try:
        then()
    except (Failed, AssertionError, OSError, subprocess.TimeoutExpired) as exc:
        figures.failures.append(f"{what}: {exc}")
        print(f"failed: {exc}", file=sys.stderr, flush=True)
    else:
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
