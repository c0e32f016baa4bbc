"""The yardstick outside Pulumi: a script that exports jobs with boto3 and a thread pool.

python boto3_script.py up ENDPOINT ENTRIES.json         starts the exports and polls until all have ended
python boto3_script.py refresh ENDPOINT ENTRIES.json    checks that they still exist: status and objects

It polls at once after the starts, since the service never answers a new export with anything but IN_PROGRESS.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

MAX_CONCURRENT_CALLS = 32
POLL_INTERVAL = 1.0


def up(geospatial: Any, pool: ThreadPoolExecutor, entries: list[dict[str, Any]]) -> None:
    """Start all exports and poll them. Exits with a message if one has FAILED."""

    def start(entry: dict[str, Any]) -> tuple[str, str]:
        response = geospatial.export_earth_observation_job(
            Arn=entry["arn"],
            ExecutionRoleArn=entry["execution_role_arn"],
            OutputConfig={"S3Data": {"S3Uri": entry["output_config"]["s3_data"]["s3_uri"]}},
        )
        return response["Arn"], response["ExportStatus"]

    def poll(arn: str) -> tuple[str, str]:
        response = geospatial.get_earth_observation_job(Arn=arn)
        return arn, response.get("ExportStatus", "IN_PROGRESS")

    statuses = dict(pool.map(start, entries))
    pending = [arn for arn, status in statuses.items() if status == "IN_PROGRESS"]
    while pending:
        started = time.monotonic()
        statuses.update(pool.map(poll, pending))
        pending = [arn for arn in pending if statuses[arn] == "IN_PROGRESS"]
        if pending:
            time.sleep(max(0.0, POLL_INTERVAL - (time.monotonic() - started)))
    failed = [arn for arn, status in statuses.items() if status != "SUCCEEDED"]
    if failed:
        sys.exit(f"{len(failed)} exports did not end as SUCCEEDED, the first is {failed[0]}")


def refresh(geospatial: Any, s3: Any, pool: ThreadPoolExecutor, entries: list[dict[str, Any]]) -> None:
    """Check status and objects of all exports. Exits with a message if one is missing."""

    def exists(entry: dict[str, Any]) -> bool:
        response = geospatial.get_earth_observation_job(Arn=entry["arn"])
        bucket, _, prefix = entry["output_config"]["s3_data"]["s3_uri"].removeprefix("s3://").partition("/")
        folder = f"{prefix}{entry['arn'].rpartition('/')[2]}/"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
        return response.get("ExportStatus") == "SUCCEEDED" and any(page.get("Contents") for page in pages)

    if not all(pool.map(exists, entries)):
        sys.exit("an export does not exist any more")


def make_client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name="us-west-2",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(max_pool_connections=MAX_CONCURRENT_CALLS, retries={"mode": "standard", "max_attempts": 5}),
    )


def main(verb: str, endpoint: str, entries: list[dict[str, Any]]) -> None:
    geospatial = make_client("sagemaker-geospatial", endpoint)
    with ThreadPoolExecutor(MAX_CONCURRENT_CALLS) as pool:
        if verb == "up":
            up(geospatial, pool, entries)
        else:
            refresh(geospatial, make_client("s3", endpoint), pool, entries)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text()))
