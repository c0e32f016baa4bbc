"""The emulator as a background process: start, reuse, restart and errors, with a fake emulator."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .checkout_copy import emulator_package, find_free_port, link_interpreter, run_code

START = (
    "import os; from devtools import emulator; "
    "emulator.start({port}, dict(os.environ)); print(emulator.read_pidfile()['pid'])"
)
STOP = "from devtools import emulator; emulator.stop()"


@pytest.fixture
def emulated(checkout: Path) -> Iterator[Path]:
    """A copy of the checkout whose emulator can be started."""
    link_interpreter(checkout)
    yield checkout
    run_code(checkout, STOP)


def pidfile(checkout: Path) -> Path:
    return checkout / ".local" / "emulator.pid"


def test_a_running_emulator_is_reused(emulated: Path) -> None:
    port = find_free_port()
    started = run_code(emulated, START.format(port=port))
    assert started.returncode == 0, started.stderr
    assert f"http://127.0.0.1:{port}" in started.stderr
    reused = run_code(emulated, START.format(port=port))
    assert reused.stdout == started.stdout
    assert reused.stderr == ""


def test_another_port_or_changed_source_code_restarts_the_emulator(emulated: Path) -> None:
    started = run_code(emulated, START.format(port=find_free_port()))
    port = find_free_port()
    moved = run_code(emulated, START.format(port=port))
    assert moved.stdout != started.stdout
    assert "restarting it" in moved.stderr
    later = time.time() + 9
    os.utime(emulator_package(emulated) / "__main__.py", (later, later))
    changed = run_code(emulated, START.format(port=port))
    assert changed.stdout != moved.stdout


def test_an_emulator_with_a_pidfile_of_an_older_version_is_restarted(emulated: Path) -> None:
    port = find_free_port()
    started = run_code(emulated, START.format(port=port))
    pidfile(emulated).write_text(json.dumps({"pid": int(started.stdout), "port": port, "code": 1.0}))
    restarted = run_code(emulated, START.format(port=port))
    assert restarted.returncode == 0, restarted.stderr
    assert restarted.stdout != started.stdout


def test_a_stopped_emulator_frees_its_port(emulated: Path) -> None:
    port = find_free_port()
    run_code(emulated, START.format(port=port))
    run_code(emulated, STOP)
    assert not pidfile(emulated).exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_in_use_is_an_error_that_suggests_another(emulated: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = run_code(emulated, START.format(port=server.getsockname()[1]))
    assert result.returncode != 0
    assert "is used by another program" in result.stderr
    assert "make up PORT=" in result.stderr


def test_an_emulator_that_does_not_start_shows_the_end_of_its_log(emulated: Path) -> None:
    (emulator_package(emulated) / "fails.py").touch()
    result = run_code(emulated, START.format(port=find_free_port()))
    assert result.returncode != 0
    assert "the emulator's error message" in result.stderr
    assert not pidfile(emulated).exists()
