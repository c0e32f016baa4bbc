"""Subprocesses: long ones with progress messages, interactive ones with forwarded signals, and their termination."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

from .errors import StepFailed
from .log import log_step

PROGRESS_INTERVAL = 15.0
"""Seconds between two progress messages."""

_OUTPUT_TAIL = 40  # lines of output in an error message
_TERMINATION_TIMEOUT = 3.0  # seconds between SIGTERM and SIGKILL
_KILL_TIMEOUT = 3.0  # seconds to wait for the end of a killed process group
_FORWARDED_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start_in_new_session(
    command: Sequence[str], *, stdout: int | IO[str], cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start `command` without stdin, as the leader of a process group that `kill_process_group` can end.

    It inherits the caller's file locks: if the caller is killed, the next setup waits for the end of the command.
    """
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        close_fds=False,
    )


def run_with_progress(
    command: Sequence[str],
    *,
    label: str,
    describe_line: Callable[[str], str | None],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    interval: float = PROGRESS_INTERVAL,
    log: Callable[[str], None] = log_step,
) -> None:
    """Run `command` and log its progress every `interval` seconds.

    `describe_line` gets each line of output and returns the progress ("312 packages compiled"), or None if there is
    none. The command and its children have ended on return, also after an exception such as KeyboardInterrupt.

    Raises:
        StepFailed: The command failed; the message has the end of its output.
    """
    started_at = time.monotonic()
    process = start_in_new_session(command, stdout=subprocess.PIPE, cwd=cwd, env=env)
    output = _OutputReader(process, describe_line)
    try:
        while (code := _exit_code(process, timeout=interval)) is None:
            log(f"{label}: {time.monotonic() - started_at:.0f} s, {output.progress}")
        output.join()
    finally:
        kill_process_group(process)
    if code != 0:
        raise StepFailed(f"{label} failed (exit code {code}):\n  " + "\n  ".join(output.tail))


class _OutputReader:
    """Reads a process's output on a thread, so that the process never blocks on a full pipe."""

    def __init__(self, process: subprocess.Popen[str], describe_line: Callable[[str], str | None]) -> None:
        self.tail: deque[str] = deque(maxlen=_OUTPUT_TAIL)
        self.progress = "starting"
        self._process = process
        self._describe_line = describe_line
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the end of the output, but not for a grandchild that keeps the pipe open."""
        self._thread.join(timeout=5)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.tail.append(line.rstrip())
                self.progress = self._describe_line(line) or self.progress


def _exit_code(process: subprocess.Popen[str], timeout: float) -> int | None:
    try:
        return process.wait(timeout=timeout)
    except subprocess.TimeoutExpired:
        return None


def run_foreground(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> int:
    """Run a command that shares the terminal, and return its exit code.

    The terminal sends Ctrl-C to the command itself; SIGTERM and SIGHUP are forwarded. The command decides how to end.
    """
    process: subprocess.Popen[bytes] | None = None
    pending: list[int] = []

    def forward_signal(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            return
        if process is None:
            pending.append(number)
        else:
            process.send_signal(number)

    # Installed before the command starts, so that no signal is lost meanwhile.
    with _signal_handlers(forward_signal):
        process = subprocess.Popen(command, cwd=cwd, env=env)
        for number in pending:
            process.send_signal(number)
        return process.wait()


@contextmanager
def _signal_handlers(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    previous = {number: signal.signal(number, handler) for number in _FORWARDED_SIGNALS}
    try:
        yield
    finally:
        for number, previous_handler in previous.items():
            signal.signal(number, previous_handler)


def kill_process_group(process: subprocess.Popen[str]) -> None:
    """End a process that leads its own session, and its children, unless it has already exited."""
    if process.poll() is not None:
        return
    term_deadline = time.monotonic() + _TERMINATION_TIMEOUT
    number = signal.SIGTERM
    with suppress(ProcessLookupError):  # raised when the group is empty
        while time.monotonic() < term_deadline + _KILL_TIMEOUT:
            os.killpg(process.pid, number)
            if process.poll() is not None or time.monotonic() > term_deadline:
                number = signal.SIGKILL
            time.sleep(0.05)
    process.poll()
