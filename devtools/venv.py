"""The virtual environment of the checkout: created, updated, or replaced after an interrupted setup."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from . import packages, paths
from .errors import StepFailed
from .locks import file_lock
from .log import log_step
from .subprocesses import run_with_progress

STAMP = "installed"
"""The file that lists the finished steps; a step is added only after it succeeded."""


def create_or_update(checkout: Path = paths.CHECKOUT) -> Path:
    """Create or update the virtual environment if necessary, and return its interpreter."""
    venv = checkout / ".venv"
    python, stamp = venv / "bin" / "python", venv / STAMP
    with file_lock(checkout / ".local" / "setup.lock", "another setup of this checkout is running; waiting for it"):
        expected = fingerprint(checkout)
        finished = stamp.read_text().splitlines() if stamp.exists() and python.exists() else []
        if finished == expected:
            return python
        if finished[:1] != expected[:1]:
            log_step(f"creating the virtual environment {venv} with Python {sys.version.split()[0]}")
            create(venv)
        if finished[:2] != expected[:2]:
            stamp.unlink(missing_ok=True)
            log_step("installing the requirements (up to a minute, once)")
            requirements = packages.LOCKED if (checkout / packages.LOCK_FILE).exists() else packages.UNLOCKED
            packages.install(python, "installing the requirements", requirements, checkout)
        stamp.write_text("\n".join(expected[:2]))
        if (checkout / "pyproject.toml").exists():
            log_step("installing this checkout's packages")
            packages.install(python, "installing the packages", packages.PACKAGES, checkout)
        stamp.write_text("\n".join(expected))
        return python


def is_current(checkout: Path = paths.CHECKOUT) -> bool:
    """Return whether the virtual environment has what the checkout requires."""
    stamp = checkout / ".venv" / STAMP
    return stamp.exists() and stamp.read_text().splitlines() == fingerprint(checkout)


def fingerprint(checkout: Path) -> list[str]:
    """Return one line for each step of the setup, with what the step depends on.

    When a line changes, its step and the later ones are repeated.
    """
    if not (checkout / "requirements.txt").exists():
        raise StepFailed(f"{checkout} has no requirements.txt")

    def digest(name: str) -> str:
        file = checkout / name
        return f"{name} {hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else 'does not exist'}"

    version = f"Python {sys.version_info[0]}.{sys.version_info[1]} in {checkout}"
    return [
        version,
        f"{digest('requirements.txt')}, {digest('constraints.txt')}",
        f"{digest('pyproject.toml')}, {digest('emulator/pyproject.toml')}",
    ]


def create(venv: Path, interpreter: str = sys.executable) -> None:
    """Create an empty virtual environment, replacing what is there."""
    command = [interpreter, "-m", "venv", "--clear", str(venv)]
    try:
        run_with_progress(command, label="creating the virtual environment", describe_line=lambda line: None)
    except StepFailed as exc:
        raise StepFailed(
            f"{exc}\nIf Python reports that ensurepip or venv is missing, install it (Debian and Ubuntu: python3-venv)"
        ) from exc
