"""ARNs of jobs and keys, and the ids that resources have in a state."""

from __future__ import annotations

import re

#: The region that the service is available in.
SERVICE_REGION = "us-west-2"

#: The ARN of a KMS key. The service model has no pattern for it.
KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")
#: What is wrong with a key that a policy is to name.
NO_KEY_ARN = "must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID; a policy cannot name an alias"

#: What the ARN of nearly every job begins with.
_DEFAULT_ARN = re.compile(rf"arn:aws:sagemaker-geospatial:{SERVICE_REGION}:(\d{{12}}):([a-z-]+)/([^/]+)")


def region_of(arn: str) -> str:
    """Return the region of an ARN; empty where there is none."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""


def job_id(arn: str) -> str:
    """Return the last part of a job's ARN."""
    return arn.rpartition("/")[2]


def to_resource_id(arn: str, arn_type: str) -> str:
    """Return ``ACCOUNT/JOB``: the ARN without what is the same in nearly all of them. Other ARNs stay as they are."""
    match = _DEFAULT_ARN.fullmatch(arn)
    return f"{match[1]}/{match[3]}" if match and match[2] == arn_type else arn


def from_resource_id(id_: str, arn_type: str) -> str:
    """Return the job's ARN of a resource's id, which may be the ARN itself."""
    account, slash, job = id_.partition("/")
    if account.startswith("arn:") or not slash:
        return id_
    return f"arn:aws:sagemaker-geospatial:{SERVICE_REGION}:{account}:{arn_type}/{job}"
