"""mkdocs and pyright, which `make docs` and `make check` install into an environment of their own."""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import paths
from .log import log_step
from .subprocesses import run_foreground
from .tools import tool_environment

#: The arguments of `pip install`. The file has what checks.in needs, and checks.in has the command that generates it.
LOCKED = ("--require-hashes", "-r", "devtools/checks.txt")
BUILD_SITE = ("mkdocs", "build", "--strict", "--quiet")
SERVE_SITE = ("mkdocs", "serve", "--strict")
#: The types of a user's program, which uses every argument and output.
CHECK_PROGRAM = ("pyright", "--project", "tests/types", "--pythonpath", str(paths.PYTHON))
#: Messages about other versions of the tools are of no use here.
QUIET = {"NO_MKDOCS_2_WARNING": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}


def serve_site(arguments: Sequence[str]) -> int:
    """Serve the documentation site, and build it again after each change. The arguments are those of mkdocs."""
    return _run([*SERVE_SITE, *arguments])


def check() -> int:
    """Build the site strictly, check the types of a program, and return the higher exit code."""
    return max(_run(BUILD_SITE), _run(CHECK_PROGRAM))


def _run(command: Sequence[str]) -> int:
    python = tool_environment("checks", LOCKED) / "bin" / "python"
    log_step(" ".join(command[:3]))
    return run_foreground([str(python), "-m", *command], paths.CHECKOUT, {**os.environ, **QUIET})
