"""Client tokens of exports, in each mode of the `tokens` setting."""

from __future__ import annotations

from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.emulator.emulator_harness import TOKEN, Account, ManualClock


def test_a_token_replays_a_failed_export(account: Account) -> None:
    arn = geospatial.add_job()
    account.export(arn, TOKEN, uri="s3://nowhere")
    assert account.export(arn, TOKEN, uri="s3://nowhere")["ExportStatus"] == "FAILED"


def test_a_token_is_refused_with_other_parameters_or_another_job(account: Account) -> None:
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    account.export(arn, TOKEN, key="", ExportSourceImages=False)  # the same request
    for other in ({"uri": "s3://results/other"}, {"ExportSourceImages": True}, {"arn": geospatial.add_job()}):
        request: dict[str, Any] = {"arn": arn, **other}
        code, message = account.catch_error(account.export, request.pop("arn"), TOKEN, **request)
        assert code == "ValidationException"
        assert "other parameters" in message


def test_without_a_token_each_call_starts_an_export(account: Account) -> None:
    arn = geospatial.add_job()
    account.export(arn)
    account.export(arn)
    assert geospatial.get_control().call_report()["exports"] == {arn: 2}


def test_a_token_can_be_forgotten_as_soon_as_its_export_has_ended(account: Account) -> None:
    geospatial.get_control().configure(tokens="forget")
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    assert account.export(arn, TOKEN)["ExportStatus"] == "IN_PROGRESS"
    assert geospatial.get_control().call_report()["exports"] == {arn: 2}


def test_a_token_can_be_forgotten_after_its_lifetime(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(tokens="forget", token_lifetime=60)
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    clock.advance(59)
    assert account.export(arn, TOKEN)["ExportStatus"] == "SUCCEEDED"
    clock.advance(1)
    assert account.export(arn, TOKEN)["ExportStatus"] == "IN_PROGRESS"


@pytest.mark.parametrize(("mode", "code"), [("error", "ValidationException"), ("conflict", "ConflictException")])
def test_a_used_token_can_be_an_error(account: Account, mode: str, code: str) -> None:
    geospatial.get_control().configure(tokens=mode)
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    error = account.catch_error(account.export, arn, TOKEN)
    assert error[0] == code
    assert "used already" in error[1]
