"""The example `drift-detection`: its README is true, and the steps of its workflow report drift and repair it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.examples.example_project import ExampleProject
from tests.harness import CHECKOUT, Emulator
from tests.root_project.project_stack import DEMO_BUCKET

WORKFLOW: dict[Any, Any] = yaml.safe_load(
    (CHECKOUT / "examples/drift-detection/.github/workflows/drift.yml").read_text()
)
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["drift"]["steps"]
FOLDER = "drift-detection/demo00000001/"
#: Stands for `gh` and `pip`: appends its arguments to a file, and prints the open issue.
STUB = """\
#!/bin/sh
echo "$(basename "$0") $*" >>{log}
case "$*" in "issue list"*) cat {issue} ;; esac
"""


class Workflow:
    """Runs the workflow's `run` steps as GitHub does, with programs that record their arguments in place of gh and pip."""

    def __init__(self, example: ExampleProject, directory: Path) -> None:
        self.example, self.log, self.issue = example, directory / "calls.log", directory / "open-issue"
        self.issue.write_text("")
        programs = directory / "bin"
        programs.mkdir()
        for name in ("gh", "pip"):
            (programs / name).write_text(STUB.format(log=self.log, issue=self.issue))
            (programs / name).chmod(0o755)
        self.outputs = directory / "outputs"
        example.env["PATH"] = f"{programs}:{example.env['PATH']}"
        example.env |= {"GITHUB_OUTPUT": str(self.outputs), "STACK": WORKFLOW["env"]["STACK"]}

    def run(self, repair: bool = False) -> list[str]:
        """Run the workflow, and return the calls of gh."""
        self.log.write_text("")
        self.outputs.write_text("")
        for step in STEPS:
            if "run" in step and self._is_true(step.get("if"), repair):
                self.example.run(f"set -e\n{step['run']}")
        return [line for line in self.log.read_text().splitlines() if line.startswith("gh ")]

    def _is_true(self, condition: str | None, repair: bool) -> bool:
        code = self.outputs.read_text().strip().removeprefix("code=")
        conditions = {None: True, "inputs.repair": repair}
        conditions |= {f"steps.detect.outputs.code == '{each}'": code == each for each in ("0", "7")}
        return conditions[condition]


def test_drift_is_detected_reported_and_repaired(
    copied_example: Callable[[str], ExampleProject], demo: Emulator, tmp_path: Path
) -> None:
    example = copied_example("drift-detection")
    example.assert_readme_is_true()
    assert demo.exports_started() == 2

    workflow = Workflow(example, tmp_path)
    deleted, *_ = demo.list_keys(FOLDER, DEMO_BUCKET)
    demo.client("s3").delete_object(Bucket=DEMO_BUCKET, Key=deleted)
    *_, reported = workflow.run()
    assert reported == "gh issue create --title Drift of the exports in prod --label drift --body-file issue.md"
    assert 'drift: "1 of 3 objects is gone"' in (example.directory / "issue.md").read_text()
    assert demo.exports_started() == 2

    workflow.issue.write_text("17\n")
    *_, closed = workflow.run(repair=True)
    assert closed.startswith("gh issue close 17 ")
    assert demo.exports_started() == 3
    assert deleted in demo.list_keys(FOLDER, DEMO_BUCKET)


def test_drift_that_is_already_reported_is_a_comment_on_the_issue(tmp_path: Path, demo: Emulator) -> None:
    example = ExampleProject("drift-detection", tmp_path, demo)
    workflow = Workflow(example, tmp_path)
    workflow.issue.write_text("17\n")
    (example.directory / "detect-drift.sh").write_text("#!/bin/sh\nexit 7\n")
    *_, commented = workflow.run()
    assert commented == "gh issue comment 17 --body-file issue.md"


def test_a_comparison_that_fails_fails_the_workflow(tmp_path: Path, demo: Emulator) -> None:
    example = ExampleProject("drift-detection", tmp_path, demo)
    (example.directory / "detect-drift.sh").write_text("#!/bin/sh\nexit 255\n")
    with pytest.raises(AssertionError):
        Workflow(example, tmp_path).run()


def test_the_workflow_runs_daily_and_on_request_one_at_a_time() -> None:
    triggers = WORKFLOW[True]  # the key `on` is a boolean in YAML 1.1
    assert len(triggers["schedule"][0]["cron"].split()) == 5
    assert triggers["workflow_dispatch"]["inputs"]["repair"]["default"] is False
    assert WORKFLOW["concurrency"]
    assert not any("${{" in step.get("run", "") for step in STEPS), "values reach the shell as variables only"
