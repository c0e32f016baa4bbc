"""The demo account: a bucket, a role, a key and finished jobs of each kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from .authorization import BUCKET_ACTIONS, KEY_ACTIONS, OBJECT_ACTIONS, SERVICE
from .kinds import KINDS
from .models import sagemakergeospatial_backends

REGION = "us-west-2"
BUCKET = "eoj-exports-demo"
ROLE = "eoj-export"
KEY_ALIAS = "alias/eoj-exports"
JOBS: dict[str, dict[str, Any]] = {
    "demo00000001": {"name": "lake-mead-2022"},
    "demo00000002": {"name": "lake-mead-2023"},
    "demo00000003": {"name": "lake-mead-2024"},
    "demo00000004": {"name": "deliveries-2023", "job_type": "MAP_MATCHING"},
    "demo00000005": {"name": "deliveries-2024", "job_type": "MAP_MATCHING"},
    "demo00000006": {"name": "customers-2024", "job_type": "REVERSE_GEOCODING"},
}


def create_account() -> None:
    """Add the parts of the demo that are missing to moto's default account."""
    account = DEFAULT_ACCOUNT_ID
    s3 = s3_backends[account]["aws"]
    if BUCKET not in s3.buckets:
        s3.create_bucket(BUCKET, REGION)
    iam = iam_backends[account]["aws"]
    if not any(role.name == ROLE for role in iam.get_roles()):
        _create_role()
    kms = kms_backends[account][REGION]
    if not kms.alias_exists(KEY_ALIAS):
        key = kms.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "Results of Earth observation jobs", None)
        kms.create_alias(key.id, KEY_ALIAS)
    geospatial = sagemakergeospatial_backends[account][REGION]
    present = {job.job_id for job in geospatial.jobs.values()}
    for job_id, job in JOBS.items():
        if job_id not in present:
            geospatial.add_job(job_id, **job)


def _create_role() -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
    grants = [
        (OBJECT_ACTIONS, f"arn:aws:s3:::{BUCKET}/*"),
        (BUCKET_ACTIONS, f"arn:aws:s3:::{BUCKET}"),
        ([f"sagemaker-geospatial:{kind.operation('Get')}" for kind in KINDS], "*"),
        (KEY_ACTIONS, "*"),
    ]
    permissions = [{"Effect": "Allow", "Action": actions, "Resource": resource} for actions, resource in grants]
    backend = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_role(ROLE, _policy(trust), "/", None, "Exports of Earth observation jobs", [], None)
    backend.put_role_policy(ROLE, "export", _policy(*permissions))


def _policy(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
