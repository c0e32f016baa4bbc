"""mkdocs and pyright: what `make docs` and `make check` run, and when their environment is installed again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from devtools import packages, paths, pinned_tools, tools, venv

from .engine_fakes import write_executable


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of what is run in an environment whose mkdocs fails."""
    log = tmp_path / "log"
    program = f'#!/bin/sh\necho "$*" >> {log}\ncase $2 in mkdocs) exit 1;; esac\n'
    write_executable(tmp_path / "bin" / "python", program)
    monkeypatch.setattr(pinned_tools, "tool_environment", lambda name, *installations: tmp_path)
    return log


def test_the_site_and_the_types_are_checked_also_if_one_of_them_fails(calls: Path) -> None:
    assert pinned_tools.check() == 1
    site, types = calls.read_text().splitlines()
    assert site == "-m mkdocs build --strict --quiet"
    assert types.startswith("-m pyright --project tests/types --pythonpath ")


def test_the_arguments_of_make_docs_are_those_of_mkdocs(calls: Path) -> None:
    pinned_tools.serve_site(["--dev-addr", "127.0.0.1:8001"])
    assert calls.read_text() == "-m mkdocs serve --strict --dev-addr 127.0.0.1:8001\n"


def test_an_environment_is_installed_again_if_its_lock_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[Sequence[str]] = []
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path)
    monkeypatch.setattr(paths, "LOCAL", tmp_path / ".local")
    monkeypatch.setattr(venv, "create", lambda directory, interpreter: directory.mkdir(parents=True, exist_ok=True))
    monkeypatch.setattr(packages, "install", lambda python, label, arguments: installed.append(arguments))
    (tmp_path / "constraints.txt").write_text("")
    for text, count in (("a==1", 1), ("a==1", 1), ("a==2", 2)):
        (tmp_path / "checks.txt").write_text(text)
        tools.tool_environment("checks", ["--require-hashes", "-r", "checks.txt"])
        assert len(installed) == count
