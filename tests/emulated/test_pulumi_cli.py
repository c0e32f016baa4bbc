"""Pulumi's command line as the provider runs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pulumi_sagemaker_geospatial._runtime.pulumi_cli import PulumiCommandError, run_pulumi


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a `pulumi` on PATH."""
    command = tmp_path / "pulumi"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


def test_a_signal_to_the_process_group_does_not_end_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "exec ps -o pgid= -p $$")
    assert run_pulumi("stack", "ls") not in (os.getpgrp(), 0)


def test_what_a_command_prints_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, """printf '["%s"]' "$*" """)
    assert run_pulumi("stack", "ls", "--json") == ["stack ls --json --non-interactive"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'error: no stack' >&2; echo hint >&2; exit 1", "`pulumi stack ls` failed: no stack"),
        ("exit 1", "`pulumi stack ls` failed: no message"),
        ("echo no", "`pulumi stack ls` printed no JSON"),
    ],
)
def test_a_command_that_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    install(tmp_path, monkeypatch, script)
    with pytest.raises(PulumiCommandError) as caught:
        run_pulumi("stack", "ls")
    assert str(caught.value) == reason


def test_without_pulumi_on_path_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PulumiCommandError, match="there is no pulumi on PATH: install Pulumi's command line"):
        run_pulumi("stack", "ls")
