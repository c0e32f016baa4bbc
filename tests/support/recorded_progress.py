"""A reporter of progress, whose clock is set by hand, and what it has reported."""

from __future__ import annotations

from pathlib import Path

from pulumi_sagemaker_geospatial._progress.file import ProgressFile, candidate_paths, read_lines
from pulumi_sagemaker_geospatial._progress.lines import RecordedRun, parse_lines
from pulumi_sagemaker_geospatial._progress.operations import Verb
from pulumi_sagemaker_geospatial._progress.reporter import Destination, ProgressReporter, ReportedOperation

URN = "urn:pulumi:dev::project::pulumi-python:dynamic:ExportEarthObservationJob::"


class RecordedProgress:
    """Reports operations of the stack `dev`; the progress file is in ``folder``.

    Attributes:
        rows: what was shown in rows: the resource's name, or none for the stack, and the text.
        messages: what was logged at the end, in the same form.
    """

    def __init__(self, folder: Path, is_live: bool = False, setting: str | None = None) -> None:
        self.now = 1000.0
        self.rows: list[tuple[str, str]] = []
        self.messages: list[tuple[str, str]] = []
        self.path = folder / ".pulumi-geospatial.dev.jsonl"

        def log(severity: str, message: str, urn: str, is_ephemeral: bool) -> None:
            (self.rows if is_ephemeral else self.messages).append((urn.removeprefix(URN), message))

        def make_file(project: str, stack: str) -> ProgressFile:
            return ProgressFile(candidate_paths(project, stack, folder, setting))

        self.reporter = ProgressReporter(Destination(log, lambda: is_live, lambda: 1, make_file, lambda: self.now))

    def expect(self, name: str) -> None:
        self.reporter.expect(URN + name, "Earth observation job", f"{name}-job")

    def operation(self, name: str, verb: Verb = Verb.CREATE) -> ReportedOperation:
        return self.reporter.operation(URN + name, "Earth observation job", f"{name}-job", verb)

    def begin(self, name: str, status: str = "running") -> ReportedOperation:
        """Begin an operation that the caller ends with `end`."""
        operation = self.operation(name).__enter__()
        operation.set_status(status)
        return operation

    def recorded(self) -> RecordedRun:
        """Return what the file says."""
        recorded = parse_lines(read_lines(self.path) or [])
        assert recorded is not None
        return recorded

    def statuses(self) -> dict[str, str]:
        return {each.name: each.status for each in self.recorded().run}


def end(*operations: ReportedOperation, error: BaseException | None = None) -> None:
    """End operations, with an error or well."""
    for each in operations:
        each.__exit__(type(error), error, None)
