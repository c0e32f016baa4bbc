"""The environment of a benchmark: an emulated service in its own process, stacks with a file backend, timed commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import mechanisms
from benchmarks.cases import DESTROY, EMPTY_UP, EXPORTS, HIGH_PARALLELISM, MIXED, PREVIEW, REFRESH, UNTHROTTLED, UP
from benchmarks.workloads import PROGRAMS, declare_exports, list_buckets
from tests.harness import CHECKOUT, REGION, Emulator, Stack, start_emulator

_PROGRAM_FOLDER = CHECKOUT / "benchmarks" / "programs"
_ARGUMENTS = {
    UP: ("up", "--yes", "--skip-preview"),
    EMPTY_UP: ("up", "--yes", "--skip-preview", "--expect-no-changes"),
    REFRESH: ("refresh", "--yes", "--skip-preview"),
    PREVIEW: ("preview",),
    DESTROY: ("destroy", "--yes", "--skip-preview"),
}


class MeasurementError(Exception):
    """A value could not be measured; the message says why."""


@dataclass
class BenchEnvironment:
    """A folder for the stacks' backends, and the emulated service in a process of its own.

    ``disabled`` names the mechanisms (see `benchmarks.mechanisms`) that stacks of exports run without.
    """

    folder: Path
    emulator: Emulator
    emulator_pid: int
    disabled: tuple[str, ...] = ()
    stack_count: int = 0

    def prepare_service(self, declared: list[dict[str, Any]], export_seconds: float) -> None:
        """Reset the service to a new account in which everything that is declared can be exported."""
        self.emulator.reset()
        self.emulator.configure(export_seconds=export_seconds)
        self.emulator.add_jobs(declared)
        for bucket in list_buckets(declared):
            location = {"LocationConstraint": REGION}
            self.emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
        self.emulator.clear_calls()

    def warm_up_service(self) -> None:
        """Export one job, so that no measured command pays for what the emulator loads at its first call of each kind."""
        export = declare_exports(1)[0]
        self.prepare_service([export], 0)
        uri = export["output_config"]["s3_data"]["s3_uri"]
        geospatial = self.emulator.client("sagemaker-geospatial")
        geospatial.export_earth_observation_job(
            Arn=export["arn"],
            ExecutionRoleArn=export["execution_role_arn"],
            OutputConfig={"S3Data": {"S3Uri": uri}},
        )
        geospatial.get_earth_observation_job(Arn=export["arn"])
        self.emulator.client("s3").list_objects_v2(Bucket=uri.split("/")[2])

    def emulator_cpu_seconds(self) -> float | None:
        """Return the CPU seconds that the emulator has used; None on systems without /proc."""
        stat = Path(f"/proc/{self.emulator_pid}/stat")
        if not stat.exists():
            return None
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def stack(
        self,
        workload: str,
        declared: list[dict[str, Any]],
        env: Mapping[str, str],
        config: Mapping[str, Any] = UNTHROTTLED,
        disabled: tuple[str, ...] = (),
    ) -> Iterator[Stack]:
        """Create a stack with a new backend; remove both at the end."""
        self.stack_count += 1
        directory = self.folder / f"stack{self.stack_count}"
        stack = Stack(directory, self.emulator.url, program=PROGRAMS[workload], env=dict(env))
        search_path = [stack.environment()["PYTHONPATH"], str(_PROGRAM_FOLDER)]
        if workload in (EXPORTS, MIXED) and (disabled or self.disabled):
            sitecustomize = mechanisms.write_sitecustomize(directory / "without", (*self.disabled, *disabled))
            search_path.insert(0, str(sitecustomize))
        stack.env["PYTHONPATH"] = os.pathsep.join(search_path)
        stack.configure(**config)
        stack.declare(declared)
        try:
            yield stack
        finally:
            shutil.rmtree(directory)

    def time_script(self, verb: str, declared: list[dict[str, Any]]) -> float:
        """Return the seconds of the boto3 script's process, from start to exit."""
        file = self.folder / "entries.json"
        file.write_text(json.dumps(declared))
        command = [sys.executable, str(_PROGRAM_FOLDER / "boto3_script.py"), verb, self.emulator.url, str(file)]
        started = time.perf_counter()
        result = subprocess.run(command, capture_output=True, text=True, timeout=600)
        seconds = time.perf_counter() - started
        if result.returncode:
            raise MeasurementError(f"the boto3 script, {verb}: {_summarize_failure(result.stderr)}")
        return seconds


@contextmanager
def bench_environment(disabled: tuple[str, ...] = ()) -> Iterator[BenchEnvironment]:
    """Start the emulator; stop it and remove all files at the end."""
    process, url = start_emulator()
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            environment = BenchEnvironment(Path(folder), Emulator(url), process.pid, disabled)
            environment.warm_up_service()
            yield environment
    finally:
        process.terminate()
        process.communicate(timeout=30)


def time_command(stack: Stack, verb: str, parallel: int | None = HIGH_PARALLELISM) -> float:
    """Return the seconds of one Pulumi command, from start to exit. Raises MeasurementError if it fails."""
    options = () if verb == PREVIEW or parallel is None else ("--parallel", str(parallel))
    command = stack.command(*_ARGUMENTS[verb], *options)
    env = stack.environment()
    started = time.perf_counter()
    result = subprocess.run(command, cwd=stack.directory, env=env, capture_output=True, text=True, timeout=900)
    seconds = time.perf_counter() - started
    if result.returncode:
        raise MeasurementError(f"pulumi {verb}: {_summarize_failure(result.stdout + result.stderr)}")
    return seconds


def time_package_command(stack: Stack, name: str, *arguments: str) -> float:
    """Return the seconds of one command of the package, from start to exit. Raises MeasurementError if it fails."""
    command = [sys.executable, "-m", "pulumi_sagemaker_geospatial", name, "--stack", "test", *arguments]
    env = stack.environment()
    started = time.perf_counter()
    result = subprocess.run(command, cwd=stack.directory, env=env, capture_output=True, text=True, timeout=900)
    seconds = time.perf_counter() - started
    if result.returncode:
        raise MeasurementError(f"{name}: {_summarize_failure(result.stdout + result.stderr)}")
    return seconds


def _summarize_failure(output: str) -> str:
    """Return the first line of a command's output that names an error, or else the last three lines."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (" / ".join(errors[:1] or lines[-3:]) or "no output")[:500]
