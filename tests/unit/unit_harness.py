"""What the unit tests stand on: declarations, clocks that take no time, and the rooms of one process on the emulator."""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
import moto_sagemaker_geospatial as geospatial
from moto.s3.models import s3_backends
from moto_sagemaker_geospatial.control import Control
from pulumi.output import Unknown
from pulumi_sagemaker_geospatial import CallFailed
from pulumi_sagemaker_geospatial.account import Account
from pulumi_sagemaker_geospatial.declared import Plan
from pulumi_sagemaker_geospatial.exports import Exports, Outcome, Wanted
from pulumi_sagemaker_geospatial.limits import Pace, Poller
from pulumi_sagemaker_geospatial.request import Request
from pulumi_sagemaker_geospatial.service import PASSING, Job, Service
from pulumi_sagemaker_geospatial.starting import World

ACCOUNT, REGION, BUCKET = "123456789012", "us-west-2", "exports"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/eoj-export"
TOKEN = "a-token-of-the-users-own-of-40-characters"
KEYS = {"aws:accessKey": "test", "aws:secretKey": "test", "aws:maxRetries": "0"}
FIRST_FILE = "output/consolidated/tile_00000.tif"


def arn(job: str = "lake00000000") -> str:
    return f"arn:aws:sagemaker-geospatial:{REGION}:{ACCOUNT}:earth-observation-job/{job}"


def inputs(job: str = "lake00000000", prefix: str = "lake", **more: Any) -> dict[str, Any]:
    """A declaration as `check` is given it."""
    return {
        "arn": arn(job),
        "execution_role_arn": ROLE,
        "output_config": {"s3_data": {"s3_uri": f"s3://{BUCKET}/{prefix}/"}},
        **more,
    }


def request(job: str = "lake00000000", prefix: str = "lake", **more: Any) -> Request:
    return Request.of(inputs(job, prefix, **more))


#: A value that is known after the update alone, as the host hands it on.
UNKNOWN_YET: Any = Unknown()  # type: ignore[no-untyped-call]


class FakeClock:
    """A clock that stands still until somebody waits, and then is where the wait ends."""

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if event.is_set():
            return True
        self.pass_by(seconds)
        return False


class HastyClock:
    """The machine's clock, a hundred times as fast."""

    SPEED = 100.0

    def now(self) -> float:
        return time.monotonic() * self.SPEED

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds / self.SPEED)


@dataclass
class Rooms:
    """The exports of one process on the emulator, with what was said, and the hand of somebody else in the bucket."""

    config: dict[str, Any] = field(default_factory=lambda: dict(KEYS))
    adopts: bool = True
    interval: float = 2.0
    clock: HastyClock = field(default_factory=HastyClock)
    stopped: threading.Event = field(default_factory=threading.Event)
    reports: list[str] = field(default_factory=list)
    informed: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = Account(self.config.get, self.warned.append)
        self.service = Service(self.account, Pace(100_000, self.clock, self.stopped))
        self.poller: Poller[Job] = Poller(self._look, self.interval, self.clock, self.stopped)
        self.exports = Exports(self.service, self.poller, self.adopts)

    def _look(self, job: str) -> Job | None:
        try:
            return self.service.look(job)
        except CallFailed as exc:
            if exc.code in PASSING:
                return None
            raise

    def world(self, timeout: float = 600.0) -> World:
        return World(
            clock=self.clock,
            stopped=self.stopped,
            deadline=self.clock.now() + timeout,
            report=self.reports.append,
            inform=self.informed.append,
            warn=self.warned.append,
        )

    def create(self, wanted: Wanted | None = None, plan: Plan | None = None, timeout: float = 600.0) -> Outcome:
        return self.exports.create(wanted or Wanted(request()), plan or Plan(), self.world(timeout))

    def stop(self) -> None:
        self.stopped.set()
        self.poller.release()

    @property
    def control(self) -> Control:
        return geospatial.in_use()

    def calls(self, operation: str = "ExportEarthObservationJob") -> int:
        return self.control.counts[operation]

    def started(self, job: str = "lake00000000") -> int:
        return self.control.exports[arn(job)]


@functools.cache
def client(service: str) -> Any:
    made: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION).client
    return made(service)


def furnish() -> None:
    """The account: a bucket, a role that the service may take, and one finished job."""
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    add_role("eoj-export")
    geospatial.in_use()
    geospatial.add_job("lake00000000")


def add_role(name: str, principal: Mapping[str, str] | None = None) -> str:
    trusted = principal or {"Service": "sagemaker-geospatial.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])


def age(seconds: float = 3600.0, took: float = 300.0) -> None:
    """All that was exported so far was exported so long ago, and took five minutes."""
    by = timedelta(seconds=seconds)
    for job in geospatial.sagemakergeospatial_backends[ACCOUNT][REGION].jobs.values():
        for export in job.exports:
            export.creation_time -= by + timedelta(seconds=took)
            export.since -= by
    for key in s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys.values():
        key.last_modified -= by


def put(name: str, body: bytes = b"by somebody else", job: str = "lake00000000", prefix: str = "lake") -> None:
    client("s3").put_object(Bucket=BUCKET, Key=f"{prefix}/{job}/{name}", Body=body)


def take(name: str, job: str = "lake00000000", prefix: str = "lake") -> None:
    client("s3").delete_object(Bucket=BUCKET, Key=f"{prefix}/{job}/{name}")


def names(prefix: str = "lake/lake00000000/") -> list[str]:
    listed = client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [each["Key"].removeprefix(prefix) for each in listed]
