"""The Makefile: its help, and the Python version that it requires."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from devtools.paths import CHECKOUT


def test_make_help_lists_the_commands() -> None:
    result = subprocess.run(["make", "-s", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    targets = re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^  ([a-z-]+) ", result.stdout, re.MULTILINE) == [name for name in targets if name != "python"]
    assert {"setup", "up", "test", "test-matrix", "audit", "mutation"} <= set(targets)


def test_make_rejects_an_old_python(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    command = ["make", "-s", "setup", f"PYTHON={old}"]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert f"{old} is not Python 3.10 or newer: install one, or select it" in result.stderr
