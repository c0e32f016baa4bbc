"""examples/testing: its own tests pass as a user runs them, and docs/testing.md shows the same files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import CHECKOUT

EXAMPLE = CHECKOUT / "examples" / "testing"


def test_the_examples_tests_pass(engine: None, tmp_path: Path) -> None:
    copy = shutil.copytree(EXAMPLE, tmp_path / "testing", ignore=shutil.ignore_patterns("__pycache__"))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_", "PYTEST_"))}
    env |= {
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "provider"), str(CHECKOUT / "emulator")]),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
        "AWS_PROFILE": "one-that-does-not-exist",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error"]
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = re.findall(r"^(\d+ passed)", (EXAMPLE / "README.md").read_text(), re.MULTILINE)
    assert shown == re.findall(r"^(\d+ passed)", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", ["__main__.py", "conftest.py", "test_with_mocks.py", "test_on_the_emulator.py"])
def test_the_page_shows_the_examples_files(name: str) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```", (CHECKOUT / "docs" / "testing.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert (EXAMPLE / name).read_text() in blocks


def test_the_readme_of_the_emulator_has_a_test_that_passes(tmp_path: Path) -> None:
    [test] = re.findall(
        r"^```python\n(.*?)^```", (CHECKOUT / "emulator" / "README.md").read_text(), re.DOTALL | re.MULTILINE
    )
    (tmp_path / "test_readme.py").write_text(test)
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "emulator")}
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
