"""A copy of the checkout without requirements, and with a fake emulator, for tests of the setup."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from devtools.emulator import MODULE
from devtools.paths import CHECKOUT

TIMEOUT = 240  # seconds; far above what a step takes, also on a busy machine
PORTS = range(20_000, 30_000)  # the kernel does not assign these to other programs

FAKE_EMULATOR = """
import http.server, pathlib, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
if pathlib.Path(__file__).with_name("fails.py").exists():
    sys.exit("the emulator's error message")
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def copy_checkout(target: Path) -> Path:
    """Copy devtools/ and the Makefile to `target`."""
    shutil.copytree(CHECKOUT / "devtools", target / "devtools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "Makefile", target)
    (target / "requirements.txt").write_text("# no requirements\n")
    emulator_package(target).mkdir(parents=True)
    (emulator_package(target) / "__main__.py").write_text(FAKE_EMULATOR)
    return target


def emulator_package(checkout: Path) -> Path:
    return checkout / "emulator" / MODULE


def link_interpreter(checkout: Path) -> None:
    """Create a minimal .venv with the interpreter of the tests."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".local").mkdir(exist_ok=True)


def run_code(checkout: Path, code: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in the copy, with its devtools package."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout / "emulator"), **env},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def find_free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
