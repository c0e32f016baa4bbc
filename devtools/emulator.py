"""The emulator in the background: started once for this checkout, found again, and ended by `make clean`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from . import place
from .say import Failed, say

MODULE = "moto_sagemaker_geospatial"
RECORD = place.LOCAL / "emulator.pid"
LOG = place.LOCAL / "emulator.log"
STATE = place.LOCAL / "emulator.json"
READY_WITHIN = 60.0  # seconds


class Running(TypedDict):
    pid: int
    port: int
    code: float


def start(port: int, env: dict[str, str]) -> None:
    """Let the emulator answer on `port`: the one that runs, if it is this checkout's, of this code and on this port."""
    record = _record()
    if record is not None and _alive(record["pid"]):
        if record["port"] == port and record["code"] == _code() and _answers(port):
            return
        say("the emulator runs on another port or with other code: starting it anew")
    stop()
    if _taken(port):
        raise Failed(f"port {port} is used by another program: choose another one, as in `make up PORT={port + 10}`")
    say(f"starting the emulator on http://127.0.0.1:{port} (log: {LOG.relative_to(place.CHECKOUT)})")
    command = [str(place.PYTHON), "-m", MODULE, "--port", str(port), "--demo", "--state", str(STATE)]
    with open(LOG, "ab") as log:
        process = subprocess.Popen(
            command,
            cwd=place.CHECKOUT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    running: Running = {"pid": process.pid, "port": port, "code": _code()}
    RECORD.write_text(json.dumps(running))
    deadline = time.monotonic() + READY_WITHIN
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            stop()
            tail = "\n  ".join(LOG.read_text(errors="replace").splitlines()[-15:])
            raise Failed(f"the emulator does not answer on port {port}; the end of {LOG}:\n  {tail}")
        time.sleep(0.1)


def stop() -> None:
    """End this checkout's emulator, if it runs; it saves its state."""
    record = _record()
    if record is not None and _alive(record["pid"]):
        say("stopping the emulator")
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal(record["pid"], number)
            deadline = time.monotonic() + 5
            while _alive(record["pid"]) and time.monotonic() < deadline:
                time.sleep(0.05)
    RECORD.unlink(missing_ok=True)


def _record() -> Running | None:
    try:
        found: Running = json.loads(RECORD.read_text())
        return found
    except (OSError, ValueError):
        return None


def _alive(pid: int) -> bool:
    """Whether that process is still an emulator: a process id is used again after a restart of the machine."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # if it is our own child, and has ended
    try:
        return MODULE in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        if Path("/proc/self").exists():
            return False
    answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return MODULE in answer.stdout


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/data.json", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _code() -> float:
    files = Path(place.CHECKOUT / "emulator").rglob("*.py")
    return max((file.stat().st_mtime for file in files), default=0.0)
