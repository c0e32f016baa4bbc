"""The size limits of the code: lines per file and per function."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from devtools.paths import CHECKOUT

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
FOLDERS = ("provider", "emulator", "devtools", "benchmarks", "soak", "tests", "examples")


def python_files() -> list[str]:
    """Return the Python files that git tracks or, in a source archive without git, those on disk."""
    patterns = ["*.py", *(f"{folder}/**/*.py" for folder in FOLDERS)]
    pathspecs = [f":(glob){pattern}" for pattern in patterns]
    result = subprocess.run(
        ["git", "ls-files", "--", *pathspecs], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    files = result.stdout.splitlines()
    if not files:
        files = [str(path.relative_to(CHECKOUT)) for pattern in patterns for path in CHECKOUT.glob(pattern)]
    return sorted(file for file in files if (CHECKOUT / file).exists())


def long_functions(source: str) -> list[str]:
    """Return a description of each function that has more than MAX_FUNCTION_LINES lines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                found.append(f"line {node.lineno}: {node.name} has {lines} lines")
    return found


@pytest.mark.parametrize("file", python_files())
def test_a_file_and_its_functions_are_short(file: str) -> None:
    source = Path(CHECKOUT / file).read_text()
    lines = len(source.splitlines())
    assert lines <= MAX_FILE_LINES, f"{file} has {lines} lines: split it"
    assert long_functions(source) == []


def test_a_long_function_is_found() -> None:
    body = "    pass\n" * MAX_FUNCTION_LINES
    assert long_functions(f"def f():\n{body}") == ["line 1: f has 51 lines"]
    assert long_functions(f"def f():\n{body.removesuffix('    pass' + chr(10))}") == []
