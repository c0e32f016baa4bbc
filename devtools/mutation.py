"""Mutation tests of the layers that decide, with mutmut: `make mutation`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from . import packages, paths
from .log import log_step
from .subprocesses import run_foreground
from .tools import tool_environment

REQUIREMENT = "mutmut==3.8.1"
PACKAGE = "pulumi_sagemaker_geospatial"
LAYERS = ("_export/*", "_geospatial/*")
DETECTED = ("killed", "timeout", "segfault")
DIRECTORY = paths.LOCAL / "mutation"
#: The tests of each phase. The fast ones run on all mutants, the others on those that these do not detect.
#: Without the tests that run other processes, which know no mutants, and those of optional packages.
PHASES = {
    "unit": (
        "tests/unit",
        "--ignore=tests/unit/test_package.py",
        "--ignore=tests/unit/test_component.py",
        "--deselect=tests/unit/test_token.py::test_tokens_do_not_depend_on_the_version_of_python",
        "--deselect=tests/unit/test_testing_mocks.py::test_importing_the_kit_needs_neither_pytest_nor_the_emulator",
    ),
    "emulated": (
        "tests/emulated",
        "--ignore=tests/emulated/test_deep_report.py",
        "--ignore=tests/emulated/test_delete_jobs_interruptions.py",
        "--ignore=tests/emulated/test_report_command.py",
        "--ignore=tests/emulated/test_two_accounts.py",
        "--ignore=tests/emulated/test_private_details.py",
    ),
}
#: mutmut takes the names of modules from their paths below src.
CONFIG = """
[tool.mutmut]
source_paths = ["src"]
also_copy = ["emulator"]
only_mutate = {modules}
process_isolation = "forkserver"
pytest_add_cli_args = ["-p", "no:xdist", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = [{selection}]
"""


def run(modules: Sequence[str]) -> int:
    """Run the tests on each mutant of the modules (`_export/drift.py`), by default of both layers, and print the score."""
    command = str(tool_environment("mutation", packages.LOCKED, [REQUIREMENT]) / "bin" / "mutmut")
    statuses: dict[str, str] = {}
    for phase in PHASES:
        undetected = [name for name, status in statuses.items() if status not in DETECTED]
        if statuses and not undetected:
            break
        log_step(f"tests/{phase} on {len(undetected) or 'all'} mutants")
        directory = copy_sources(phase, modules or LAYERS)
        if code := run_foreground([command, "run", *undetected], directory, os.environ):
            return code
        results = subprocess.run(
            [command, "results", "--all", "true"], cwd=directory, capture_output=True, text=True, check=True
        )
        found = dict(line.strip().rsplit(": ", 1) for line in results.stdout.splitlines() if ": " in line)
        statuses.update({name: found[name] for name in undetected or found})
    print(format_report(statuses))
    log_step(f"to see a mutant: cd {DIRECTORY / 'unit'} && {command} show NAME")
    return 0


def copy_sources(phase: str, modules: Iterable[str]) -> Path:
    """Copy what the tests of a phase need, in the layout that mutmut expects, and return the directory.

    Nothing is kept of a previous run: mutmut takes its results for those of the present tests.
    """
    directory = DIRECTORY / phase
    shutil.rmtree(directory, ignore_errors=True)
    for source, target in (("provider", "src"), ("emulator", "emulator"), ("tests", "tests")):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(paths.CHECKOUT / source, directory / target, ignore=ignored)
    settings = (paths.CHECKOUT / "pyproject.toml").read_text().replace('"provider", "emulator"]', '"src", "emulator"]')
    patterns = [f"src/{PACKAGE}/{module}" for module in modules]
    selection = str(list(PHASES[phase]))[1:-1]
    (directory / "pyproject.toml").write_text(settings + CONFIG.format(modules=patterns, selection=selection))
    return directory


def format_report(statuses: Mapping[str, str]) -> str:
    """Return the score of each module and of all, and the mutants that no test has detected."""
    by_module: dict[str, Counter[str]] = defaultdict(Counter)
    undetected = []
    for name, status in statuses.items():
        by_module[name.partition(".x")[0].removeprefix(f"{PACKAGE}.")][status] += 1
        if status not in DETECTED:
            undetected.append(f"{name}: {status}")
    by_module["all"] = sum(by_module.values(), Counter())
    lines = ["{:<34}{:>8}{:>10}{:>8}".format("module", "mutants", "detected", "score")]
    for module, counts in by_module.items():
        detected = sum(counts[status] for status in DETECTED)
        lines.append(f"{module:<34}{counts.total():>8}{detected:>10}{detected / max(counts.total(), 1):>8.0%}")
    return "\n".join([*lines, *undetected])
