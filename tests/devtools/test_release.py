"""A release: its tag has to fit the checkout, and its workflow runs pinned actions with the least permissions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from devtools import paths, release
from devtools.errors import BadArgument, StepFailed

WORKFLOWS = sorted((paths.CHECKOUT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which both projects have the version 1.2.3 and everything that a release needs."""
    for _, module in release.PROJECTS.values():
        (tmp_path / module).parent.mkdir(parents=True)
        (tmp_path / module).write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [1.2.3] - 2026-01-02\n")
    (tmp_path / "tests/pulumi/states").mkdir(parents=True)
    (tmp_path / "tests/pulumi/states/1.2.3.json").write_text("{}")
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("tag", "folder"), [("v1.2.3", "."), ("emulator-v1.2.3", "emulator")])
def test_a_tag_that_fits_names_the_projects_folder(checkout: Path, tag: str, folder: str) -> None:
    assert release.check([tag]) == folder


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2", "v1.2.3rc1", "provider-v1.2.3", ""])
def test_another_tag_is_refused(checkout: Path, tag: str) -> None:
    with pytest.raises(BadArgument, match="is not the tag of a release"):
        release.check([tag])


def test_everything_that_a_release_lacks_is_told_at_once(checkout: Path) -> None:
    with pytest.raises(StepFailed) as refused:
        release.check(["v1.3.0"])
    for part in ("has the version 1.2.3", "no section 1.3.0 with a date", "states/1.3.0.json is missing"):
        assert part in str(refused.value)
    with pytest.raises(
        StepFailed, match=r"emulator-v1\.3\.0 cannot be released: emulator/\S+ has the version 1\.2\.3$"
    ):
        release.check(["emulator-v1.3.0"])


def test_the_workflow_reads_the_folder_from_the_command() -> None:
    command = [sys.executable, "-m", "devtools", "check-release", "--", "v0.1.0"]
    done = subprocess.run(command, cwd=paths.CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "folder=.\n"), done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_pinned_actions_with_the_least_permissions(path: Path) -> None:
    text = path.read_text()
    workflow: dict[str, Any] = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    uses = re.findall(r"uses: (.+)$", text, re.MULTILINE)
    assert uses
    assert [each for each in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []
    allowed = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    assert allowed == ({"publish": {"id-token": "write"}} if path.name == "release.yml" else {})


def test_ci_and_the_release_run_the_tests_of_this_checkout() -> None:
    for path in WORKFLOWS:
        if path.name in ("ci.yml", "release.yml"):
            assert "- run: .ci/run\n" in path.read_text()
    assert {"ci.yml", "release.yml"} <= {path.name for path in WORKFLOWS}
