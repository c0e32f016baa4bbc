"""`make doctor`: one line for each thing that is looked for, and its exit code."""

from __future__ import annotations

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from devtools import doctor, installer, locate, venv
from devtools.errors import StepFailed

from .checkout_copy import find_free_port
from .engine_fakes import write_executable

DiskUsage = namedtuple("DiskUsage", "total used free")


@pytest.fixture(autouse=True)
def complete_machine(empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with an engine and space, without a network, and with only a fake `make` on PATH."""
    write_executable(tmp_path / "bin" / "make", "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(locate, "find_installed", lambda: tmp_path)
    monkeypatch.setattr(installer, "check_site", unreachable)
    monkeypatch.setattr(venv, "is_current", lambda: True)
    set_free_space(monkeypatch, 100)


def set_free_space(monkeypatch: pytest.MonkeyPatch, gigabytes: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(0, 0, gigabytes * 10**9))


def unreachable(python: str) -> None:
    raise StepFailed("the site cannot be reached: no network")


def lines(capsys: pytest.CaptureFixture[str], port: int | None = None) -> tuple[int, dict[str, str]]:
    """Return the exit code, and the lines by their beginning after ok, missing or optional."""
    code = doctor.report(port or find_free_port())
    found = [line.partition("  ") for line in capsys.readouterr().out.splitlines()]
    return code, {rest.strip(): state for state, _, rest in found}


def find_line(found: dict[str, str], text: str) -> tuple[str, str]:
    [line] = [line for line in found if text in line]
    return found[line], line


def test_a_complete_machine_passes_and_what_is_optional_has_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = lines(capsys)
    assert code == 0
    assert set(found.values()) == {"ok", "optional"}
    assert find_line(found, "tmux") == (
        "optional",
        "tmux (to look at the live status in terminals of several widths): apt-get install tmux",
    )


def test_without_an_engine_and_its_sources_the_reasons_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locate, "find_installed", lambda: None)
    code, found = lines(capsys)
    state, line = find_line(found, "Pulumi engine")
    assert (code, state) == (1, "missing")
    assert "no network; no go on PATH" in line
    assert "install Pulumi 3.259.0 or newer" in line


def test_the_installer_or_go_make_up_for_a_missing_engine(
    go_log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locate, "find_installed", lambda: None)
    monkeypatch.setenv("PATH", f"{go_log.parent / 'bin'}:/usr/bin:/bin")
    code, found = lines(capsys)
    assert (code, find_line(found, "`make setup` builds")[0]) == (0, "ok")
    monkeypatch.setattr(installer, "check_site", lambda python: None)
    code, found = lines(capsys)
    assert (code, find_line(found, "which `make setup` runs")[0]) == (0, "ok")


def test_a_full_disk_is_told_with_what_setup_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(venv, "is_current", lambda: False)
    set_free_space(monkeypatch, 1)
    code, found = lines(capsys)
    assert code == 1
    assert find_line(found, "disk space")[1].startswith("disk space: 1 GB free, 2 GB needed: free 1 GB in ")
    assert find_line(found, "virtual environment")[0] == "optional"


def test_a_port_in_use_is_told_with_another_one(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, found = lines(capsys, port)
    state, line = find_line(found, f"port {port}")
    assert (code, state) == (1, "missing")
    assert line == f"port {port}: another program uses it: make up PORT={port + 10}"
