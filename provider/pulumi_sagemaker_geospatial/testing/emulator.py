"""The emulator for tests: a process of its own on a free loopback port, its jobs, its time and its faults."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

MODULE = "moto_sagemaker_geospatial"
REGION = "us-west-2"
SERVICE = "sagemaker-geospatial.amazonaws.com"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
#: Seconds for a call of the control API; long, as a busy machine may delay it.
CONTROL_TIMEOUT = 60


class EmulatorError(RuntimeError):
    """The emulator is not installed, did not start, or refused what was asked of it."""


class Emulator:
    """A running emulator.

    :param url: Where it listens.

    Attributes:
        bucket: a bucket for exports, `reset` creates it.
        role_name: a role that the service can assume, `reset` creates it.
    """

    bucket = "geospatial-exports"
    role_name = "geospatial-export"

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()  # a session makes one client at a time

    @functools.cached_property
    def _session(self) -> Any:
        """A session that reads no profile, which the machine's settings may name and which may not exist."""
        import boto3
        import botocore.session

        variables = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}
        return boto3.Session(botocore_session=botocore.session.Session(session_vars=variables))

    @property
    def role_arn(self) -> str:
        """The ARN of the role `role_name`."""
        return f"arn:aws:iam::123456789012:role/{self.role_name}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that lead boto3, and with it an export, to the emulator and nowhere else."""
        settings = {name.upper(): value for name, value in CREDENTIALS.items()}
        places = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        unproxied = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"]))
        return {
            **settings,
            **places,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": unproxied,
            "no_proxy": unproxied,
        }

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client that calls the emulator."""
        options = {"region_name": REGION, "endpoint_url": self.url, **CREDENTIALS, **options}
        with self._lock:
            return self._session.client(service, **options)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API, such as `request("GET", "calls")`, and return the decoded response.

        Raises:
            EmulatorError: the emulator refuses the request; the message says why.
        """
        return self._call(method, f"sagemaker-geospatial/{path}", body)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/moto-api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=CONTROL_TIMEOUT) as response:
                text = response.read()
        except urllib.error.HTTPError as exc:
            with exc:
                raise EmulatorError(json.loads(exc.read())["message"]) from None
        return json.loads(text) if text else None

    def reset(self) -> None:
        """Replace the account with a new one that has `bucket` and `role_arn`; forget settings, faults, calls and moved time."""
        self._call("POST", "reset")  # S3, IAM and KMS
        self.request("POST", "reset")
        self.create_bucket(self.bucket)
        self.create_role(self.role_name)
        self.request("DELETE", "calls")

    def create_bucket(self, name: str) -> None:
        """Create a bucket in the region of the service."""
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})

    def create_role(self, name: str, service: str = SERVICE) -> str:
        """Create an IAM role that a service can assume, and return its ARN."""
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return str(self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])

    def add_earth_observation_job(self, job_id: str | None = None, **job: Any) -> str:
        """Add a COMPLETED Earth observation job and return its ARN.

        :param job_id: 12 letters or digits; made up by default.
        :param job: Other fields: `name`, `status`, `objects` (files of an export), `tags`, `error_details`.
        """
        return self.add_job(job_id, **job)

    def add_vector_enrichment_job(self, job_id: str | None = None, **job: Any) -> str:
        """Add a COMPLETED vector enrichment job and return its ARN; `job_type`: MAP_MATCHING (default) or REVERSE_GEOCODING."""
        return self.add_job(job_id, **{"job_type": "MAP_MATCHING", **job})

    def add_job(self, job_id: str | None = None, **job: Any) -> str:
        """Add a job, COMPLETED by default, and return its ARN. `kind` and `job_type`: as in the emulator's `add_job`."""
        [arn] = self.request("POST", "jobs", [{"id": job_id, **job} if job_id else job])
        return str(arn)

    def configure(self, **settings: Any) -> None:
        """Change settings of the emulated service, such as `export_seconds`; see docs/emulator.md."""
        self.request("PUT", "settings", settings)

    def advance_time(self, seconds: float) -> None:
        """Move the time of the service: exports and jobs that are due by then end. S3 keeps the machine's time."""
        self.request("POST", "time", {"advance": seconds})

    def add_fault(self, operation: str, kind: str, **fault: Any) -> None:
        """Make the next calls of an operation fail.

        :param operation: Such as `ExportEarthObservationJob`, `s3:ListObjectsV2`, `sts:GetCallerIdentity`; `*`: any of the service.
        :param kind: `throttle`, `access_denied`, `internal`, `fail_export` (the export FAILS), `hang` and others; see docs/emulator.md.
        :param fault: `times` (default 1; -1: always), `arn`, `message`, `seconds` and others.
        """
        self.request("POST", "faults", {"operation": operation, "kind": kind, **fault})

    def clear_faults(self) -> None:
        """Remove all faults, and end the calls that hang."""
        self.request("DELETE", "faults")

    def call_count(self, operation: str) -> int:
        """Return how often an operation was called since the reset."""
        return int(self.request("GET", "calls")["counts"].get(operation, 0))

    def exports(self, job_arn: str) -> list[dict[str, Any]]:
        """Return the exports of a job, each with `status`, `s3_uri`, `client_token` and `creation_time`."""
        jobs: list[dict[str, Any]] = self.request("GET", "jobs")
        return next((job["exports"] for job in jobs if job["arn"] == job_arn), [])

    def list_keys(self, prefix: str = "", bucket: str = "") -> list[str]:
        """Return the keys of the objects in a bucket, by default in `bucket`."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket or self.bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]


@contextmanager
def start_emulator(*, export_seconds: float = 0, job_seconds: float = 0) -> Iterator[Emulator]:
    """Start an emulator with an account that has a bucket and a role; it ends with the block, or with this process.

    :param export_seconds: How long an export takes; 0: it is done when it is first looked at.
    :param job_seconds: The same for a job that is started.

    Raises:
        EmulatorError: it is not installed, or did not start.
    """
    if importlib.util.find_spec(MODULE) is None:
        raise EmulatorError("the emulator is not installed: pip install moto-sagemaker-geospatial")
    command = [sys.executable, "-m", MODULE, "--port", "0", "--stop-at-end-of-input"]
    command += ["--export-seconds", str(export_seconds), "--job-seconds", str(job_seconds)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_child_environment(os.environ)
    ) as process:
        try:
            yield _wait_for_start(process)
        finally:
            process.terminate()


def _wait_for_start(process: subprocess.Popen[str]) -> Emulator:
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    if not found:
        raise EmulatorError(f"the emulator did not start (exit code {process.wait()}); its message is on stderr")
    emulator = Emulator(found[0])
    emulator.reset()
    return emulator


def _child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without its settings of AWS, with the places that it imports packages from."""
    path = os.pathsep.join(filter(None, sys.path))
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    places = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return {**kept, **places, "PYTHONPATH": path}
