"""Whether the engine's output is a terminal's, which the engine does not tell its plugins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pulumi_sagemaker_geospatial._runtime.terminal import is_interactive

TERMINAL, PIPE = "/dev/pts/3", "pipe:[42]"


def add_process(processes: Path, pid: int, parent: int, command: str, stdin: str, stdout: str) -> None:
    folder = processes / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "cmdline").write_text("\0".join(command.split()) + "\0")
    (folder / "stat").write_text(f"{pid} (a name) S {parent} 1 1 0")
    (folder / "fd" / "0").symlink_to(stdin)
    (folder / "fd" / "1").symlink_to(stdout)


@pytest.mark.parametrize(
    ("command", "stdin", "stdout", "expected"),
    [
        ("/usr/bin/pulumi up", TERMINAL, TERMINAL, True),
        ("pulumi up --yes", TERMINAL, PIPE, False),
        ("pulumi up --yes", "/dev/null", TERMINAL, False),
        ("pulumi up --non-interactive", TERMINAL, TERMINAL, False),
    ],
)
@pytest.mark.parametrize("has_shell", [True, False])
def test_the_engines_own_terminal_decides(
    tmp_path: Path, command: str, stdin: str, stdout: str, expected: bool, has_shell: bool
) -> None:
    engine = os.getppid()
    if has_shell:
        engine = 77
        add_process(tmp_path, os.getppid(), 77, "/bin/sh pulumi-resource-pulumi-python", PIPE, PIPE)
    add_process(tmp_path, engine, 1, command, stdin, stdout)
    assert is_interactive({}, tmp_path) is expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CI": "true"}, False),
        ({"CI": "true", "PULUMI_DISABLE_CI_DETECTION": "1"}, True),
        ({"TERM": "dumb"}, False),
        ({"PULUMI_GEOSPATIAL_LIVE": "false"}, False),
        ({"PULUMI_GEOSPATIAL_LIVE": "true", "CI": "true"}, True),
        ({"PULUMI_GEOSPATIAL_LIVE": "maybe"}, True),
    ],
)
def test_variables_decide_where_there_is_a_terminal(
    tmp_path: Path, environment: dict[str, str], expected: bool
) -> None:
    add_process(tmp_path, os.getppid(), 1, "pulumi up", TERMINAL, TERMINAL)
    assert is_interactive(environment, tmp_path) is expected


def test_a_system_that_does_not_tell_has_a_terminal_where_it_can_be_opened(tmp_path: Path) -> None:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
        expected = True
    except OSError:
        expected = False
    assert is_interactive({}, tmp_path) is expected
