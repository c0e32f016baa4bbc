"""The commands of a page as a script, and the run of a script."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path


def shell_commands(text: str) -> list[tuple[str, list[str]]]:
    """Return the commands of the shell blocks in order, each with the output lines that are shown.

    A block with a title is a file, and the command writes it.
    """
    found: list[tuple[str, list[str]]] = []
    for language, title, body in re.findall(r'^```(\S+)(?: title="(.+?)")?\n(.*?)^```', text, re.DOTALL | re.MULTILINE):
        if title:
            found.append((f"cat > {title} <<'END'\n{body}END", []))
        if language not in ("sh", "console"):
            continue
        for line in body.splitlines():
            if language == "sh" or line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    return found


def free_port() -> str:
    """Return a free port below the ephemeral range, so that no other connection takes it before the emulator does."""
    for port in random.sample(range(20000, 23000), 100):
        with socket.socket() as candidate, suppress(OSError):
            candidate.bind(("127.0.0.1", port))
            return str(port)
    raise AssertionError("found no free port")


def run_script(script: str, directory: Path, env: dict[str, str], fails: bool = False) -> str:
    """Run a script in its own process group, and return its output.

    Assert that it succeeds, or with ``fails`` that it does not.
    """
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=directory,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert (process.returncode != 0) == fails, output
    return output
