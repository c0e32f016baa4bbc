"""Client for the emulator: AWS clients that call it, and its control API (settings, faults, jobs, call log)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi_sagemaker_geospatial import testing

from tests.support.aws_names import BUCKET, job_arn

CHECKOUT = Path(__file__).resolve().parents[2]


class Emulator(testing.Emulator):
    """The emulator of the testing kit, with an account that the tests share names with."""

    bucket = BUCKET
    role_name = "eoj-export"

    def hold_exports(self) -> None:
        """Keep new exports IN_PROGRESS until `release_exports`."""
        self.configure(export_seconds=3600)

    def release_exports(self) -> None:
        """Complete all running exports, and new ones at once."""
        self.configure(export_seconds=0, job_seconds=0)

    def add_jobs(self, declarations: Iterable[Mapping[str, Any]]) -> None:
        """Add a COMPLETED job for each declaration."""
        self.request("POST", "jobs", [{"arn": each["arn"]} for each in declarations])

    def call_report(self) -> dict[str, Any]:
        """Return the call log: each call, counts by operation, exports by job, and the peak rate."""
        report: dict[str, Any] = self.request("GET", "calls")
        return report

    def call_count(self, operation: str = "ExportEarthObservationJob") -> int:
        return int(self.call_report()["counts"].get(operation, 0))

    def exports_started(self, job: str | None = None) -> int:
        """Return how many exports the service started, of all jobs or of one: its ARN, or an Earth observation job's id."""
        exports = self.call_report()["exports"]
        if job is None:
            return sum(exports.values())
        return int(exports.get(job if job.startswith("arn:") else job_arn(job), 0))

    def clear_calls(self) -> None:
        self.request("DELETE", "calls")

    def reset(self) -> None:
        """Replace the account with a new one that has a bucket and an execution role."""
        super().reset()
        self.configure(export_seconds=0, job_seconds=0)


def start_emulator(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start the emulator in its own process, and return the process and the URL once it accepts connections."""
    command = [sys.executable, "-m", "moto_sagemaker_geospatial", "--port", "0", *arguments]
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "emulator")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, f"the emulator printed no URL: {line!r}"
    return process, found[0]
