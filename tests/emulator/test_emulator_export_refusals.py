"""Which exports the service refuses to start: by the job's status, the role, the quota and other exports."""

from __future__ import annotations

import json

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.emulator.emulator_harness import TRUST, Account, ManualClock


def test_a_job_has_one_export_at_a_time(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(export_seconds=60)
    arn = geospatial.add_job()
    account.export(arn)
    code, message = account.catch_error(account.export, arn, uri="s3://results/other")
    assert code == "ConflictException"
    assert arn in message
    assert account.catch_error(account.client.delete_earth_observation_job, Arn=arn)[0] == "ConflictException"
    clock.advance(60)
    account.export(arn, uri="s3://results/other")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("INITIALIZING", "ConflictException"),
        ("IN_PROGRESS", "ConflictException"),
        ("FAILED", "ValidationException"),
        ("STOPPED", "ValidationException"),
    ],
)
def test_only_a_completed_job_can_be_exported(account: Account, status: str, code: str) -> None:
    error = account.catch_error(account.export, geospatial.add_job(status=status))
    assert error[0] == code
    assert status in error[1]


@pytest.mark.parametrize(
    "trust",
    [TRUST.replace("sagemaker-geospatial", "sagemaker"), json.dumps({"Version": "2012-10-17", "Statement": []})],
)
def test_a_role_that_does_not_trust_the_service_is_refused(account: Account, trust: str) -> None:
    account.role = account.iam.create_role(RoleName="other", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code, message = account.catch_error(account.export, geospatial.add_job())
    assert code == "ValidationException"
    assert "Could not assume role" in message
    assert account.role in message


def test_a_role_that_does_not_exist_or_is_in_another_account_is_refused(account: Account) -> None:
    arn = geospatial.add_job()
    account.role = "arn:aws:iam::123456789012:role/nobody"
    assert account.catch_error(account.export, arn)[0] == "ValidationException"
    account.role = "arn:aws:iam::999999999999:role/nobody"
    assert account.catch_error(account.export, arn)[0] == "AccessDeniedException"


def test_a_new_role_is_refused_until_it_has_propagated(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(role_propagation=10)
    arn = geospatial.add_job()
    assert account.catch_error(account.export, arn)[0] == "ValidationException"
    clock.advance(15)
    account.export(arn)


def test_the_quota_limits_the_exports_in_progress(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(quota=1, export_seconds=60)
    first, second = geospatial.add_job(), geospatial.add_job()
    account.export(first)
    assert account.catch_error(account.export, second)[0] == "ServiceQuotaExceededException"
    clock.advance(60)
    account.export(second)


def test_an_export_that_is_done_at_the_first_look_leaves_the_quota_to_the_next(account: Account) -> None:
    geospatial.get_control().configure(quota=1, export_seconds=0)
    account.export(geospatial.add_job())
    account.export(geospatial.add_job())
