"""The yardstick outside Pulumi: a script that exports jobs with boto3 and a thread pool.

python boto3_script.py up ENDPOINT ENTRIES.json         starts the exports and polls until all have ended
python boto3_script.py refresh ENDPOINT ENTRIES.json    checks that they still exist: status and objects
python boto3_script.py report ENDPOINT ENTRIES.json     makes the calls of the command `report`
python boto3_script.py delete-jobs ENDPOINT ENTRIES.json    makes the calls of the command `delete-jobs`

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


def report(geospatial: Any, s3: Any, pool: ThreadPoolExecutor, entries: list[dict[str, Any]]) -> None:
    """List all jobs of both kinds, the objects of each export, and read each job's saved metadata."""
    for kind in ("earth_observation", "vector_enrichment"):
        for _ in geospatial.get_paginator(f"list_{kind}_jobs").paginate():
            pass
    list(pool.map(lambda entry: look_at_export(s3, entry), entries))


def delete_jobs(geospatial: Any, s3: Any, pool: ThreadPoolExecutor, entries: list[dict[str, Any]]) -> None:
    """Look at each job and its export, twice as the command does, and delete the jobs."""

    def look(entry: dict[str, Any]) -> None:
        call(geospatial, "get", entry)
        look_at_export(s3, entry)

    def look_and_delete(entry: dict[str, Any]) -> None:
        look(entry)
        call(geospatial, "delete", entry)

    list(pool.map(look, entries))
    list(pool.map(look_and_delete, entries))


def call(geospatial: Any, verb: str, entry: dict[str, Any]) -> None:
    """Call an operation of the kind of job that the entry's ARN has."""
    kind = "vector_enrichment" if ":vector-enrichment-job/" in entry["arn"] else "earth_observation"
    getattr(geospatial, f"{verb}_{kind}_job")(Arn=entry["arn"])


def look_at_export(s3: Any, entry: dict[str, Any]) -> None:
    """List the objects of an export, and read the metadata of its job."""
    bucket, _, prefix = entry["output_config"]["s3_data"]["s3_uri"].removeprefix("s3://").partition("/")
    folder = f"{prefix}{entry['arn'].rpartition('/')[2]}"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{folder}/")
    if not any(page.get("Contents") for page in pages):
        sys.exit("an export does not exist any more")
    s3.get_object(Bucket=bucket, Key=f"{folder}.job.json")["Body"].read()


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
            verbs = {"refresh": refresh, "report": report, "delete-jobs": delete_jobs}
            verbs[verb](geospatial, make_client("s3", endpoint), pool, entries)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text()))
