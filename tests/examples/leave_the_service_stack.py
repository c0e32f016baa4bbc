"""The example `leave-the-service` as a stack on the real engine, and its report."""

from __future__ import annotations

from tests.harness import BUCKET, CommandResult
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack


class LeaveTheServiceStack(ProjectStack):
    """The stack `local` of the example, exporting to the tests' bucket."""

    def __post_init__(self) -> None:
        self.program = "examples/leave-the-service"
        super().__post_init__()
        self.edit(DEMO_BUCKET, BUCKET)
        self.edit("prefix: archive", "prefix: archive\n  leave-the-service:filter:\n    namePrefix: lake")

    def export_all(self, *arguments: str, fails: bool = False) -> CommandResult:
        """Run `pulumi up` with the flags that the example's README recommends."""
        return self.up("--continue-on-error", "--parallel", "256", *arguments, fails=fails)

    def report(self, *arguments: str, code: int = 0) -> str:
        """Return the output of the report, after asserting its exit code."""
        return self.run_command("report", "--stack", "local", *arguments, code=code)
