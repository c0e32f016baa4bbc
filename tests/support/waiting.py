"""Waiting for events with generous limits, so that tests do not depend on the speed of the machine."""

from __future__ import annotations

import math
import subprocess
import time
from collections.abc import Callable

WAIT_TIMEOUT = 120.0
POLL_INTERVAL = 0.02


def wait_until(
    condition: Callable[[], bool], description: str = "the condition", *, process: subprocess.Popen[str] | None = None
) -> None:
    """Wait until a condition is true.

    :param description: What is awaited, for the failure's message.
    :param process: A command that must not end before; without it, the wait would only fail after its timeout.
    """
    deadline = time.monotonic() + WAIT_TIMEOUT
    while not condition():
        if process is not None and process.poll() is not None:
            output, _ = process.communicate()
            raise AssertionError(f"the command ended with {process.returncode} before {description}:\n{output}")
        assert time.monotonic() < deadline, f"timed out after {WAIT_TIMEOUT:.0f} s: {description}"
        time.sleep(POLL_INTERVAL)


def wait_for_later_timestamps() -> None:
    """Wait until new objects and exports have a later time than existing ones: S3 and HTTP dates have whole seconds."""
    time.sleep(math.floor(time.time()) + 2 - time.time())
