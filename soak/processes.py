"""The processes of a Pulumi command: finding them, and sending signals to them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress

from .faults import DYNAMIC_HOST, ENGINE, GROUP, LANGUAGE_HOST, Kill

#: What the command line of a plugin contains.
_MARKS = {DYNAMIC_HOST: "pulumi.dynamic", LANGUAGE_HOST: "language_host.py"}


def process_tree(root: int) -> dict[int, str]:
    """Return the IDs and command lines of a process and of all that it has started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    children: dict[int, list[tuple[int, str]]] = {}
    found: dict[int, str] = {}
    for pid, parent, command in (row for row in rows if len(row) == 3):
        children.setdefault(int(parent), []).append((int(pid), command))
        if int(pid) == root:
            found[root] = command
    pending = [root]
    while pending:
        for child, command in children.get(pending.pop(), ()):
            found[child] = command
            pending.append(child)
    return found


def find_targets(target: str, tree: dict[int, str], root: int) -> list[int]:
    """Return the processes in a tree that a signal is for; none where they have not started."""
    if target == GROUP:
        return list(tree)
    if target == ENGINE:
        return [root] if root in tree else []
    return [pid for pid, command in tree.items() if _MARKS[target] in command]


def send(kill: Kill, pids: list[int], pause: float) -> None:
    """Send a signal to processes. STOP is followed by CONT after ``pause`` seconds."""
    _signal_all(pids, signal.Signals[f"SIG{kill.signal}"])
    if kill.signal == "STOP":
        time.sleep(pause)
        _signal_all(pids, signal.SIGCONT)


def wait_for_exit(pids: set[int], seconds: float) -> set[int]:
    """Return the processes that still run after so many seconds, as soon as there are none."""
    deadline = time.monotonic() + seconds
    while (left := {pid for pid in pids if _is_running(pid)}) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def kill_all(pids: set[int]) -> None:
    """End processes that should have ended."""
    _signal_all(list(pids), signal.SIGKILL)


def _signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _is_running(pid: int) -> bool:
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(status.stdout.strip()) and not status.stdout.startswith("Z")
