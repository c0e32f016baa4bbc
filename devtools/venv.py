"""The virtual environment of the checkout: whole and up to date, or made anew."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from . import place
from .say import Failed, one_at_a_time, run_with_progress, say

STAMP = "installed"  # written last: without it the environment is half made


def ensure(checkout: Path = place.CHECKOUT) -> Path:
    """The environment's interpreter, after making or updating the environment if need be."""
    venv = checkout / ".venv"
    python, stamp = venv / "bin" / "python", venv / STAMP
    with one_at_a_time(checkout / ".local" / "setup.lock", "another setup of this checkout is running; waiting for it"):
        wanted = _fingerprint(checkout)
        done = stamp.read_text().splitlines() if stamp.exists() and python.exists() else []
        if done == wanted:
            return python
        if done[:1] != wanted[:1]:
            say(f"making the virtual environment {venv} with Python {sys.version.split()[0]}")
            _make(venv)
        if done[:2] != wanted[:2]:
            stamp.unlink(missing_ok=True)
            say("installing the requirements (a minute or two, once)")
            exactly = ["-c", "constraints.txt"] if (checkout / "constraints.txt").exists() else []
            _pip(python, checkout, "installing the requirements", "-r", "requirements.txt", *exactly)
        stamp.write_text("\n".join(wanted[:2]))
        if (checkout / "pyproject.toml").exists():
            say("installing this checkout's package")
            _pip(python, checkout, "installing the package", "--no-deps", "-e", ".")
        stamp.write_text("\n".join(wanted))
        return python


def _pip(python: Path, checkout: Path, what: str, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    run_with_progress(command, what=what, describe=_Packages(), cwd=checkout, env=env)


def _make(venv: Path) -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    try:
        run_with_progress(command, what="making the virtual environment", describe=lambda line: None)
    except Failed as exc:
        raise Failed(
            f"{exc}\nif Python says that ensurepip or venv is missing, install it (on Debian and Ubuntu: python3-venv)"
        ) from exc


def _fingerprint(checkout: Path) -> list[str]:
    """The steps in order, each with what it depends on; from the first that has changed on, they are done again."""
    if not (checkout / "requirements.txt").exists():
        raise Failed(f"{checkout} has no requirements.txt")

    def digest(name: str) -> str:
        file = checkout / name
        return f"{name} {hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else 'is not there'}"

    version = f"Python {sys.version_info[0]}.{sys.version_info[1]} in {checkout}"
    return [version, f"{digest('requirements.txt')}, {digest('constraints.txt')}", digest("pyproject.toml")]


class _Packages:
    """Counts what pip names as it resolves, and says when it installs."""

    def __init__(self) -> None:
        self.collected = 0

    def __call__(self, line: str) -> str:
        self.collected += line.startswith("Collecting ")
        return "writing the packages" if line.startswith("Installing ") else f"{self.collected} packages found"
