"""Mutation tests of the layers that decide, with mutmut: `make mutation`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from . import packages, paths
from .log import log_step
from .subprocesses import run_foreground
from .tools import tool_environment

REQUIREMENT = "mutmut==3.8.1"
PACKAGE = "pulumi_sagemaker_geospatial"
LAYERS = ("_export/*", "_geospatial/*")
DETECTED = ("killed", "timeout", "segfault")
DIRECTORY = paths.LOCAL / "mutation"
#: Without the tests that run other processes, which know no mutants, and those of optional packages.
SELECTION = (
    "tests/unit",
    "tests/emulated",
    "--ignore=tests/unit/test_package.py",
    "--ignore=tests/unit/test_component.py",
    "--ignore=tests/emulated/test_deep_report.py",
    "--ignore=tests/emulated/test_delete_jobs_interruptions.py",
    "--ignore=tests/emulated/test_report_command.py",
    "--ignore=tests/emulated/test_two_accounts.py",
    "--ignore=tests/emulated/test_private_details.py",
    "--deselect=tests/unit/test_token.py::test_tokens_do_not_depend_on_the_version_of_python",
    "--deselect=tests/unit/test_testing_mocks.py::test_importing_the_kit_needs_neither_pytest_nor_the_emulator",
)
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
    """Run the tests on each mutant of the modules (`_export/drift.py`), by default of both layers, and print the score.

    The results of unchanged functions are kept from the previous run.
    """
    copy_sources(modules or LAYERS)
    command = str(tool_environment("mutation", packages.LOCKED, [REQUIREMENT]) / "bin" / "mutmut")
    if code := run_foreground([command, "run"], DIRECTORY, os.environ):
        return code
    results = subprocess.run(
        [command, "results", "--all", "true"], cwd=DIRECTORY, capture_output=True, text=True, check=True
    )
    print(format_report(results.stdout.splitlines()))
    log_step(f"to see a mutant: cd {DIRECTORY} && {command} show NAME")
    return 0


def copy_sources(modules: Iterable[str]) -> None:
    """Copy what the tests need, in the layout that mutmut expects. Times are kept, as mutmut compares them."""
    for source, target in (("provider", "src"), ("emulator", "emulator"), ("tests", "tests")):
        shutil.rmtree(DIRECTORY / target, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(paths.CHECKOUT / source, DIRECTORY / target, ignore=ignored)
    settings = (paths.CHECKOUT / "pyproject.toml").read_text().replace('"provider", "emulator"]', '"src", "emulator"]')
    patterns = [f"src/{PACKAGE}/{module}" for module in modules]
    (DIRECTORY / "pyproject.toml").write_text(
        settings + CONFIG.format(modules=patterns, selection=str(list(SELECTION))[1:-1])
    )


def format_report(results: Iterable[str]) -> str:
    """Return the score of each module and of all, and the mutants that no test has detected."""
    by_module: dict[str, Counter[str]] = defaultdict(Counter)
    undetected = []
    for line in results:
        name, _, status = line.strip().rpartition(": ")
        by_module[name.partition(".x")[0].removeprefix(f"{PACKAGE}.")][status] += 1
        if status not in DETECTED:
            undetected.append(f"{name}: {status}")
    by_module["all"] = sum(by_module.values(), Counter())
    lines = ["{:<34}{:>8}{:>10}{:>8}".format("module", "mutants", "detected", "score")]
    for module, counts in by_module.items():
        detected = sum(counts[status] for status in DETECTED)
        lines.append(f"{module:<34}{counts.total():>8}{detected:>10}{detected / max(counts.total(), 1):>8.0%}")
    return "\n".join([*lines, *undetected])
