"""`delete-jobs`: deletes the jobs whose exports are whole, after another look at each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from .._export.manifest import format_count, format_size
from .._geospatial.arns import job_id
from .._geospatial.kinds import ExportKind
from .._report.decisions import Action, Decision, decide_deletion
from .._report.observation import DeclaredExport
from ..errors import JobNotFoundError, ServiceCallError
from .failure import CommandError
from .journal import Journal
from .stack import Stack
from .tables import plain

if TYPE_CHECKING:
    from .observer import Observer


@dataclass(frozen=True)
class Job:
    """A job, and the exports that the stack declares for it."""

    kind: ExportKind
    arn: str
    exports: tuple[DeclaredExport, ...]

    def redact(self, text: str) -> str:
        """Return the text without the values of secret inputs."""
        for export in self.exports:
            text = export.redact(text)
        return text


@dataclass
class Outcome:
    """What became of the jobs: deleted ones with the bytes of their results, and why others were not."""

    deleted: list[int] = field(default_factory=list)
    deleted_meanwhile: list[Job] = field(default_factory=list)
    kept: list[tuple[Job, str]] = field(default_factory=list)
    errors: list[ServiceCallError] = field(default_factory=list)


def delete_jobs(stack: Stack, observer: Observer, journal_path: Path, is_confirmed: bool, console: Console) -> int:
    """Print what is deleted and what is not, and delete it where that is confirmed. Return the exit code.

    Raises:
        CommandError, ExportError: nothing was deleted, or the message says how much was.
    """
    account = observer.require_account(stack)
    journal = Journal(journal_path, stack.name, account)
    jobs = [job for job in jobs_of(stack) if job.arn not in journal.deleted]
    decisions = observer.map(lambda job: decide(observer, job), jobs)
    if journal.deleted:
        console.print(f"{format_count(len(journal.deleted), 'job')} deleted before, as {journal_path} says")
    console.print(plan_table(jobs, decisions))
    chosen = [job for job, each in zip(jobs, decisions, strict=True) if each.action is Action.DELETE]
    size = sum(each.bytes for each in decisions if each.action is Action.DELETE)
    kept = sum(each.action is Action.KEEP for each in decisions)
    if not is_confirmed:
        console.print(
            f"would delete {format_count(len(chosen), 'job')}, whose results are {format_size(size)} ({size:,} bytes); "
            f"would keep {kept}. Nothing was deleted: add --yes to delete."
        )
        return 1 if kept else 0
    outcome = Outcome()
    with journal:
        _delete_all(observer, chosen, journal, outcome)
    return _print_outcome(outcome, kept, console)


def jobs_of(stack: Stack) -> list[Job]:
    """Return the jobs that the stack has exports of."""
    by_arn: defaultdict[str, list[DeclaredExport]] = defaultdict(list)
    for export in stack.exports:
        by_arn[export.arn].append(export)
    return [Job(exports[0].state.request.kind, arn, tuple(exports)) for arn, exports in by_arn.items()]


def decide(observer: Observer, job: Job) -> Decision:
    """Look at a job and its exports, and return what to do with it."""
    return decide_deletion(observer.observe_job(job.kind, job.arn, job.exports))


def plan_table(jobs: Sequence[Job], decisions: Sequence[Decision]) -> Table:
    """Return the table of what is deleted and what is not."""
    table = Table("job", "kind", "decision", "reason")
    table.add_column("bytes", justify="right")
    for job, each in zip(jobs, decisions, strict=True):
        size = f"{each.bytes:,}" if each.bytes else "-"
        table.add_row(*plain(job_id(job.arn), job.kind.job, each.action.value, job.redact(each.reason), size))
    return table


def _delete_all(observer: Observer, jobs: Sequence[Job], journal: Journal, outcome: Outcome) -> None:
    def delete(job: Job) -> None:
        _delete(observer, job, journal, outcome)

    # The first one alone: where the caller may not delete, one call is refused, and not many.
    for job in jobs[:1]:
        delete(job)
    if not outcome.errors:
        observer.map(delete, jobs[1:])


def _delete(observer: Observer, job: Job, journal: Journal, outcome: Outcome) -> None:
    if outcome.errors:
        return
    decision = decide(observer, job)  # again: time has passed since the plan
    if decision.action is Action.KEEP:
        outcome.kept.append((job, decision.reason))
        return
    try:
        if decision.action is Action.NONE or not _call_delete(observer, job):
            outcome.deleted_meanwhile.append(job)
            return
    except ServiceCallError as exc:
        outcome.errors.append(exc)
        return
    outcome.deleted.append(decision.bytes)
    journal.record_deletion(job.arn, decision.bytes)


def _call_delete(observer: Observer, job: Job) -> bool:
    """Delete a job, and return False where it was deleted before."""
    try:
        observer.runtime.jobs.delete(job.kind, job.arn, observer.context())
    except JobNotFoundError:
        return False
    return True


def _print_outcome(outcome: Outcome, kept: int, console: Console) -> int:
    for job, reason in outcome.kept:
        console.print(f"kept {job_id(job.arn)}: {job.redact(reason)}", markup=False)
    for job in outcome.deleted_meanwhile:
        console.print(f"{job_id(job.arn)} was deleted meanwhile", markup=False)
    size = sum(outcome.deleted)
    summary = f"deleted {format_count(len(outcome.deleted), 'job')}, which stored {format_size(size)} ({size:,} bytes)"
    if outcome.errors:
        first = outcome.errors[0]
        raise CommandError(f"{first.message} ({summary})", first.error_id)
    console.print(f"{summary}; kept {kept + len(outcome.kept)}")
    return 1 if kept or outcome.kept else 0
