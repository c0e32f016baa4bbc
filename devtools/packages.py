"""Installation of packages into a virtual environment: with the locked uv, several times as fast as pip, or with pip."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import paths
from .errors import StepFailed
from .log import log_step
from .subprocesses import run_with_progress

# Arguments of `pip install` and of `uv pip install`. The lock file has everything that is installed, also uv and the
# build backend of this checkout's packages.
LOCK_FILE = "constraints.txt"
LOCKED = ("--require-hashes", "-r", LOCK_FILE)
UNLOCKED = ("-r", "requirements.txt")
PACKAGES = ("--no-deps", "--no-build-isolation", "-e", ".", "-e", "./emulator")

# Which variable tells uv what a setting of pip tells pip. The hashes decide what is installed, wherever it comes from.
UV_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
_PIP_SETTING = re.compile(r"^(?P<section>global|install|:env:)\.(?P<name>[\w-]+)=(?P<value>.*)$", re.MULTILINE)


def install(python: Path, label: str, arguments: Sequence[str], checkout: Path = paths.CHECKOUT) -> None:
    """Install packages into the environment of `python`, in the checkout's directory.

    uv is used where the environment has it, and is installed first for a file with hashes. What uv cannot install is
    left to pip, which then reports the error.
    """
    if "--require-hashes" in arguments:
        install_uv(python, checkout)
    uv = python.with_name("uv")
    if uv.exists():
        try:
            command = [str(uv), "pip", "install", "--python", str(python), *arguments]
            env = {**uv_settings(python), **os.environ}
            run_with_progress(command, label=label, describe_line=str.strip, cwd=checkout, env=env)
            return
        except (StepFailed, OSError) as exc:
            log_step(f"uv: {str(exc).splitlines()[-1].strip()}; trying again with pip")
    pip_install(python, label, arguments, checkout)


def install_uv(python: Path, checkout: Path) -> None:
    """Install the locked uv, unless it is not in the lock file or cannot be had here."""
    lines = (checkout / LOCK_FILE).read_text().replace("\\\n", "").splitlines()
    locked = [line for line in lines if line.startswith("uv==")]
    if not locked:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        requirement.write(locked[0])
        requirement.flush()
        arguments = ("--only-binary", ":all:", "--retries", "1", "--require-hashes", "-r", requirement.name)
        try:
            pip_install(python, "installing uv", arguments, checkout)
        except StepFailed as exc:
            first, *_, last = str(exc).splitlines()
            log_step(f"{first} {last.strip()}")


def uv_settings(python: Path) -> dict[str, str]:
    """Return the environment variables that give uv the sources of packages that pip is configured with."""
    command = [str(python), "-m", "pip", "config", "list"]
    env = {**os.environ, "PIP_QUIET": "0"}
    listing = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout
    settings = [match.groups() for match in _PIP_SETTING.finditer(listing) if match["name"] in UV_VARIABLES]
    found: dict[str, str] = {}
    for section in ("global", "install", ":env:"):  # each takes precedence over those before it
        found |= {name: ast.literal_eval(value) for each, name, value in settings if each == section}
    if "find-links" in found:
        found["find-links"] = ",".join(found["find-links"].split())
    return {UV_VARIABLES[name]: value for name, value in found.items()}


def pip_install(python: Path, label: str, arguments: Sequence[str], checkout: Path) -> None:
    """Run `pip install` in the checkout's directory.

    Nothing is compiled in advance: pulumi-aws alone has 10,000 modules, and Python compiles those that are imported.
    """
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    run_with_progress([*command, *arguments], label=label, describe_line=_PipProgress(), cwd=checkout, env=env)


class _PipProgress:
    """Counts the packages in pip's output."""

    def __init__(self) -> None:
        self.resolved = 0

    def __call__(self, line: str) -> str:
        self.resolved += line.startswith("Collecting ")
        return "installing the packages" if line.startswith("Installing ") else f"{self.resolved} packages resolved"
