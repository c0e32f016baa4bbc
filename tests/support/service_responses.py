"""Responses of the service as boto3 returns them, for the one job and the one request of the unit tests."""

from __future__ import annotations

from typing import Any

from tests.support.aws_names import BUCKET, ROLE, job_arn
from tests.support.declarations import JOB
from tests.support.recorded_exports import START

ARN = job_arn(JOB)
VECTOR_ARN = job_arn(JOB, "vector-enrichment-job")
OUTPUT_CONFIG = {"S3Data": {"S3Uri": f"s3://{BUCKET}/lake/"}}
STARTED: dict[str, Any] = {
    "Arn": ARN,
    "CreationTime": START,
    "ExecutionRoleArn": ROLE,
    "ExportSourceImages": True,
    "ExportStatus": "IN_PROGRESS",
    "OutputConfig": OUTPUT_CONFIG,
}
VECTOR_STARTED: dict[str, Any] = {**STARTED, "Arn": VECTOR_ARN, "ExportSourceImages": None}
DESCRIBED = {"Arn": ARN, "Status": "FAILED", "ErrorDetails": {"Type": "CLIENT_ERROR", "Message": "no images"}}
SUMMARY = {
    "Arn": ARN,
    "CreationTime": START,
    "DurationInSeconds": 60,
    "Name": "lake",
    "OperationType": "LAND_COVER_SEGMENTATION",
    "Status": "COMPLETED",
    "Tags": {"team": "water"},
}


def job_summary(job_id: str, **fields: Any) -> dict[str, Any]:
    """Return a job as a listing tells it."""
    return {**SUMMARY, "Arn": job_arn(job_id), **fields}


def page_of(*summaries: dict[str, Any], kind: str = "EarthObservation", following: Any = None) -> dict[str, Any]:
    """Return a page of a listing of jobs; ``following``: the token of the next page."""
    token = {} if following is None else {"NextToken": following}
    return {f"{kind}JobSummaries": list(summaries), **token}
