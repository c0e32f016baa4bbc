"""An AWS account of the emulator in process: what is in it, and what others do to it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import boto3
import moto_sagemaker_geospatial as geospatial
from moto.s3.models import s3_backends

from tests.support.aws_names import ACCOUNT, BUCKET, REGION
from tests.support.declarations import JOB as JOB
from tests.support.declarations import PREFIX as PREFIX
from tests.support.declarations import TOKEN as TOKEN
from tests.support.declarations import export_request as export_request
from tests.support.declarations import inputs as inputs

#: The stack config of emulated tests.
KEYS = {"aws:accessKey": "test", "aws:secretKey": "test", "aws:maxRetries": "0"}
FIRST_FILE = "output/consolidated/tile_00000.tif"


@functools.cache
def client(service: str) -> Any:
    """Return a boto3 client of the account's administrator."""
    session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return session.client(service)


def seed_account() -> None:
    """Create a bucket, a role that the service may assume, and one finished Earth observation job."""
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    create_role("eoj-export")
    geospatial.get_control()
    add_job(JOB)


def add_job(job_id: str, kind: str = "earth-observation-job", **job: Any) -> str:
    """Add a job of either kind, COMPLETED by default, and return its ARN."""
    return geospatial.add_job(job_id, kind=kind, **job)


def delete_job(arn: str) -> None:
    """Delete a job of either kind."""
    service, kind = client("sagemaker-geospatial"), arn.split(":")[5].partition("/")[0]
    getattr(service, f"delete_{kind.replace('-', '_')}")(Arn=arn)


def create_role(name: str, principal: Mapping[str, str] | None = None) -> str:
    """Create a role that a principal may assume, the service by default, and return its ARN."""
    trusted = principal or {"Service": "sagemaker-geospatial.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])


def backdate(seconds: float = 3600.0, took: float = 300.0) -> None:
    """Move all exports and objects into the past: they ended ``seconds`` ago, and took five minutes."""
    by = timedelta(seconds=seconds)
    for job in geospatial.sagemakergeospatial_backends[ACCOUNT][REGION].jobs.values():
        for export in job.exports:
            export.creation_time -= by + timedelta(seconds=took)
            export.entered_at -= by
    for key in s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys.values():
        key.last_modified -= by


def put_object(name: str, body: bytes = b"by somebody else", job: str = JOB, prefix: str = PREFIX) -> None:
    """Write an object into an export's folder as somebody else."""
    client("s3").put_object(Bucket=BUCKET, Key=f"{prefix}/{job}/{name}", Body=body)


def delete_object(name: str, job: str = JOB, prefix: str = PREFIX) -> None:
    """Delete an object from an export's folder as somebody else."""
    client("s3").delete_object(Bucket=BUCKET, Key=f"{prefix}/{job}/{name}")


def list_names(prefix: str = f"{PREFIX}/{JOB}/") -> list[str]:
    """Return the names of everything below a prefix, relative to it."""
    listed = client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [each["Key"].removeprefix(prefix) for each in listed]


def exports_started() -> int:
    """Return how many exports the service has started."""
    return sum(geospatial.get_control().exports.values())
