"""Steps that take time: a line on stderr before each, one every few seconds while it runs, and an end to what it began."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType


class Failed(Exception):
    """A step cannot work; the message says why and what to do or install."""


def say(message: str) -> None:
    """One line for the person who waits; stdout stays free for results."""
    print(f"» {message}", file=sys.stderr, flush=True)


def run_with_progress(
    command: Sequence[str],
    *,
    what: str,
    describe: Callable[[str], str | None],
    every: float = 15.0,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run `command`, and say every `every` seconds how far it is.

    `describe` gets each line of its output and returns what to tell ("312 packages compiled"), or None for nothing new.
    Raises Failed with the end of its output. However this ends, by Ctrl-C too, the command and its children have ended.
    """
    began = time.monotonic()
    tail: deque[str] = deque(maxlen=40)
    latest = ["starting"]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        close_fds=False,  # it keeps the caller's lock: should we be killed, the next setup waits for its end
    )

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                tail.append(line.rstrip())
                latest[0] = describe(line) or latest[0]

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while True:
            try:
                code = process.wait(timeout=every)
                break
            except subprocess.TimeoutExpired:
                say(f"{what}: {time.monotonic() - began:.0f} s, {latest[0]}")
        reader.join(timeout=5)
    finally:
        end_group(process)
    if code != 0:
        raise Failed(f"{what} failed (exit code {code}):\n  " + "\n  ".join(tail))


def foreground(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> int:
    """Run a command that shares the terminal, and return its exit code.

    Ctrl-C reaches it by itself, and a request to end is handed on: it ends in its own way, and we wait for that.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def hand_on(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            return
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    # Before the command is there, so that none is lost while it starts.
    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        process = subprocess.Popen(command, cwd=cwd, env=env)
        for number in early:
            process.send_signal(number)
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def one_at_a_time(lock: Path, waiting: str) -> Iterator[None]:
    """Hold `lock`. A process that we start keeps it open, so that it is held until that one has ended, too."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w") as file:
        os.set_inheritable(file.fileno(), True)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def end_group(process: subprocess.Popen[str]) -> None:
    """End a process that leads its own session, with its children, if it has not ended by itself."""
    if process.poll() is not None:
        return
    deadline = time.monotonic() + 3.0
    number = signal.SIGTERM
    with suppress(ProcessLookupError):  # the group is empty
        while time.monotonic() < deadline + 3.0:
            os.killpg(process.pid, number)
            if process.poll() is not None or time.monotonic() > deadline:
                number = signal.SIGKILL
            time.sleep(0.05)
    process.poll()
