"""What the emulator's tests are written in: an account, a clock that is told when to go, a server in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

EMULATOR = Path(__file__).parents[2] / "emulator"

REGION = "us-west-2"
KEYS: dict[str, Any] = {
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


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(timezone.utc).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Account:
    """An account with a bucket and a role, and the few things that a test does with it."""

    def __init__(self, **endpoint: Any) -> None:
        make: Any = boto3.Session(**KEYS).client
        self.client = make("sagemaker-geospatial", **endpoint)
        self.s3 = make("s3", **endpoint)
        self.iam = make("iam", **endpoint)
        self.kms = make("kms", **endpoint)
        self.bucket = "results"
        self.role = "arn:aws:iam::123456789012:role/export"

    def furnish(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.iam.create_role(RoleName="export", AssumeRolePolicyDocument=TRUST)

    def export(self, arn: str, token: str | None = None, uri: str | None = None, **more: Any) -> dict[str, Any]:
        s3_data = {"S3Uri": uri or f"s3://{self.bucket}/prefix/"}
        if "key" in more:
            s3_data["KmsKeyId"] = more.pop("key")
        if token:
            more["ClientToken"] = token
        request = {"Arn": arn, "ExecutionRoleArn": self.role, "OutputConfig": {"S3Data": s3_data}, **more}
        response: dict[str, Any] = self.client.export_earth_observation_job(**request)
        return response

    def get(self, arn: str) -> dict[str, Any]:
        response: dict[str, Any] = self.client.get_earth_observation_job(Arn=arn)
        return response

    def keys(self, prefix: str = "") -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [found["Key"] for found in listed.get("Contents", [])]

    def refused(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[str, str]:
        """The code and the message of the error that a call ends in."""
        with pytest.raises(self.client.exceptions.ClientError) as caught:
            call(*args, **kwargs)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


class Server:
    """A server in a process of its own."""

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

    def account(self) -> Account:
        return Account(endpoint_url=self.url)

    def control(self, method: str, name: str, body: Any = None) -> Any:
        status, _, answer = self.http(method, f"/moto-api/sagemaker-geospatial/{name}", body)
        assert status == 200, answer
        return answer

    def http(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, _lower(response.headers), json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _lower(error.headers), json.loads(error.read())

    def stop(self, kill: bool = False) -> tuple[int, str]:
        """Its exit code and what it said on stderr."""
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
