"""What other records in the states of a project's stacks say. A creation and a deletion show a provider one record alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .._runtime.calls import CallRunner, DaemonCallRunner
from .._runtime.context import OperationContext
from .._runtime.keyed_lock import KeyedLock
from .._runtime.pulumi_cli import PulumiCommandError, run_pulumi
from .._runtime.s3_objects import Folder
from .._runtime.urns import stack_and_project
from .stack_state import RecordedExport, has_secrets, recorded_exports, recorded_folders

Result = TypeVar("Result")

#: How often one process reads the states again where that has failed, for all resources together, and seconds before each.
_RETRIES, _RETRY_PAUSE = 3, 1.0


class ProjectRecords:
    """The records of exports in the project's states, read once a process."""

    def __init__(self, run: Callable[..., Any] = run_pulumi, runner: CallRunner | None = None) -> None:
        self._run = run
        self._runner = runner or DaemonCallRunner()
        self._lock = KeyedLock()
        self._retries = _RETRIES
        self._folders: dict[str, Folder] | None = None
        self._of_stack: list[RecordedExport] | None = None

    def holders(self, urn: str, folder: Folder, ctx: OperationContext) -> list[str]:
        """Return the URNs of other records whose folder is this one, or around or inside it.

        Raises:
            PulumiCommandError: the states cannot be read, or this resource is in none of them.
            StateError: where an export is recorded to be is damaged.
            CancelledError, WaitTimeoutError
        """
        doing = "reading the states of the project's stacks"
        with self._lock.hold("states", ctx, doing):
            if self._folders is None:
                folders = self._run_with_retries(ctx, doing, self._read)
                if urn not in folders:
                    raise PulumiCommandError("the states of the project's stacks do not have this resource")
                self._folders = folders
            return [other for other, held in self._folders.items() if other != urn and held.overlaps(folder)]

    def of_stack(self, urn: str, ctx: OperationContext) -> list[RecordedExport]:
        """Return the records of a resource's own stack, as they were at the first look of this process.

        Raises:
            PulumiCommandError, StateError, CancelledError, WaitTimeoutError: as `holders`.
        """
        doing = "reading the stack's state"
        stack, _ = stack_and_project(urn)
        with self._lock.hold(stack, ctx, doing):
            if self._of_stack is None:
                exported = self._run_with_retries(ctx, doing, lambda: self._export(stack))
                self._of_stack = list(recorded_exports(exported))
            return self._of_stack

    def _run_with_retries(self, ctx: OperationContext, doing: str, read: Callable[[], Result]) -> Result:
        # A file backend is not readable while the engine writes it (10 of 304 readings beside an update: "failed to load
        # checkpoint: EOF"), and a deletion that keeps its objects forgets them.
        while True:
            try:
                return self._runner.run(ctx, doing, read)
            except PulumiCommandError:
                ctx.raise_if_done(doing)
                if not self._retries:
                    raise
                self._retries -= 1
                ctx.sleep(_RETRY_PAUSE)

    def _read(self) -> dict[str, Folder]:
        names = [each["name"] for each in self._run("stack", "ls", "--json")]
        return dict(found for name in names for found in recorded_folders(self._export(name)))

    def _export(self, name: str) -> Any:
        exported = self._run("stack", "export", "--stack", name)
        if has_secrets(exported):
            exported = self._run("stack", "export", "--stack", name, "--show-secrets")
        return exported
