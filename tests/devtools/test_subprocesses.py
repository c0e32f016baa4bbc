"""Progress messages of long commands, and signals to interactive ones."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.build import BuildProgress
from devtools.errors import StepFailed
from devtools.paths import CHECKOUT
from devtools.subprocesses import run_with_progress

FOREGROUND = """
import os, sys
from pathlib import Path
from devtools.subprocesses import run_foreground
sys.exit(run_foreground(["sh", "-c", sys.argv[1]], Path("."), dict(os.environ)))
"""


def test_a_long_build_reports_its_progress(tmp_path: Path) -> None:
    messages: list[str] = []
    reported = tmp_path / "reported"

    def log(message: str) -> None:
        messages.append(message)
        if "1 modules downloaded, 1 of about 1,700 packages compiled" in message:
            reported.touch()

    script = 'echo "go: downloading x"; echo some/package; until [ -e "$0" ]; do sleep 0.05; done'
    command = ["sh", "-c", script, str(reported)]
    run_with_progress(command, label="building", describe_line=BuildProgress(), interval=0.05, log=log)
    assert re.fullmatch(r"building: \d+ s, 1 modules downloaded, 1 of about 1,700 packages compiled", messages[-1])


def test_a_failed_command_reports_the_end_of_its_output() -> None:
    command = ["sh", "-c", "seq 100; exit 3"]
    with pytest.raises(StepFailed, match=r"counting failed \(exit code 3\):\n  61\n(?s:.*)\n  100$"):
        run_with_progress(command, label="counting", describe_line=lambda line: None)


@pytest.mark.parametrize(("number", "whole_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_an_interactive_command_handles_the_signal_itself(number: signal.Signals, whole_group: bool) -> None:
    script = 'trap "echo handled; exit 3" INT TERM; echo ready; while :; do sleep 0.1; done'
    with subprocess.Popen(
        [sys.executable, "-c", FOREGROUND, script],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        (os.killpg if whole_group else os.kill)(process.pid, number)
        assert process.stdout.read() == "handled\n"
    assert process.returncode == 3
