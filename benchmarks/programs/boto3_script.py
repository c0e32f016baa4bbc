"""The yardstick: a script that exports jobs with boto3 and threads, as a good engineer would write it for one evening.

python boto3_script.py up ENDPOINT ENTRIES.json         starts the exports and polls them to their end
python boto3_script.py refresh ENDPOINT ENTRIES.json    looks whether they are still there: status and objects
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

WIDTH = 32
POLL_SECONDS = 1.0


def up(geospatial: Any, pool: ThreadPoolExecutor, entries: list[dict[str, Any]]) -> None:
    def start(entry: dict[str, Any]) -> tuple[str, str]:
        answer = geospatial.export_earth_observation_job(
            Arn=entry["arn"],
            ExecutionRoleArn=entry["execution_role_arn"],
            OutputConfig={"S3Data": {"S3Uri": entry["output_config"]["s3_data"]["s3_uri"]}},
        )
        return answer["Arn"], answer["ExportStatus"]

    def look(arn: str) -> tuple[str, str]:
        answer = geospatial.get_earth_observation_job(Arn=arn)
        return arn, answer.get("ExportStatus", "IN_PROGRESS")

    seen = dict(pool.map(start, entries))
    waiting = [arn for arn, status in seen.items() if status == "IN_PROGRESS"]
    while waiting:
        began = time.monotonic()
        seen.update(pool.map(look, waiting))
        waiting = [arn for arn in waiting if seen[arn] == "IN_PROGRESS"]
        if waiting:
            time.sleep(max(0.0, POLL_SECONDS - (time.monotonic() - began)))
    failed = [arn for arn, status in seen.items() if status != "SUCCEEDED"]
    if failed:
        sys.exit(f"{len(failed)} exports have not SUCCEEDED, first {failed[0]}")


def refresh(geospatial: Any, s3: Any, pool: ThreadPoolExecutor, entries: list[dict[str, Any]]) -> None:
    def look(entry: dict[str, Any]) -> bool:
        answer = geospatial.get_earth_observation_job(Arn=entry["arn"])
        bucket, _, prefix = entry["output_config"]["s3_data"]["s3_uri"].removeprefix("s3://").partition("/")
        folder = f"{prefix}{entry['arn'].rpartition('/')[2]}/"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
        return answer.get("ExportStatus") == "SUCCEEDED" and any(page.get("Contents") for page in pages)

    if not all(pool.map(look, entries)):
        sys.exit("an export is gone")


def client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name="us-west-2",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(max_pool_connections=WIDTH, retries={"mode": "standard", "max_attempts": 5}),
    )


def main(verb: str, endpoint: str, entries: list[dict[str, Any]]) -> None:
    geospatial = client("sagemaker-geospatial", endpoint)
    with ThreadPoolExecutor(WIDTH) as pool:
        if verb == "up":
            up(geospatial, pool, entries)
        else:
            refresh(geospatial, client("s3", endpoint), pool, entries)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text()))
