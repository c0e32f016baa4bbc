"""Reports the operations of this process: in the engine's rows, in totals at the end, and in the progress file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .._runtime.ticker import Ticker
from .._runtime.urns import stack_and_project
from ..errors import CancelledError
from .file import VARIABLE, ProgressFile
from .lines import end_line, header_line, operation_line
from .operations import Operation, Result, Run, Verb
from .texts import adopted_sentence, cancelled_sentence, row_text, stack_text, totals

#: Seconds between two updates of the stack's row, with a terminal and without.
LIVE_INTERVAL, QUIET_INTERVAL = 2.0, 60.0
#: At most as many rows are updated per second, of exports whose status stays the same.
MAX_ROWS_PER_SECOND = 20
#: Seconds that the end of a cancelled run waits for the operations that are ending.
CANCELLATION_TIMEOUT = 2.0

#: Writes a message: severity, text, URN, and whether it is only shown until the next one.
Log = Callable[[str, str, str, bool], None]


@dataclass(frozen=True)
class Destination:
    """Where progress is reported.

    Attributes:
        is_live: whether a terminal shows one row for each resource; otherwise each message is a line of a log.
        warnings: returns how many warnings were logged.
        file: makes the progress file of a project and a stack.
    """

    log: Log
    is_live: Callable[[], bool]
    warnings: Callable[[], int]
    file: Callable[[str, str], ProgressFile]
    now: Callable[[], float] = time.time


class ProgressReporter:
    """The operations of one process, which are those of one run."""

    def __init__(self, destination: Destination) -> None:
        self._to = destination
        self._changed = threading.Condition()
        self._run = Run()
        self._shown: dict[str, tuple[str, float]] = {}
        self._adoptions: dict[str, str] = {}
        self._file: ProgressFile | None = None
        self._ticker = Ticker(self.update, "progress")
        self._is_live = False
        self._cancelled = self._ended = False

    def expect(self, urn: str, kind: str, job: str) -> None:
        """Record that an export will be created or updated."""
        operation = Operation(urn, Verb.CREATE, kind, job)
        with self._changed:
            if urn and operation.key not in self._run.operations:
                self._record(self._run.put(operation))

    def operation(self, urn: str, kind: str, job: str, verb: Verb) -> ReportedOperation:
        """Return a context manager for an operation that begins now; its error, or its result, is how the operation ends."""
        return ReportedOperation(self, Operation(urn, verb, kind, job))

    def begin(self, operation: Operation) -> None:
        with self._changed:
            if not self._run.has_begun:
                self._is_live = self._to.is_live()
                self._create_file(operation.urn)
            # An export that was expected to be created is updated.
            if operation.verb is Verb.UPDATE:
                self._run.operations.pop((operation.urn, Verb.CREATE), None)
            self._record(self._run.begin(operation, self._to.now()))
            self._ticker.start(LIVE_INTERVAL if self._is_live else QUIET_INTERVAL)

    def set_status(self, operation: Operation, status: str) -> None:
        """Record what an operation does now, and show it where that has changed."""
        with self._changed:
            if self._run.operations[operation.key].status == status:
                return
            current = self._run.set_status(operation, status, self._to.now())
            self._record(current)
        if self._is_live:
            self._show(current)

    def finish(self, operation: Operation, result: Result, objects: int | None = None, size: int = 0) -> None:
        with self._changed:
            current = self._run.finish(operation, result, self._to.now(), objects, size)
            self._record(current)
            self._changed.notify_all()
            if not self._run.active:
                self._ticker.stop()
        # In a log, the row of an export that is adopted is the only one that differs from what the engine writes itself.
        if result is Result.ADOPTED or (self._is_live and result is Result.DONE):
            self._show(current)

    def add_adoption(self, urn: str, sentence: str) -> None:
        """Record what was adopted; it is reported at the end, together with the other adoptions."""
        with self._changed:
            self._adoptions[urn] = sentence

    def on_cancel(self) -> None:
        """Report the totals. The engine calls this at the end of each run, and before that where it is interrupted."""
        with self._changed:
            if self._ended or not self._run.has_begun:
                return
            if self._run.active and not self._cancelled:
                self._cancelled = True
                return
            self._changed.wait_for(lambda: not self._run.active, CANCELLATION_TIMEOUT)
            self._ended = True
            self._run.warnings = self._to.warnings()
            now = self._to.now()
            self._close_file(now)
            messages = self._final_messages(now)
        for urn, message in messages:
            self._to.log("info", message, urn, False)

    def update(self) -> None:
        """Show the rows whose text has changed, and the stack's."""
        with self._changed:
            now, active = self._to.now(), [each for each in self._run.active if each.verb is not Verb.DELETE]
            text = stack_text(self._run, now)
        for operation in active if self._is_live else ():
            if self._shown_until(operation.urn, len(active)) <= now:
                self._show(operation)
        self._to.log("info", text, "", True)

    def _shown_until(self, urn: str, count: int) -> float:
        """Return when a row is updated next, of so many."""
        _, since = self._shown.get(urn, ("", 0.0))
        return since + max(LIVE_INTERVAL / 2, count / MAX_ROWS_PER_SECOND)

    def _show(self, operation: Operation) -> None:
        now = self._to.now()
        text = row_text(operation, now)
        if self._shown.get(operation.urn, ("", 0.0))[0] != text:
            self._shown[operation.urn] = text, now
            self._to.log("info", text, operation.urn, True)

    def _final_messages(self, now: float) -> list[tuple[str, str]]:
        """Return the messages at the end of the run, each with the URN that it belongs to."""
        adopted, cancelled = self._run.having(Result.ADOPTED), self._run.having(Result.CANCELLED)
        messages = []
        if len(adopted) == 1:
            messages.append((adopted[0].urn, self._adoptions[adopted[0].urn]))
        elif adopted:
            messages.append(("", adopted_sentence(adopted)))
        if cancelled:
            messages.append(("", cancelled_sentence(cancelled)))
        return [*messages, ("", totals(self._run, now))]

    def _create_file(self, urn: str) -> None:
        stack, project = stack_and_project(urn)
        self._file = self._to.file(project, stack)
        if reason := self._file.create(header_line(project, stack, self._to.now())):
            self._to.log(
                "warning",
                f"progress is not recorded, as {VARIABLE} names a file that cannot be used: {reason}",
                "",
                False,
            )
        for expected in self._run:
            self._record(expected)

    def _record(self, operation: Operation) -> None:
        if self._file is not None:
            self._file.write(operation_line(operation))

    def _close_file(self, now: float) -> None:
        if self._file is None:
            return
        if self._run.is_successful:
            self._file.remove()
            return
        self._file.write(end_line(self._run.warnings, now))
        self._file.close()


class ReportedOperation:
    """One operation, while it is served. Without a URN, which an untested SDK does not tell, nothing is reported."""

    def __init__(self, reporter: ProgressReporter, operation: Operation) -> None:
        self._reporter, self._operation = reporter, operation
        self._is_known = bool(operation.urn)
        self._result = Result.DONE
        self._objects: int | None = None
        self._size = 0

    def __enter__(self) -> ReportedOperation:
        if self._is_known:
            self._reporter.begin(self._operation)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not self._is_known:
            return
        if error is not None:
            result = Result.CANCELLED if isinstance(error, CancelledError) else Result.FAILED
            self._reporter.finish(self._operation, result)
        else:
            self._reporter.finish(self._operation, self._result, self._objects, self._size)

    def set_status(self, status: str) -> None:
        if self._is_known:
            self._reporter.set_status(self._operation, status)

    def set_result(self, result: Result, objects: int | None = None, size: int = 0) -> None:
        """Set how the operation ends, unless it fails; an adoption stays one."""
        if self._result is not Result.ADOPTED:
            self._result = result
        self._objects, self._size = objects, size

    def set_adopted(self, sentence: str) -> None:
        """Record that an existing export is adopted, and what it is."""
        self._result = Result.ADOPTED
        self._reporter.add_adoption(self._operation.urn, sentence)
