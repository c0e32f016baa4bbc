"""Names in the emulated AWS account, and the declarations that tests build from them."""

from __future__ import annotations

import re
from typing import Any

ACCOUNT, REGION = "123456789012", "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/eoj-export"
BUCKET = "exports"


def job_arn(job_id: str, kind: str = "earth-observation-job") -> str:
    """Return the ARN of a job of this kind."""
    return f"arn:aws:sagemaker-geospatial:{REGION}:{ACCOUNT}:{kind}/{job_id}"


def output_config(prefix: str, **s3_data: Any) -> dict[str, Any]:
    """Return the ``output_config`` that writes to a prefix of the bucket."""
    return {"s3_data": {"s3_uri": f"s3://{BUCKET}/{prefix}/", **s3_data}}


def declaration(
    name: str, job: str = "", *, prefix: str = "", kind: str = "earth-observation-job", **arguments: Any
) -> dict[str, Any]:
    """Return one export as the test program reads it; the job's id and the prefix default to the name."""
    job = job or f"{re.sub('[^a-z0-9]', '', name):0<12}"
    entry = {
        "name": name,
        "arn": job_arn(job, kind),
        "execution_role_arn": ROLE,
        "output_config": output_config(prefix or name),
    }
    return {**entry, **arguments}
