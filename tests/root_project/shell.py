"""The commands of a page as a script, and the run of a script."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

#: The command's number follows it in the output of a script, before the output of the command.
MARKER = "#### "


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


def assert_commands_print_what_is_shown(
    commands: Sequence[tuple[str, list[str]]], directory: Path, env: dict[str, str], replacements: Mapping[str, str]
) -> None:
    """Run the commands as one script, and assert that each prints the lines that are shown, in their order.

    :param commands: As of :func:`shell_commands`. A shown line is the beginning of a printed one; ``…`` is any lines.
    :param replacements: Texts to replace in the output, such as a port.
    """
    script = "\n".join(f"echo; echo '{MARKER}{index}'\n{command}" for index, (command, _) in enumerate(commands))
    # A command in the background ends with the script also where a later command fails.
    output = run_script(f"set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}\n", directory, env)
    for before, after in replacements.items():
        output = output.replace(before, after)
    outputs = dict(re.findall(rf"^{MARKER}(\d+)\n(.*?)(?=^{MARKER}|\Z)", output, re.DOTALL | re.MULTILINE))
    for index, (command, shown) in enumerate(commands):
        actual = [_normalize(line) for line in outputs[str(index)].splitlines()]
        position = 0
        for line in map(_normalize, shown):
            if line == "…":
                continue
            matches = [at for at in range(position, len(actual)) if actual[at].startswith(line)]
            assert matches, f"`{command}` does not print {line!r} at this point:\n{outputs[str(index)]}"
            position = matches[0] + 1


def _normalize(line: str) -> str:
    """Remove what differs between runs: durations and trailing spaces."""
    return re.sub(r"\b\d+(\.\d+)?s\b", "N s", line).rstrip()
