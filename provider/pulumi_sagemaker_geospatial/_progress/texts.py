"""Texts about the operations of a run: a row's, the stack's, and the sentences at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from .._export.manifest import format_count, format_size
from ..errors import FORCE_NEW_EXPORT
from .operations import PENDING, RUNNING, STARTING, Operation, Result, Run, Verb

#: The engine cuts what does not fit beside its own columns: 30 characters are left of 120.
ROW_WIDTH = 25
#: Seconds that an export usually takes, where no export of the run has ended.
USUAL_TIME = 300.0
#: How many names a sentence lists.
_MAX_NAMES = 5
_COUNTED = {
    Result.STARTED: "started",
    Result.UPDATED: "updated",
    Result.REMOVED: "removed",
    Result.FAILED: "failed",
    Result.CANCELLED: "cancelled",
}


def format_duration(seconds: float) -> str:
    """Return a duration such as ``42s``, ``4m02s`` or ``1h05m``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes_left:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def row_text(operation: Operation, now: float) -> str:
    """Return what a resource's row shows, the most important word first, at most `ROW_WIDTH` characters."""
    if operation.result is not None:
        return shorten(_result_text(operation))
    elapsed = format_duration(operation.elapsed(now))
    if operation.status == RUNNING:
        return f"{elapsed} {RUNNING}"
    with_time = f"{operation.status} {elapsed}"
    return with_time if len(with_time) <= ROW_WIDTH else shorten(operation.status)


def shorten(text: str, width: int = ROW_WIDTH) -> str:
    """Return the beginning of a text, with an ellipsis where something is left out."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _result_text(operation: Operation) -> str:
    if operation.result is Result.DONE and operation.objects is not None:
        return f"{format_count(operation.objects)} verified"
    return operation.status


def stack_text(run: Run, now: float) -> str:
    """Return what the stack's row shows, such as ``7/12 done, 1 failed, 4m02s, 3 queued: quota``."""
    declared = [each for each in run if each.verb is not Verb.DELETE]
    finished = [each for each in declared if each.result not in (None, Result.FAILED, Result.CANCELLED)]
    parts = [f"{len(finished)}/{len(declared)} done"] if declared else []
    parts += [
        f"{count} {_COUNTED[result]}"
        for result in (Result.REMOVED, Result.FAILED, Result.CANCELLED)
        if (count := len(run.having(result)))
    ]
    waiting = Counter(each.status for each in run.active if each.status not in (PENDING, STARTING, RUNNING))
    return ", ".join(
        [*parts, format_duration(run.elapsed(now)), *(f"{count} {text}" for text, count in waiting.most_common(2))]
    )


def totals(run: Run, now: float) -> str:
    """Return the sentence that ends a run: ``exports: 9 done (2 adopted), 1 failed, 312 objects, 4.5 GB, 6m12s``."""
    exported, adopted = run.having(Result.DONE, Result.ADOPTED), run.having(Result.ADOPTED)
    parts = []
    if exported:
        parts.append(f"{len(exported)} done" + (f" ({len(adopted)} adopted)" if adopted else ""))
    parts += [f"{count} {word}" for result, word in _COUNTED.items() if (count := len(run.having(result)))]
    if not_begun := sum(each.began is None for each in run):
        parts.append(f"{not_begun} not begun")
    known = [each for each in exported if each.objects is not None]
    if known:
        parts += [format_count(sum(each.objects or 0 for each in known)), format_size(sum(each.size for each in known))]
    if (elapsed := run.elapsed(now)) >= 1:
        parts.append(format_duration(elapsed))
    if run.warnings:
        parts.append(format_count(run.warnings, "warning"))
    return f"exports: {', '.join(parts)}"


def adopted_sentence(adopted: Sequence[Operation]) -> str:
    """Return what several adoptions have in common, in one sentence."""
    known = [each for each in adopted if each.objects is not None]
    what = format_count(sum(each.objects or 0 for each in known))
    size = format_size(sum(each.size for each in known))
    existing = f" ({what}, {size})" if known else ""
    return f"{len(adopted)} exports adopted{existing}: {_names(adopted)}; to force a new export: {FORCE_NEW_EXPORT}"


def cancelled_sentence(cancelled: Sequence[Operation]) -> str:
    """Return what a cancellation means for the exports that were being waited for, and for deletions."""
    deletions = [each for each in cancelled if each.verb is Verb.DELETE]
    exports = [each for each in cancelled if each.verb is not Verb.DELETE]
    sentences = []
    if exports:
        sentences.append(
            f"{format_count(len(exports), 'export')} cancelled: {_names(exports)}; what the service has started goes on, "
            "and the next `pulumi up` resumes waiting"
        )
    if deletions:
        sentences.append(
            f"{format_count(len(deletions), 'deletion')} cancelled: {_names(deletions)}; run the command again, "
            "which deletes what is left"
        )
    return ". ".join(sentences)


def usual_time(run: Run) -> float:
    """Return how long an export usually takes: the median of those that ended in this run, or `USUAL_TIME`."""
    ended = [each.elapsed(each.ended) for each in run.having(Result.DONE) if each.ended is not None]
    return median(ended) if ended else USUAL_TIME


def _names(operations: Sequence[Operation]) -> str:
    names = sorted(each.name for each in operations)
    others = len(names) - _MAX_NAMES
    if others <= 0:
        return ", ".join(names)
    return f"{', '.join(names[:_MAX_NAMES])} and {format_count(others, 'other')}"
