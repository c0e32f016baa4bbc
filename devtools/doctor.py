"""What this machine has and lacks for the commands of the checkout: `make doctor`."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import build, cache, emulator, installer, local_state, locate, paths, venv
from .environment import LOCAL_STACK
from .errors import StepFailed

#: Gigabytes on disk: the virtual environment with the installer's cache, and a build of the engine with Go's caches.
VENV_SIZE, BUILD_SIZE = 2.0, 5.0
#: Programs for single tasks: the name on PATH, what it is for, and the package of Debian and Ubuntu.
OPTIONAL = (
    ("git", "to commit, and to install the package from its repository", "git"),
    ("tmux", "to look at the live status in terminals of several widths", "tmux"),
    ("chromium", "to look at pages, such as the report", "chromium"),
)


@dataclass(frozen=True)
class Finding:
    """One line of the result.

    Attributes:
        what: what was looked for, and what was found.
        is_ok: whether it is there.
        remedy: where it is missing, the command that gets it.
        is_required: whether `make up` fails without it.
    """

    what: str
    is_ok: bool = True
    remedy: str = ""
    is_required: bool = True

    def __str__(self) -> str:
        if self.is_ok:
            return f"ok        {self.what}"
        return f"{'missing ' if self.is_required else 'optional'}  {self.what}: {self.remedy}"


def report(port: int) -> int:
    """Print one line for each finding, and return 1 if something required is missing."""
    findings = []
    for finding in find(port):
        findings.append(finding)
        print(finding, flush=True)
    return int(any(not each.is_ok and each.is_required for each in findings))


def find(port: int) -> Iterator[Finding]:
    """Yield what is there and what is missing."""
    yield Finding(f"Python {sys.version.split()[0]} ({sys.executable})")
    has_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    yield Finding("Python's venv and ensurepip", has_venv, "apt-get install python3-venv")
    yield Finding("make", shutil.which("make") is not None, "apt-get install make")
    engine = locate.find_installed()
    yield from _engine(engine)
    yield _disk_space(needs_build=engine is None)
    yield _virtual_environment()
    yield _port(port)
    has_stack = local_state.find(LOCAL_STACK) is not None
    yield Finding(f"the stack {LOCAL_STACK}", has_stack, "make up", is_required=False)
    for command, purpose, package in OPTIONAL:
        found = shutil.which(command) is not None
        yield Finding(f"{command} ({purpose})", found, f"apt-get install {package}", is_required=False)


def _engine(engine: Path | None) -> Iterator[Finding]:
    """Yield the engine, or the ways of `make setup` to get one."""
    if engine is not None:
        yield Finding(f"a Pulumi engine ({engine / 'pulumi'})")
        return
    reasons = []
    try:
        installer.check_site(sys.executable)
        yield Finding("the official installer of Pulumi, which `make setup` runs")
        return
    except StepFailed as exc:
        reasons.append(str(exc).splitlines()[0])
    try:
        go = build.find_go(build.required_go_version())
        yield Finding(f"{go}, with which `make setup` builds a Pulumi engine (a few minutes, once)")
        return
    except StepFailed as exc:
        reasons.append(str(exc).splitlines()[0])
    remedy = f"install Pulumi {cache.required_version()} or newer (https://www.pulumi.com/docs/install/), or Go"
    yield Finding(f"a Pulumi engine ({'; '.join(reasons)})", is_ok=False, remedy=remedy)


def _disk_space(needs_build: bool) -> Finding:
    directory = next(path for path in (cache.root(), *cache.root().parents) if path.exists())
    needed = (0.0 if venv.is_current() else VENV_SIZE) + (BUILD_SIZE if needs_build else 0.0)
    free = min(shutil.disk_usage(place).free for place in (directory, paths.CHECKOUT)) / 1e9
    what = f"disk space: {free:.0f} GB free, {needed:.0f} GB needed"
    return Finding(what, free >= needed, f"free {needed - free:.0f} GB in {directory} or {paths.CHECKOUT}")


def _virtual_environment() -> Finding:
    remedy = "make setup, or make up, which runs it"
    return Finding("the virtual environment with the locked packages", venv.is_current(), remedy, is_required=False)


def _port(port: int) -> Finding:
    running = emulator.read_pidfile()
    is_own = running is not None and running["port"] == port and emulator.is_emulator(running["pid"])
    if is_own or not emulator.port_in_use(port):
        return Finding(f"port {port} ({'used by the emulator of this checkout' if is_own else 'free'})")
    remedy = f"another program uses it: make up PORT={port + 10}"
    return Finding(f"port {port}", is_ok=False, remedy=remedy)
