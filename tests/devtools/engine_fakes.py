"""Fake engines, a fake Go and a fake SDK, and the command that selects an engine as a process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools import cache
from devtools.paths import CHECKOUT

PLUGINS = (cache.LANGUAGE_PLUGIN, cache.DYNAMIC_PLUGIN)
TIMEOUT = 120.0  # seconds; far above what a step takes, also on a busy machine

#: Builds at once, or when the file FAKE_GO_HOLD is removed; logs each call.
FAKE_GO = """#!/bin/sh
echo "$*" >>"$FAKE_GO_LOG"
if [ "$1" = version ]; then echo "go version go${FAKE_GO_VERSION:-1.99.0} linux/amd64"; exit; fi
while [ $# -gt 0 ]; do [ "$1" = -o ] && output=$2; shift; done
echo "go: downloading a module"; echo some/package
while [ -e "$FAKE_GO_HOLD" ]; do sleep 0.05; done
[ -n "$FAKE_GO_FAILS" ] && { echo "the reason of the failure"; exit 1; }
printf '#!/bin/sh\\necho v3.259.0\\n' >"$output"; chmod +x "$output"
"""
FAKE_SDK = """
import os, pathlib, time
class PulumiCommand:
    version = "3.300.0"
    @classmethod
    def install(cls, root):
        time.sleep(float(os.environ.get("FAKE_INSTALL_SECONDS", "0")))
        for name in os.environ.get("FAKE_INSTALLS", "pulumi pulumi-language-python pulumi-resource-pulumi-python").split():
            executable(pathlib.Path(root) / "bin" / name)
        return cls()
def executable(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\\necho v3.300.0\\n")
    path.chmod(0o755)
"""


def write_executable(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def write_engine(directory: Path, version: str, *plugins: str) -> Path:
    """Write a fake engine with these plugins, and return its directory."""
    for plugin in plugins:
        write_executable(directory / plugin)
    return write_executable(directory / "pulumi", f"#!/bin/sh\necho v{version}\n").parent


@contextmanager
def find_or_install_process() -> Iterator[subprocess.Popen[str]]:
    """Run `python -m devtools find-or-install` in the background, and kill it at the end."""
    command = [sys.executable, "-m", "devtools", "find-or-install"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.02)
