"""The benchmarks run: the smallest case, once, with a table that has a floor and a ratio. No timing is asserted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import CHECKOUT

pytestmark = pytest.mark.usefixtures("engine")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "benchmarks/run.py", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)


def test_the_smallest_case_is_measured_and_written(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    done = run("--runs", "1", "--n", "1", "--output", str(results))
    assert done.returncode == 0, done.stderr
    page = results.read_text()
    assert page in done.stdout
    number = r"\d+\.\d\d"
    assert re.search(rf"\| 1 +\| up +\| {number} +\| {number} +\| {number} +\| {number} +\| {number} +\|", page)
    assert re.search(r"\d+ cores, .* of memory", page)
    assert "not measured" in page


def test_one_figure_alone_is_judged_by_its_bar(tmp_path: Path) -> None:
    done = run("--only", "five-minutes", "--output", str(tmp_path / "RESULTS.md"))
    assert done.returncode == 0, done.stderr
    assert re.search(r"calls for an export of 5 min .*\| 25 +\| \d+ +\| pass", done.stdout)
