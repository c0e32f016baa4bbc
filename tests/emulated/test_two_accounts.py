"""The example `leave-the-service` with a stack for each account: no stack exports, reports or deletes the other account's jobs."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from pulumi.runtime import set_all_config

from tests.support.aws_names import ACCOUNT, REGION
from tests.support.command_stack import CommandStack
from tests.support.emulated_account import JOB, KEYS
from tests.support.provider_harness import FAST

OTHER_ACCOUNT = "999999999999"
PROGRAM = Path(__file__).parents[2] / "examples" / "leave-the-service" / "jobs.py"
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker-geospatial.amazonaws.com"}, "Action": "sts:AssumeRole"}
#: The jobs of each account; the first one of the first account is that of every emulated account.
JOBS = {ACCOUNT: {JOB, "lake00000001"}, OTHER_ACCOUNT: {"river0000001", "river0000002", "river0000003"}}


@pytest.fixture
def use_stack(prod: CommandStack) -> Iterator[Callable[[str], None]]:
    """Select the stack of an account: its config assumes a role in the account, and its state has no exports yet."""

    def use(account: str) -> None:
        role = json.dumps({"roleArn": f"arn:aws:iam::{account}:role/migration"})
        config = {**KEYS, **FAST, "aws:assumeRole": role, "aws:allowedAccountIds": json.dumps([account])}
        set_all_config(config)
        prod.pulumi.write_config(config)
        prod.pulumi.resources.clear()
        prod.provider.config = dict(config)
        prod.provider.restart()

    yield use
    set_all_config({})


def add_account(account: str) -> None:
    """Add jobs, an execution role and a bucket to an account."""
    s3_backends[account]["aws"].create_bucket(f"exports-{account}", REGION)
    iam_backends[account]["aws"].create_role("leaving", json.dumps({"Statement": [TRUST]}), "/", None, "", [], "3600")
    for job in JOBS[account] - {JOB}:
        geospatial.add_job(job, account)


def export_selected_jobs(prod: CommandStack, account: str) -> set[str]:
    """Export the jobs that the program selects, and return their ids."""
    selection = runpy.run_path(str(PROGRAM))["selected"]()
    assert not selection.not_exportable
    for job in selection.jobs:
        declared: dict[str, Any] = {
            "arn": job.arn,
            "execution_role_arn": f"arn:aws:iam::{account}:role/leaving",
            "output_config": {"s3_data": {"s3_uri": f"s3://exports-{account}/archive/"}},
            "save_job_metadata": True,
        }
        prod.pulumi.add_export(job.id, prod.provider.create(declared, name=job.id).outs)
    return {job.id for job in selection.jobs}


def jobs_with_objects(account: str) -> set[str]:
    """Return the ids of the jobs whose results are in an account's bucket."""
    keys = s3_backends[account]["aws"].buckets[f"exports-{account}"].keys
    return {key.split("/")[1].removesuffix(".job.json") for key in keys}


def test_each_stack_exports_reports_and_deletes_its_accounts_jobs_only(
    prod: CommandStack, use_stack: Callable[[str], None]
) -> None:
    written: dict[str, set[str]] = {}
    for account in JOBS:
        add_account(account)
        written[account] = set()
    for account, jobs in JOBS.items():
        use_stack(account)
        assert export_selected_jobs(prod, account) == jobs
        assert prod.report("--out", account).code == 0
        document = json.loads(Path(account, "report.json").read_text())
        assert document["account"] == account
        assert {each["job"] for each in document["exports"]} == {
            f"arn:aws:sagemaker-geospatial:{REGION}:{account}:earth-observation-job/{job}" for job in jobs
        }
        assert document["not_exported"] == []
        written[account] = jobs
        assert {owner: jobs_with_objects(owner) for owner in JOBS} == written
    # The stack is the other account's: its jobs are deleted, and nothing of the first account.
    assert f"deleted {len(JOBS[OTHER_ACCOUNT])} jobs" in prod.delete_jobs("--yes").out
    deleted = {
        account: {
            job.arn.rpartition("/")[2]
            for job in geospatial.sagemakergeospatial_backends[account][REGION].jobs.values()
            if job.last_status in ("DELETING", "DELETED")
        }
        for account in JOBS
    }
    assert deleted == {ACCOUNT: set(), OTHER_ACCOUNT: JOBS[OTHER_ACCOUNT]}
