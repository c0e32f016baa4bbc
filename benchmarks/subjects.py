"""What runs: a stack of no-ops, a stack of exports and the boto3 script, each timed from start to end."""

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

from benchmarks.cases import DESTROY, EMPTY_UP, PREVIEW, QUICK, REFRESH, UP
from tests.harness import CHECKOUT, REGION, ROLE, Emulator, Stack, arn, start_emulator

PROGRAMS = CHECKOUT / "benchmarks" / "programs"
#: The floor's program differs from that of the exports in what it declares, and in nothing else.
PROGRAM = """\
import json
from {module} import {resource}

for entry in json.load(open("exports.json")):
    {resource}(entry["name"], **{{name: value for name, value in entry.items() if name != "name"}})
"""
FLOOR = PROGRAM.format(module="noop", resource="NoOp")
LEAST = PROGRAM.format(module="noop", resource="OneCall")
EXPORTS = PROGRAM.format(module="pulumi_sagemaker_geospatial", resource="ExportEarthObservationJob")

_COMMANDS = {
    UP: ("up", "--yes", "--skip-preview"),
    EMPTY_UP: ("up", "--yes", "--skip-preview", "--expect-no-changes"),
    REFRESH: ("refresh", "--yes", "--skip-preview"),
    PREVIEW: ("preview",),
    DESTROY: ("destroy", "--yes", "--skip-preview"),
}


class Failed(Exception):
    """A case that could not be measured, in a sentence."""


def entries(n: int) -> list[dict[str, Any]]:
    """N exports with a destination of 40 characters, a hundred a bucket.

    The emulator's S3 looks at every object of a bucket to list a folder, which S3 does not.
    """
    made = []
    for number in range(n):
        job, bucket = f"job{number:09d}", f"exports-{number // 100:02d}"
        uri = f"s3://{bucket}/{job}/".ljust(39, "x") + "/"
        output = {"s3_data": {"s3_uri": uri}}
        made.append({"name": job, "arn": arn(job), "execution_role_arn": ROLE, "output_config": output})
    return made


def buckets(declared: list[dict[str, Any]]) -> list[str]:
    """The buckets that exports go to."""
    return sorted({entry["output_config"]["s3_data"]["s3_uri"].split("/")[2] for entry in declared})


@dataclass
class Workplace:
    """A folder for the stacks' backends, and the service in a process of its own."""

    folder: Path
    emulator: Emulator
    pid: int
    made: int = 0

    def service(self, declared: list[dict[str, Any]], export_seconds: float) -> None:
        """A new account in which all that is declared can be exported."""
        self.emulator.reset()
        self.emulator.settings(export_seconds=export_seconds)
        self.emulator.jobs(declared)
        for bucket in buckets(declared):
            place = {"LocationConstraint": REGION}
            self.emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        self.emulator.forget_calls()

    def service_seconds(self) -> float | None:
        """Processor seconds that the emulator has used; Linux alone tells it."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return None
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @contextmanager
    def stack(
        self, program: str, declared: list[dict[str, Any]], env: Mapping[str, str], config: Mapping[str, Any] = QUICK
    ) -> Iterator[Stack]:
        """A stack in a new backend, which is taken away at the end."""
        self.made += 1
        stack = Stack(self.folder / f"stack{self.made}", self.emulator.url, program=program, env=dict(env))
        stack.env["PYTHONPATH"] = f"{stack.environment()['PYTHONPATH']}:{PROGRAMS}"
        stack.configure(**config)
        stack.declare(declared)
        try:
            yield stack
        finally:
            shutil.rmtree(stack.directory)

    def script(self, verb: str, declared: list[dict[str, Any]]) -> float:
        """Seconds that the boto3 script takes, its whole process."""
        file = self.folder / "entries.json"
        file.write_text(json.dumps(declared))
        command = [sys.executable, str(PROGRAMS / "boto3_script.py"), verb, self.emulator.url, str(file)]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        seconds = time.perf_counter() - began
        if done.returncode:
            raise Failed(f"the boto3 script, {verb}: {_last(done.stderr)}")
        return seconds


@contextmanager
def workplace() -> Iterator[Workplace]:
    process, url = start_emulator()
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            yield Workplace(Path(folder), Emulator(url), process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def timed(stack: Stack, verb: str) -> float:
    """Seconds that a verb takes, the whole command."""
    command = stack.command(*_COMMANDS[verb], *(("--parallel", "256") if verb != PREVIEW else ()))
    env = stack.environment()
    began = time.perf_counter()
    done = subprocess.run(command, cwd=stack.directory, env=env, capture_output=True, text=True, timeout=900)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise Failed(f"pulumi {verb}: {_last(done.stdout + done.stderr)}")
    return seconds


def _last(output: str) -> str:
    """What a command said of its failure: the first error, or its last words."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (" / ".join(errors[:1] or lines[-3:]) or "it said nothing")[:500]
