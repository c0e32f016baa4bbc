"""The emulator as a background process of this checkout: start, reuse and stop."""

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

from . import paths
from .errors import StepFailed
from .log import log_step

MODULE = "moto_sagemaker_geospatial"
PIDFILE = paths.LOCAL / "emulator.pid"
LOG = paths.LOCAL / "emulator.log"
STATE = paths.LOCAL / "emulator.json"
START_TIMEOUT = 60.0  # seconds until the emulator responds
STOP_TIMEOUT = 15.0  # seconds to save the state after SIGTERM, and to exit after SIGKILL


class EmulatorProcess(TypedDict):
    """The content of the pidfile."""

    pid: int
    port: int
    source_mtime: float


def start(port: int, env: dict[str, str]) -> None:
    """Ensure that this checkout's emulator is ready on `port`.

    A running emulator is reused if its port and its source code are the same; otherwise it is restarted.

    Raises:
        StepFailed: Another program uses the port, or the emulator did not start.
    """
    running = read_pidfile()
    if running is not None and is_emulator(running["pid"]):
        # A pidfile of an older version has no source_mtime.
        if running["port"] == port and running.get("source_mtime") == source_mtime() and is_ready(port):
            return
        log_step("the running emulator has another port or other source code: restarting it")
    stop()
    if port_in_use(port):
        raise StepFailed(
            f"port {port} is used by another program: choose another one, as in `make up PORT={port + 10}`"
        )
    log_step(f"starting the emulator on http://127.0.0.1:{port} (log: {LOG.relative_to(paths.CHECKOUT)})")
    process = _launch(port, env)
    deadline = time.monotonic() + START_TIMEOUT
    while not is_ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            stop()
            tail = "\n  ".join(LOG.read_text(errors="replace").splitlines()[-15:])
            raise StepFailed(f"the emulator does not respond on port {port}; the end of {LOG}:\n  {tail}")
        time.sleep(0.1)


def _launch(port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the process and write the pidfile."""
    command = [str(paths.PYTHON), "-m", MODULE, "--port", str(port), "--demo", "--state", str(STATE)]
    with open(LOG, "ab") as log:
        process = subprocess.Popen(
            command,
            cwd=paths.CHECKOUT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    running: EmulatorProcess = {"pid": process.pid, "port": port, "source_mtime": source_mtime()}
    PIDFILE.write_text(json.dumps(running))
    return process


def stop() -> None:
    """Stop this checkout's emulator if it is running; it saves its state."""
    running = read_pidfile()
    if running is not None and is_emulator(running["pid"]):
        log_step("stopping the emulator")
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(running["pid"], number)
            deadline = time.monotonic() + STOP_TIMEOUT
            while not has_exited(running["pid"]) and time.monotonic() < deadline:
                time.sleep(0.05)
    PIDFILE.unlink(missing_ok=True)


def read_pidfile() -> EmulatorProcess | None:
    """Return what the pidfile says about the emulator that was started last, or None."""
    try:
        content: EmulatorProcess = json.loads(PIDFILE.read_text())
        return content
    except (OSError, ValueError):
        return None


def has_exited(pid: int) -> bool:
    """Return whether a process has exited, and so closed its sockets. Its command is gone from /proc before that."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # reap it if it is a child of this process
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    if Path("/proc/self").exists():
        return True
    return not is_emulator(pid)


def is_emulator(pid: int) -> bool:
    """Return whether the process runs and is an emulator: after a reboot, another process may have its ID."""
    try:
        return MODULE in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        if Path("/proc/self").exists():
            return False
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return MODULE in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def is_ready(port: int) -> bool:
    """Return whether an HTTP server responds on `port`."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/data.json", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def port_in_use(port: int) -> bool:
    """Return whether another program is bound to `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def source_mtime() -> float:
    """Return the time of the newest change of the emulator's source code."""
    files = (paths.CHECKOUT / "emulator").rglob("*.py")
    return max((file.stat().st_mtime for file in files), default=0.0)
