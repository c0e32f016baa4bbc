"""The command behind `make soak`: runs the trials, prints their progress, and writes the report."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.harness import NO_ENGINE, Emulator, has_engine, start_emulator

from . import report
from .faults import FAULT_NAMES, FAULTS
from .runner import Outcome, TrialRunner
from .trial import Trial, plan_trials

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials that the command line asks for. Returns the exit code: 1 if anything was lost, duplicated or wrong."""
    options = _parse_arguments(arguments)
    if not has_engine():
        print(NO_ENGINE, file=sys.stderr)
        return 2
    faults = [fault for fault in FAULTS if not options.only or fault.name in options.only]
    trials, began = list(plan_trials(options.runs, options.seed, faults)), time.monotonic()
    with _runners(options.workers) as runners:
        outcomes = _run_all(trials, runners)
    page = report.render(outcomes, time.monotonic() - began)
    print(page)
    if options.output:
        options.output.write_text(page)
    return 1 if any(each.verdict.problems for each in outcomes) else 0


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = "\n".join(f"  {name}" for name in FAULT_NAMES)
    parser = argparse.ArgumentParser(
        prog="python -m soak",
        description=__doc__,
        epilog=f"faults:\n{names}".replace("%", "%%"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=300, help="how many trials (default 300); the faults take turns")
    parser.add_argument(
        "--seed", type=int, default=1, help="the seed of the first trial (default 1); the next has the next"
    )
    parser.add_argument("--only", nargs="+", choices=FAULT_NAMES, metavar="FAULT", help="only these faults")
    parser.add_argument("--workers", type=int, default=2, help="how many trials run at once (default 2)")
    parser.add_argument("--output", type=Path, help=f"the file to write the report to, such as {RESULTS.name}")
    return parser.parse_args(arguments)


@contextmanager
def _runners(count: int) -> Iterator[SimpleQueue[TrialRunner]]:
    """Start an emulator for each worker; stop them and remove all files at the end."""
    started, runners = [], SimpleQueue[TrialRunner]()
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder:
        try:
            for number in range(count):
                process, url = start_emulator()
                started.append(process)
                runners.put(TrialRunner(Path(folder) / f"worker{number}", Emulator(url)))
            yield runners
        finally:
            for process in started:
                process.terminate()
                process.communicate(timeout=30)


def _run_all(trials: Sequence[Trial], runners: SimpleQueue[TrialRunner]) -> list[Outcome]:
    def run(trial: Trial) -> Outcome:
        runner = runners.get()
        try:
            outcome = runner.run(trial)
        finally:
            runners.put(runner)
        problems = "; ".join(outcome.verdict.problems) or "ok"
        print(f"{trial.name}: {problems}, {outcome.seconds:.1f} s", file=sys.stderr, flush=True)
        return outcome

    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(max_workers=runners.qsize()) as pool:
        try:
            for outcome in pool.map(run, trials):
                outcomes.append(outcome)
        except KeyboardInterrupt:  # what has run is reported
            pool.shutdown(cancel_futures=True)
    return outcomes
