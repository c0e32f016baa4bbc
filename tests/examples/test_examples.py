"""The folder examples/: each example is a complete Pulumi project, and the table lists it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.harness import CHECKOUT

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
