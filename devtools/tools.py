"""Virtual environments of their own for tools and versions that `make setup` does not install."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from . import packages, paths, venv
from .log import log_step


def tool_environment(name: str, *installations: Sequence[str], interpreter: str = sys.executable) -> Path:
    """Return the directory of a virtual environment below .local, after creating it if necessary.

    Args:
        name: The name of the directory.
        installations: The arguments of `pip install`, for each time that it is run.
        interpreter: The Python that creates the environment.
    """
    directory = paths.LOCAL / "environments" / name
    stamp, expected = directory / venv.STAMP, _fingerprint(interpreter, installations)
    if stamp.exists() and stamp.read_text() == expected:
        return directory
    log_step(f"creating the virtual environment {directory.relative_to(paths.CHECKOUT)} (up to a minute, once)")
    venv.create(directory, interpreter)
    for arguments in installations:
        packages.install(directory / "bin" / "python", f"installing {name}", arguments)
    stamp.write_text(expected)
    return directory


def _fingerprint(interpreter: str, installations: Sequence[Sequence[str]]) -> str:
    named = {argument for arguments in installations for argument in arguments if argument.endswith(".txt")}
    locks = [
        hashlib.sha256((paths.CHECKOUT / name).read_bytes()).hexdigest() for name in ["constraints.txt", *sorted(named)]
    ]
    return repr([interpreter, *map(list, installations), *locks])
