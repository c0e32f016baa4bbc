"""The reporter of a dynamic host's operations, and what an operation's result is."""

from __future__ import annotations

import os
from pathlib import Path

from .._export.state import ExportState
from .._runtime.dynamic_host import DynamicHost
from .._runtime.terminal import is_interactive
from .file import VARIABLE, ProgressFile, candidate_paths
from .operations import Result
from .reporter import Destination, ProgressReporter


def reporter_of(host: DynamicHost) -> ProgressReporter:
    """Return the reporter that all providers of a host share."""
    return host.shared("progress", lambda: _build_reporter(host))


def _build_reporter(host: DynamicHost) -> ProgressReporter:
    reporter = ProgressReporter(Destination(host.log, is_interactive, lambda: host.warning_count, _make_file))
    host.on_cancel.append(reporter.on_cancel)
    return reporter


def _make_file(project: str, stack: str) -> ProgressFile:
    return ProgressFile(candidate_paths(project, stack, Path.cwd(), os.environ.get(VARIABLE)))


def result_of(state: ExportState) -> tuple[Result, int | None, int]:
    """Return how a creation ended, and the count and the bytes of the export's objects, where they are known."""
    if state.status != "SUCCEEDED":
        return Result.STARTED, None, 0
    if state.manifest is None:
        return Result.DONE, None, 0
    return Result.DONE, state.manifest.count, state.manifest.bytes
