"""The core tests with several versions of Python, of the SDK and of the engine: `make test-matrix`."""

from __future__ import annotations

import argparse
import functools
import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import build, cache, packages, paths
from .environment import command_environment
from .errors import StepFailed
from .log import log_step
from .subprocesses import run_with_progress
from .tools import tool_environment

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
ENGINES = (cache.required_version(), "3.274.1")
CORE_TESTS = (
    "tests/unit",
    "tests/emulated/test_lifecycle.py",
    "tests/pulumi/test_lifecycle.py",
    "tests/pulumi/test_changes.py",
    "tests/pulumi/test_drift.py",
    "tests/pulumi/test_concurrency.py",
    "tests/pulumi/test_other_providers.py",
    "tests/pulumi/test_older_states.py",
)
_SUMMARY = re.compile(r"\d+ (?:passed|failed|error)")


class NotAvailable(StepFailed):
    """This machine has no such Python or Go."""


@dataclass(frozen=True)
class Row:
    """One run of the core tests: the versions of Python (two numbers), of the pulumi SDK and of the engine."""

    python: str
    sdk: str
    engine: str


def run(arguments: Sequence[str]) -> int:
    """Run the selected rows, print the table, and return 1 if a row failed."""
    selected = select_rows(arguments)
    results = [(row, run_row(row)) for row in selected]
    print(format_table(results))
    return int(any(result.startswith("failed") for _, result in results))


def select_rows(arguments: Sequence[str]) -> list[Row]:
    """Return the rows that the command line asks for; without options, all."""
    parser = argparse.ArgumentParser(prog="make test-matrix ARGS=...", description=__doc__)
    parser.add_argument("--python", nargs="+", default=PYTHONS, metavar="X.Y")
    parser.add_argument("--sdk", nargs="+", default=sdk_versions(), metavar="X.Y.Z", help="any version of pulumi")
    parser.add_argument("--engine", nargs="+", default=ENGINES, choices=ENGINES)
    options = parser.parse_args(arguments)
    return [Row(*versions) for versions in itertools.product(options.python, options.sdk, options.engine)]


def sdk_versions() -> tuple[str, str]:
    """Return the oldest SDK that pyproject.toml allows, and the one that requirements.txt pins."""
    oldest = re.search(r'"pulumi>=([\d.]+)', (paths.CHECKOUT / "pyproject.toml").read_text())
    pinned = re.search(r"^pulumi==([\d.]+)", (paths.CHECKOUT / "requirements.txt").read_text(), re.MULTILINE)
    assert oldest, "pyproject.toml has no lower bound for pulumi"
    assert pinned, "requirements.txt does not pin pulumi"
    return oldest[1], pinned[1]


def run_row(row: Row) -> str:
    """Run the core tests in one row's environment and return the result for the table."""
    name = f"python{row.python}-pulumi{row.sdk}"
    log = Log(paths.LOCAL / "matrix" / f"{name}-engine{row.engine}.log")
    try:
        interpreter, engine = find_python(row.python), find_or_build_engine(row.engine)
        directory = tool_environment(name, *installations(row.sdk), interpreter=interpreter)
        command = [
            str(directory / "bin" / "python"),
            "-m",
            "pytest",
            "-q",
            "-n",
            "3",
            "--dist",
            "loadfile",
            *CORE_TESTS,
        ]
        env = command_environment(engine, venv=directory)
        run_with_progress(command, label=" ".join(vars(row).values()), describe_line=log, cwd=paths.CHECKOUT, env=env)
    except NotAvailable as exc:
        return f"skipped: {exc}"
    except StepFailed as exc:
        log_step(str(exc))
        return f"failed: {log.summary or str(exc).splitlines()[0]} ({log.path.relative_to(paths.CHECKOUT)})"
    return log.summary


class Log:
    """Writes the output of pytest to a file, and remembers its summary."""

    def __init__(self, path: Path) -> None:
        self.path, self.summary = path, ""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    def __call__(self, line: str) -> str | None:
        with open(self.path, "a") as file:
            file.write(line)
        if _SUMMARY.search(line):
            self.summary = line.strip(" =\n")
        return line.strip()[-6:] if line.rstrip().endswith("%]") else None


def installations(sdk: str) -> list[Sequence[str]]:
    """Return what is installed for a version of the SDK: the lock file, or the requirements with that version."""
    if sdk == sdk_versions()[1]:
        return [packages.LOCKED, packages.PACKAGES]
    lines = (paths.CHECKOUT / "requirements.txt").read_text().splitlines()
    pins = [f"pulumi=={sdk}" if line.startswith("pulumi==") else line for line in lines if line and line[0] != "#"]
    return [pins, packages.PACKAGES]


@functools.cache
def find_python(version: str) -> str:
    """Return the path of an interpreter: this one, from PATH (pyenv's too), or one that uv knows.

    Raises:
        NotAvailable: There is none.
    """
    commands = [[sys.executable], [f"python{version}"], ["uv", "run", "--no-project", "--python", version, "python"]]
    code = "import sys; print(*sys.version_info[:2], sep='.'); print(sys.executable)"
    env = {**os.environ, "PYENV_VERSION": version, "UV_PYTHON_DOWNLOADS": "never"}
    for command in commands:
        if shutil.which(command[0]):
            result = subprocess.run([*command, "-c", code], env=env, capture_output=True, text=True, check=False)
            found, _, path = result.stdout.strip().partition("\n")
            if result.returncode == 0 and found == version:
                return path
    raise NotAvailable(f"Python {version} is neither on PATH nor known to uv")


@functools.cache
def find_or_build_engine(version: str) -> Path:
    """Return the bin directory of an engine of exactly this version, after building it if necessary.

    Engines that other commands do not use are in a directory of their own, where those do not find them.
    """
    is_required = version == cache.required_version()
    source = paths.DEVTOOLS if is_required else paths.DEVTOOLS / "engines" / version
    target = (cache.root() if is_required else cache.root().parent / "engines-of-test-matrix") / version
    with cache.write_lock():
        if os.access(target / "bin" / "pulumi", os.X_OK):
            return cache.with_plugins(target)
        try:
            build.find_go(build.required_go_version(source))
        except StepFailed as exc:
            raise NotAvailable(str(exc)) from exc
        return build.build_engine(source, target)


def format_table(results: Iterable[tuple[Row, str]]) -> str:
    """Return the rows and their results as aligned columns."""
    lines = [("Python", "SDK", "engine", "result")]
    lines += [(row.python, row.sdk, row.engine, result) for row, result in results]
    return "\n".join("{:<8}{:<11}{:<11}{}".format(*line) for line in lines)
