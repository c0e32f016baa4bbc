"""Many exports at once: concurrency, call rate, size of the state, and the end of the dynamic host."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.harness import (
    Emulator,
    Stack,
    declaration,
    wait_until,
)


def test_calls_do_not_exceed_the_configured_rate(emulator: Emulator, stack: Stack) -> None:
    emulator.configure(export_seconds=1)
    entries = [declaration(f"lake-{number}") for number in range(12)]
    emulator.add_jobs(entries)
    stack.declare(entries)
    stack.configure(**{"sagemakergeospatial:maxCallsPerSecond": 4, "sagemakergeospatial:pollInterval": 0.5})
    assert "--parallel 256" not in stack.up("--parallel", "16")
    report = emulator.call_report()
    for operation in ("ExportEarthObservationJob", "GetEarthObservationJob"):
        times = [call["time"] for call in report["calls"] if call["operation"] == operation]
        assert (len(times) - 1) / (max(times) - min(times)) <= 4
    # Calls may arrive closer together than they were sent on a busy machine; without a limit, the peak is above 24.
    assert report["peak_per_second"] <= 16


def test_more_exports_than_parallel_slots_cause_a_hint(emulator: Emulator, stack: Stack) -> None:
    entries = [declaration(f"lake{n}") for n in range(4)]
    emulator.add_jobs(entries)
    stack.declare(entries)
    assert "run `pulumi up --parallel 256`" in stack.up("--parallel", "2")


def test_twelve_exports_run_concurrently(emulator: Emulator, stack: Stack) -> None:
    emulator.hold_exports()
    entries = [declaration(f"lake-{letter}") for letter in "abcdefghijkl"]
    emulator.add_jobs(entries)
    stack.declare(entries)
    process = stack.start_up("--parallel", "16")
    wait_until(
        lambda: emulator.exports_started() == 12, "the start of all exports while none completes", process=process
    )
    emulator.release_exports()
    stack.finish(process)


def test_an_export_adds_at_most_900_bytes_to_the_state(emulator: Emulator, stack: Stack) -> None:
    prefix = "p" * (40 - len("s3://exports//"))
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", prefix=prefix)])
    stack.up()
    resource = stack.resources()["lake"]
    assert len(resource["inputs"]["output_config"]["s3_data"]["s3_uri"]) == 40
    recorded = {name: resource[name] for name in ("inputs", "outputs", "id")}
    assert len(json.dumps(recorded, separators=(",", ":"))) <= 900


@pytest.mark.parametrize("plugin", ["this repository's plugin", "Pulumi's plugin"])
def test_a_killed_engine_leaves_no_dynamic_host_running(
    emulator: Emulator, stack: Stack, plugin: str, tmp_path: Path
) -> None:
    if plugin == "Pulumi's plugin":  # a shell script that stays the parent process of the host
        script = tmp_path / "bin" / "pulumi-resource-pulumi-python"
        script.parent.mkdir()
        script.write_text('#!/bin/sh\npython -u -m pulumi.dynamic "$@"\n')
        script.chmod(0o755)
        stack.env["PATH"] = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    emulator.hold_exports()
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake")])
    process = stack.start_up()
    wait_until(lambda: emulator.exports_started() == 1, "the start of the export", process=process)
    os.kill(process.pid, signal.SIGKILL)  # only the engine, not its process group
    process.wait(timeout=60)
    wait_until(lambda: running_processes(process.pid) == "", "the end of the dynamic host")
    process.communicate(timeout=60)


def running_processes(group: int) -> str:
    """Return the IDs of the processes in a process group."""
    return subprocess.run(["pgrep", "-g", str(group)], capture_output=True, text=True, check=False).stdout.strip()
