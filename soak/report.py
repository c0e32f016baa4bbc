"""The report of the trials: Markdown that is readable in a terminal too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.report import describe_machine, render_list, render_table

from .faults import FAULT_NAMES
from .runner import Outcome

_INTRODUCTION = """\
Written by `make soak`. Each run is a stack on the real engine, with 1, 5 or 50 exports on the emulated service. A signal (or
an outage) comes in the middle of a preview, an up (at the first starts, while all exports wait, when the first has ended), a
refresh or a destroy; the other faults last for a whole up, refresh or destroy. Then the command runs again until it succeeds,
and a refresh has to show no changes. The numbers compare the emulator's own record with the state of the stack and with S3:

- reruns: commands that failed without having been killed, and ran again
- lost: exports that are declared, and not recorded as SUCCEEDED
- duplicated: more exports were started for a declaration than one, and one for each that FAILED
- wrong: a record that the service or the objects contradict, objects of others that are gone, objects that a destroy with
  `delete_objects` has left, a refresh that shows changes, a command or process that does not end"""

_HEAD = ("fault", "runs", "declared", "started", "reruns", "lost", "duplicated", "wrong")


def render(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return the page. ``seconds`` is how long all runs took."""
    signaled = [each for each in outcomes if each.trial.fault.kill or each.trial.fault.outage]
    parts = [
        "# Trials under kills and faults",
        _INTRODUCTION,
        render_list(
            [
                *describe_machine(),
                f"{len(outcomes)} runs, {seconds / 60:.1f} minutes in total",
                f"{sum(each.struck for each in signaled)} of {len(signaled)} signals and outages came before the end of "
                "their command",
                f"{sum(each.repairs for each in outcomes)} files of the file backend were left empty by a kill, and deleted",
            ]
        ),
        render_table(_HEAD, [*_rows(outcomes), _row("total", outcomes)]),
    ]
    problems = [(each.trial.name, problem) for each in outcomes for problem in each.verdict.problems]
    if problems:  # the output of commands is on stderr
        parts += ["## Problems", render_list(f"{name}: {problem.partition(chr(10))[0]}" for name, problem in problems)]
    return "\n\n".join(parts) + "\n"


def _rows(outcomes: Sequence[Outcome]) -> Iterable[tuple[str, ...]]:
    for name in FAULT_NAMES:
        if own := [each for each in outcomes if each.trial.fault.name == name]:
            yield _row(name, own)


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    verdicts = [each.verdict for each in outcomes]
    numbers = (
        len(outcomes),
        sum(each.declared for each in verdicts),
        sum(each.started for each in verdicts),
        sum(each.reruns for each in outcomes),
        *(sum(len(each) for each in found) for found in _problems(outcomes)),
    )
    return (name, *map(str, numbers))


def _problems(outcomes: Sequence[Outcome]) -> Iterable[list[list[str]]]:
    for kind in ("lost", "duplicated", "wrong"):
        yield [getattr(each.verdict, kind) for each in outcomes]
