"""The folder examples/: each example is a complete Pulumi project, and the table lists it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.harness import CHECKOUT
from tests.root_project.shell import shell_commands

EXAMPLES = CHECKOUT / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/README.md"))
PAGES = [EXAMPLES / "README.md", *(EXAMPLES / name / "README.md" for name in NAMES)]


def test_the_table_lists_each_example() -> None:
    assert sorted(re.findall(r"^\| \[([\w-]+)\]\(\1\) ", PAGES[0].read_text(), re.MULTILINE)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_a_project_of_its_own(name: str) -> None:
    files = {path.name for path in (EXAMPLES / name).iterdir()}
    assert {"README.md", "__main__.py", "requirements.txt"} <= files
    if name == "automation-api":  # the Automation API declares the project in code
        assert f'PROJECT = "{name}"\n' in (EXAMPLES / name / "exports.py").read_text()
    else:
        assert f"name: {name}\n" in (EXAMPLES / name / "Pulumi.yaml").read_text()
    assert "pulumi-sagemaker-geospatial" in (EXAMPLES / name / "requirements.txt").read_text()
    assert len((EXAMPLES / name / "README.md").read_text().splitlines()) < 100


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_each_link_points_to_an_existing_file(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", NAMES)
def test_git_ignores_what_the_steps_of_an_example_write(name: str) -> None:
    scripts = [path.read_text() for path in (EXAMPLES / name).glob("*.sh")]
    commands = [command for command, _ in shell_commands((EXAMPLES / name / "README.md").read_text())]
    steps = "\n".join([*scripts, *commands])
    written = set(re.findall(r" >(\w[\w.-]*)", steps))
    written |= {f"{folder}/page" for folder in re.findall(r"--out (\w+)", steps)}
    if "delete-jobs --stack local" in steps:
        written.add("local.delete-jobs.jsonl")
    command = ["git", "check-ignore", "--no-index", *sorted(written)]
    ignored = subprocess.run(command, cwd=EXAMPLES / name, capture_output=True, text=True, check=False).stdout
    assert ignored.split() == sorted(written)
