"""Harness for the tests of the emulator: an account, a clock that tests advance, and a server in its own process."""

from __future__ import annotations

import functools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

EMULATOR = Path(__file__).parents[2] / "emulator"

REGION = "us-west-2"
CREDENTIALS: dict[str, Any] = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "example",
    "region_name": REGION,
}
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker-geospatial.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
TOKEN = "token-of-thirty-six-characters-or-so-1"
# What the server's --demo contains, and a request to export its first job.
DEMO_BUCKET = "eoj-exports-demo"
DEMO_ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000001"
DEMO_ROLE = "arn:aws:iam::123456789012:role/eoj-export"
DEMO_JOB_PATH = f"/earth-observation-jobs/{DEMO_ARN}"
DEMO_EXPORT = {
    "Arn": DEMO_ARN,
    "ExecutionRoleArn": DEMO_ROLE,
    "OutputConfig": {"S3Data": {"S3Uri": f"s3://{DEMO_BUCKET}/x/"}},
}
PATIENCE = 60.0  # seconds that a test waits for something to happen, on a machine under load


@functools.cache
def _session() -> boto3.Session:
    """One session for all clients: it loads the service models once."""
    return boto3.Session(**CREDENTIALS)


class ManualClock:
    """A clock that stands still until a test advances it."""

    def __init__(self) -> None:
        self.now = datetime.now(timezone.utc).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Account:
    """An account with a bucket and a role, and the calls that tests make. It makes no retries if `retries` is False."""

    def __init__(self, retries: bool = True, timeout: float = 60.0, **endpoint: Any) -> None:
        client: Any = _session().client
        config = Config(read_timeout=timeout, retries=None if retries else {"total_max_attempts": 1})
        self.client = client("sagemaker-geospatial", config=config, **endpoint)
        self.s3 = client("s3", config=config, **endpoint)
        self.iam = client("iam", config=config, **endpoint)
        self.kms = client("kms", config=config, **endpoint)
        self.sts = client("sts", config=config, **endpoint)
        self.bucket = "results"
        self.role = "arn:aws:iam::123456789012:role/export"

    def seed_account(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.iam.create_role(RoleName="export", AssumeRolePolicyDocument=TRUST)

    def export(
        self, arn: str, token: str | None = None, uri: str | None = None, key: str | None = None, **more: Any
    ) -> dict[str, Any]:
        s3_data = {"S3Uri": uri or f"s3://{self.bucket}/prefix/"}
        if key is not None:
            s3_data["KmsKeyId"] = key
        if token:
            more["ClientToken"] = token
        request = {"Arn": arn, "ExecutionRoleArn": self.role, "OutputConfig": {"S3Data": s3_data}, **more}
        return self.call("export", **request)

    def get(self, arn: str) -> dict[str, Any]:
        return self.call("get", Arn=arn)

    def call(self, verb: str, **request: Any) -> dict[str, Any]:
        """Call an operation of the kind of job whose ARN the request has."""
        kind = "vector_enrichment" if ":vector-enrichment-job/" in request["Arn"] else "earth_observation"
        response: dict[str, Any] = getattr(self.client, f"{verb}_{kind}_job")(**request)
        return response

    def export_status(self, arn: str) -> str | None:
        """The job's ExportStatus, None where it is absent."""
        return self.get(arn).get("ExportStatus")

    def list_keys(self, prefix: str = "") -> list[str]:
        response = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [each["Key"] for each in response.get("Contents", [])]

    def catch_error(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[str, str]:
        """The code and the message of the error that a call raises."""
        with pytest.raises(self.client.exceptions.ClientError) as caught:
            call(*args, **kwargs)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


class Server:
    """A server in its own process."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-W", "error", "-m", "moto_sagemaker_geospatial", "--port", "0", *options]
        environment = {**os.environ, "PYTHONPATH": str(EMULATOR)}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), self.process.communicate()
        self.url = line.split()[-1]
        self.port = int(self.url.rpartition(":")[2])

    def account(self, **options: Any) -> Account:
        account = Account(endpoint_url=self.url, **options)
        account.bucket, account.role = DEMO_BUCKET, DEMO_ROLE
        return account

    def control(self, method: str, name: str, body: Any = None) -> Any:
        status, _, response = self.http(method, f"/moto-api/sagemaker-geospatial/{name}", body)
        assert status == 200, response
        return response

    def add_fault(self, operation: str, kind: str, **fault: Any) -> None:
        self.control("POST", "faults", {"operation": operation, "kind": kind, **fault})

    def http(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON body of the response to a request that is not signed."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, _lower(response.headers), json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _lower(error.headers), json.loads(error.read())

    def connect(self, method: str, path: str) -> socket.socket:
        """A connection that has sent a request."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()
        )
        return connection

    def wait_for_calls(self, operation: str, count: int = 1) -> None:
        """Wait until the server has received that many calls of an operation."""
        wait_until(lambda: self.control("GET", "calls")["counts"].get(operation, 0) >= count)

    def stop(self, kill: bool = False) -> tuple[int, str]:
        """Its exit code and its standard error."""
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


def receive_all(connection: socket.socket) -> bytes:
    """Everything that the server sends before it closes the connection."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition does not hold"
        time.sleep(0.02)


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
