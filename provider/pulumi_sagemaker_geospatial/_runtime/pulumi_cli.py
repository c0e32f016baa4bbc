"""Pulumi's own command line: what it tells of a project's stacks."""

from __future__ import annotations

import json
import subprocess
from typing import Any

#: Seconds that one command may take.
_TIMEOUT = 60.0


class PulumiCommandError(Exception):
    """A command cannot be run, or has failed; the message is one sentence."""


def run_pulumi(*arguments: str) -> Any:
    """Return the JSON that a command prints.

    It runs in a session of its own: a signal to the process group, such as that of Ctrl-C, would end it, and leave its caller
    with a failure instead of a cancellation.

    Raises:
        PulumiCommandError
    """
    command = ["pulumi", *arguments, "--non-interactive"]
    name = f"`pulumi {' '.join(arguments[:2])}`"
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT,
            start_new_session=True,
        )
    except FileNotFoundError as exc:
        raise PulumiCommandError("there is no pulumi on PATH: install Pulumi's command line") from exc
    except subprocess.TimeoutExpired as exc:
        raise PulumiCommandError(f"{name} did not end within {_TIMEOUT:.0f} s") from exc
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        reason = next((line for line in lines if line.startswith("error:")), lines[-1])
        raise PulumiCommandError(f"{name} failed: {reason.removeprefix('error:').strip()}")
    try:
        return json.loads(done.stdout)
    except ValueError as exc:
        raise PulumiCommandError(f"{name} printed no JSON") from exc
