"""Client for the emulator: AWS clients that call it, and its control API (settings, faults, jobs, call log)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.support.aws_names import BUCKET, REGION, job_arn

CHECKOUT = Path(__file__).resolve().parents[2]
#: Seconds for a call to the control API; long, as a busy machine may delay it.
CONTROL_TIMEOUT = 60


@dataclass
class Emulator:
    """The emulator at ``url``."""

    url: str

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client that calls the emulator."""
        credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        options = {"region_name": REGION, "endpoint_url": self.url, **credentials, **options}
        return boto3.client(service, **options)  # type: ignore[call-overload]

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API and return the decoded response."""
        request = urllib.request.Request(
            f"{self.url}/moto-api/sagemaker-geospatial/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=CONTROL_TIMEOUT) as response:
            text = response.read()
        return json.loads(text) if text else None

    def configure(self, **settings: Any) -> None:
        """Change settings of the emulated service."""
        self.request("PUT", "settings", settings)

    def hold_exports(self) -> None:
        """Keep new exports IN_PROGRESS until `release_exports`."""
        self.configure(export_seconds=3600)

    def release_exports(self) -> None:
        """Complete all running exports, and new ones at once."""
        self.configure(export_seconds=0, job_seconds=0)

    def add_fault(self, operation: str, kind: str, **fault: Any) -> None:
        """Make the next calls of an operation fail."""
        self.request("POST", "faults", {"operation": operation, "kind": kind, **fault})

    def clear_faults(self) -> None:
        self.request("DELETE", "faults")

    def add_job(self, job_id: str, **job: Any) -> str:
        """Add a job, COMPLETED by default, and return its ARN. `kind` and `job_type`: as in the emulator's `add_job`."""
        [arn] = self.request("POST", "jobs", [{"id": job_id, **job}])
        return str(arn)

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

    def list_keys(self, prefix: str = "", bucket: str = BUCKET) -> list[str]:
        """Return the keys of the objects in a bucket."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def reset(self) -> None:
        """Replace the account with a new one that has a bucket and an execution role."""
        urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/moto-api/reset", method="POST"), timeout=CONTROL_TIMEOUT
        ).close()
        self.request("POST", "reset")
        self.configure(export_seconds=0, job_seconds=0)
        self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.create_role("eoj-export")
        self.clear_calls()

    def create_role(self, name: str, service: str = "sagemaker-geospatial.amazonaws.com") -> str:
        """Create an IAM role that the service can assume, and return its ARN."""
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        response = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        return str(response["Role"]["Arn"])


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
