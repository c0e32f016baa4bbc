"""`status`: shows what the progress file of a running update says, which the provider writes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import click
import yaml
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .._progress.file import OFF, VARIABLE, candidate_paths, is_being_written, read_lines
from .._progress.lines import RecordedRun, parse_lines
from .._progress.operations import PENDING, RUNNING, UNSUCCESSFUL, Operation
from .._progress.texts import format_duration, row_text, stack_text, totals, usual_time
from ..error_ids import ErrorId
from .failure import CommandError
from .tables import plain

#: Seconds between two looks at the file.
INTERVAL = 1.0
#: Columns from which the kind and the job are shown.
WIDE = 100


@dataclass(frozen=True)
class Progress:
    """The progress of a stack's update. ``is_running``: whether its provider lives."""

    recorded: RecordedRun
    is_running: bool
    now: float = field(default_factory=time.time)


def show_status(name: str, console: Console, is_once: bool, as_json: bool) -> int:
    """Print the state of a stack's update, once or until its end. Return the exit code.

    Raises:
        CommandError: there is no project here, or it keeps no progress file.
    """
    files = _files(name)
    found = files.read()
    if as_json:
        click.echo(json.dumps(_document(name, found), indent=2))
        return 0 if found and found.is_running else 1
    if found is None:
        _print(console, f"no update of the stack {name} is running here")
        return 1
    if is_once or not found.is_running:
        console.print(render(found, console.width))
        _print(console, _end(found))
        return 0 if found.is_running else 1
    return _follow(files.read, found, console)


def _follow(read: Callable[[], Progress | None], found: Progress, console: Console) -> int:
    """Show the table until the update ends. It disappears then, as it may be one look older than the end."""
    following: Progress | None = found
    with Live(render(found, console.width), console=console, auto_refresh=False, transient=True) as live:
        try:
            while following is not None and following.is_running:
                time.sleep(INTERVAL)
                following = read()
                if following is not None:
                    live.update(render(following, console.width), refresh=True)
        except KeyboardInterrupt:
            live.transient = False  # the update goes on, and this is its state
            raise
    # The provider removes the file at the end of a run that succeeded.
    if following is None:
        _print(console, "the update has ended: all exports are done")
        return 0
    console.print(render(following, console.width))
    _print(console, _end(following))
    return 1


def _print(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False)


def render(progress: Progress, width: int) -> Group:
    """Return a table of the exports, those first that need attention, below a line about the whole."""
    recorded, now = progress.recorded, progress.now
    run, usual = recorded.run, format_duration(usual_time(recorded.run))
    names = ("export", "kind", "job", "status", "elapsed") if width >= WIDE else ("export", "status", "elapsed")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for each in names:
        table.add_column(each, no_wrap=True, overflow="ellipsis", justify="right" if each == "elapsed" else "left")
    for operation in sorted(run, key=lambda each: _rank(each, now)):
        elapsed = "-" if operation.began is None else format_duration(operation.elapsed(now))
        cells = {
            "export": operation.name,
            "kind": operation.kind,
            "job": operation.job,
            "status": row_text(operation, now) if operation.result else operation.status,
            "elapsed": f"{elapsed} of {usual}" if operation.status == RUNNING else elapsed,
        }
        table.add_row(*plain(*(cells[each] for each in names)))
    summary = f"{recorded.project}/{recorded.stack}: {stack_text(run, now)}; usually {usual}"
    return Group(Text(summary, no_wrap=True, overflow="ellipsis"), table)


def _rank(operation: Operation, now: float) -> tuple[int, float]:
    """Return the place of an operation: failed, waiting, running for long, starting, pending, ended."""
    if operation.result in UNSUCCESSFUL:
        return 0, 0.0
    if operation.result is not None:
        return 4, 0.0
    if operation.status == PENDING:
        return 3, 0.0
    return (2 if operation.status == RUNNING else 1), -operation.elapsed(now)


def _end(progress: Progress) -> str:
    recorded = progress.recorded
    if progress.is_running:
        return "the update is running"
    how = "has ended" if recorded.ended is not None else "was killed"
    began = datetime.fromtimestamp(recorded.began).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    # An update without operations on exports writes no file, so there may have been a later one.
    return f"the last update of exports, begun {began}, {how}: {totals(recorded.run, recorded.ended or progress.now)}"


def _document(name: str, found: Progress | None) -> dict[str, object]:
    if found is None:
        return {"stack": name, "running": False, "exports": []}
    run, now = found.recorded.run, found.now
    return {
        "stack": found.recorded.stack,
        "project": found.recorded.project,
        "running": found.is_running,
        "began": datetime.fromtimestamp(found.recorded.began, timezone.utc).isoformat(timespec="seconds"),
        "summary": stack_text(run, now),
        "elapsed_seconds": round(run.elapsed(now), 1),
        "usual_seconds": round(usual_time(run), 1),
        "exports": [_entry(each, now) for each in run],
    }


def _entry(operation: Operation, now: float) -> dict[str, object]:
    return {
        "name": operation.name,
        "urn": operation.urn,
        "kind": operation.kind,
        "job": operation.job,
        "operation": operation.verb.value,
        "status": operation.status,
        "ended": operation.result is not None,
        "elapsed_seconds": round(operation.elapsed(now), 1),
        "objects": operation.objects,
        "bytes": operation.size if operation.objects is not None else None,
    }


@dataclass(frozen=True)
class _Files:
    """Where the progress of a stack's updates may be recorded."""

    project: str
    stack: str
    paths: list[Path]

    def read(self) -> Progress | None:
        """Return what the files say: the one that is being written, or the first one."""
        found = list(self._recorded())
        return next((each for each in found if each.is_running), found[0] if found else None)

    def _recorded(self) -> Iterator[Progress]:
        for path in self.paths:
            is_running = is_being_written(path)  # first, so that nothing is written after the last look
            lines = read_lines(path)
            recorded = parse_lines(lines) if lines else None
            if recorded is not None and (recorded.project, recorded.stack) == (self.project, self.stack):
                yield Progress(recorded, is_running)


def _files(name: str) -> _Files:
    setting = os.environ.get(VARIABLE)
    if setting == OFF:
        raise CommandError(f"{VARIABLE}={OFF}: no progress file is kept", ErrorId.COMMAND_OPTION)
    project, folder = _find_project(Path.cwd())
    stack = name.rpartition("/")[2]
    return _Files(project, stack, candidate_paths(project, stack, folder, setting))


def _find_project(directory: Path) -> tuple[str, Path]:
    """Return the name of the project of a directory, and the folder that the engine starts its providers in."""
    for folder in (directory, *directory.parents):
        path = next((folder / name for name in ("Pulumi.yaml", "Pulumi.yml") if (folder / name).is_file()), None)
        if path is None:
            continue
        try:
            project = yaml.safe_load(path.read_text(encoding="utf-8"))
            main = folder / str(project.get("main") or ".")
            return str(project["name"]), main if main.is_dir() else main.parent
        except (OSError, ValueError, yaml.YAMLError, AttributeError, KeyError, TypeError) as exc:
            raise CommandError(f"{path} is not a project that Pulumi can read", ErrorId.STACK_NOT_READ) from exc
    raise CommandError(
        "there is no Pulumi.yaml here: run the command in the project's directory", ErrorId.STACK_NOT_READ
    )
