"""The progress file's JSON lines: one for each change of an operation's status. Nothing of an input is in them but the job."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .operations import Operation, Result, Run, Verb

VERSION = 1


@dataclass
class RecordedRun:
    """What a progress file says. Times are seconds since the epoch.

    Attributes:
        began: when the file was created, which is when the run's first operation on an export began.
        ended: when the run ended and nothing more is written; None before.
    """

    project: str
    stack: str
    began: float
    run: Run = field(default_factory=Run)
    ended: float | None = None


def header_line(project: str, stack: str, now: float) -> str:
    """Return the first line of a file."""
    return _line({"progress": VERSION, "project": project, "stack": stack, "time": now})


def operation_line(operation: Operation) -> str:
    """Return the line that replaces the earlier ones of the same operation."""
    fields = {
        "urn": operation.urn,
        "verb": operation.verb.value,
        "kind": operation.kind,
        "job": operation.job,
        "status": operation.status,
        "began": operation.began,
        "running_since": operation.running_since,
        "ended": operation.ended,
        "result": operation.result and operation.result.value,
        "objects": operation.objects,
        "size": operation.size or None,
    }
    return _line({name: value for name, value in fields.items() if value is not None})


def end_line(warnings: int, now: float) -> str:
    """Return the last line of a file."""
    return _line({"ended": now, "warnings": warnings})


def parse_lines(lines: Iterable[str]) -> RecordedRun | None:
    """Return what a file's lines say; None where they are those of no such file. A line that is cut off is skipped."""
    recorded: RecordedRun | None = None
    for line in lines:
        try:
            entry = json.loads(line)
            if recorded is None:
                if entry["progress"] != VERSION:
                    return None
                recorded = RecordedRun(entry["project"], entry["stack"], entry["time"])
            elif "urn" in entry:
                recorded.run.put(_operation(entry))
            else:
                recorded.ended, recorded.run.warnings = entry["ended"], entry["warnings"]
        except (ValueError, KeyError, TypeError):
            if recorded is None:
                return None
    return recorded


def _operation(entry: Mapping[str, Any]) -> Operation:
    result = entry.get("result")
    return Operation(
        urn=entry["urn"],
        verb=Verb(entry["verb"]),
        kind=entry["kind"],
        job=entry["job"],
        status=entry["status"],
        began=entry.get("began"),
        running_since=entry.get("running_since"),
        ended=entry.get("ended"),
        result=Result(result) if result else None,
        objects=entry.get("objects"),
        size=entry.get("size", 0),
    )


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, separators=(",", ":")) + "\n"
