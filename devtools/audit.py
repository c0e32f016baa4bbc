"""Known vulnerabilities of the locked packages, with pip-audit: `make audit`."""

from __future__ import annotations

import os
import subprocess

from . import paths
from .log import log_step
from .subprocesses import run_foreground
from .tools import tool_environment

REQUIREMENT = "pip-audit==2.10.1"
NOT_AUDITED = 75  # the exit code where the advisories cannot be read (EX_TEMPFAIL)
#: A release with published advisories. A package index that has none reports every package as free of them.
CANARY = "urllib3==1.24.1"


def audit() -> int:
    """Audit every package of the lock file, and return pip-audit's exit code, or NOT_AUDITED."""
    command = str(tool_environment("audit", [REQUIREMENT]) / "bin" / "pip-audit")
    if reason := unreachable_reason(command):
        log_step(f"nothing was audited, because the advisories cannot be read here: {reason}")
        return NOT_AUDITED
    arguments = ["--strict", "--require-hashes", "--disable-pip", "-r", "constraints.txt"]
    return run_foreground([command, *arguments], paths.CHECKOUT, os.environ)


def unreachable_reason(command: str) -> str | None:
    """Return why the advisories cannot be read, or None if those of CANARY are found."""
    canary = paths.LOCAL / "environments" / "audit" / "canary.txt"
    canary.write_text(f"{CANARY}\n")
    arguments = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "-r", str(canary)]
    result = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    name, version = CANARY.split("==")
    if any(line.split()[:2] == [name, version] for line in result.stdout.splitlines()):
        return None
    if result.returncode == 0:
        return f"the package index has none for {CANARY}"
    return (result.stderr.strip().splitlines() or [f"pip-audit failed with exit code {result.returncode}"])[-1]
