"""Exports in process: what they write, when they end, what is refused, and what a client token promises."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
import tifffile
from botocore.exceptions import ConnectionClosedError
from moto.moto_api import state_manager
from moto_sagemaker_geospatial.geotiff import PIXEL_DEGREES, geotiff, origin

from tests.emulator.emulator_harness import TRUST, Account, Clock

EXPORT = "sagemaker-geospatial::export"
TOKEN = "token-of-thirty-six-characters-or-so-1"


def test_an_export_writes_its_files_below_the_job_id(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl")
    assert "ExportStatus" not in account.get(arn)
    answer = account.export(arn)
    assert answer["ExportStatus"] == "SUCCEEDED"
    assert answer["Arn"] == arn
    assert account.get(arn)["ExportStatus"] == "SUCCEEDED"
    assert account.keys() == [f"prefix/abcdefghijkl/output/consolidated/tile_{n:05}.tif" for n in range(3)]


@pytest.mark.parametrize(
    ("uri", "folder"),
    [("s3://results", ""), ("s3://results/", ""), ("s3://results/a/b", "a/b/"), ("s3://results/a/b/", "a/b/")],
)
def test_a_destination_may_end_in_a_slash_or_not(account: Account, uri: str, folder: str) -> None:
    account.export(geospatial.add_job("abcdefghijkl", objects=1), uri=uri)
    assert account.keys() == [f"{folder}abcdefghijkl/output/consolidated/tile_00000.tif"]


def test_source_images_are_written_when_asked_for(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl")
    assert account.export(arn, ExportSourceImages=True)["ExportSourceImages"] is True
    assert len(account.keys("prefix/abcdefghijkl/input/")) == 2


def test_thousands_of_files_are_written(account: Account) -> None:
    account.export(geospatial.add_job(objects=2500))
    pages = account.s3.get_paginator("list_objects_v2").paginate(Bucket=account.bucket)
    assert sum(page["KeyCount"] for page in pages) == 2500


@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias arn"])
def test_the_files_are_encrypted_with_the_key(account: Account, form: str) -> None:
    key = account.kms.create_key()["KeyMetadata"]
    account.kms.create_alias(AliasName="alias/exports", TargetKeyId=key["KeyId"])
    forms = {
        "id": key["KeyId"],
        "arn": key["Arn"],
        "alias": "alias/exports",
        "alias arn": key["Arn"].replace(f"key/{key['KeyId']}", "alias/exports"),
    }
    arn = geospatial.add_job(objects=1)
    assert account.export(arn, key=forms[form])["OutputConfig"]["S3Data"]["KmsKeyId"] == forms[form]
    head = account.s3.head_object(Bucket=account.bucket, Key=account.keys()[0])
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])


def test_an_empty_key_means_none(account: Account) -> None:
    arn = geospatial.add_job(objects=1)
    assert "KmsKeyId" not in account.export(arn, key="")["OutputConfig"]["S3Data"]
    assert "SSEKMSKeyId" not in account.s3.head_object(Bucket=account.bucket, Key=account.keys()[0])


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"uri": "s3://nowhere/x"}, "bucket does not exist: nowhere"),
        ({"key": "alias/nowhere"}, "Alias 'alias/nowhere' does not exist"),
        ({"key": "11111111-2222-3333-4444-555555555555"}, "does not exist"),
    ],
)
def test_a_missing_bucket_or_key_ends_in_failed(account: Account, request_: dict[str, Any], says: str) -> None:
    arn = geospatial.add_job()
    account.export(arn, **request_)
    found = account.get(arn)
    assert found["ExportStatus"] == "FAILED"
    assert found["ExportErrorDetails"]["ExportResults"]["Type"] == "CLIENT_ERROR"
    assert says in found["ExportErrorDetails"]["ExportResults"]["Message"]
    account.export(arn)
    assert "ExportErrorDetails" not in account.get(arn)


def test_a_second_export_overwrites_and_a_versioned_bucket_keeps_both(account: Account) -> None:
    arn = geospatial.add_job(objects=1)
    account.s3.put_bucket_versioning(Bucket=account.bucket, VersioningConfiguration={"Status": "Enabled"})
    account.export(arn)
    account.export(arn)
    assert len(account.keys()) == 1
    assert len(account.s3.list_object_versions(Bucket=account.bucket)["Versions"]) == 2


def test_a_timed_export_ends_when_due_whoever_looks(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(export_seconds=300)
    arn = geospatial.add_job(objects=1)
    started = account.export(arn)["CreationTime"]
    clock.forward(299)
    assert account.get(arn)["ExportStatus"] == "IN_PROGRESS"
    assert account.keys() == []
    clock.forward(5000)
    listed = account.s3.list_objects_v2(Bucket=account.bucket)["Contents"]  # S3 first: nobody has asked the service
    assert listed[0]["LastModified"] == (started + timedelta(seconds=300)).replace(microsecond=0)
    assert account.get(arn)["ExportStatus"] == "SUCCEEDED"


def test_a_manual_export_ends_by_looks(account: Account) -> None:
    geospatial.in_use()
    state_manager.set_transition(EXPORT, {"progression": "manual", "times": 2})
    try:
        arn = geospatial.add_job()
        account.export(arn)
        assert [account.get(arn)["ExportStatus"] for _ in range(3)] == ["IN_PROGRESS", "SUCCEEDED", "SUCCEEDED"]
    finally:
        state_manager.unset_transition(EXPORT)


def test_one_export_of_a_job_at_a_time(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(export_seconds=60)
    arn = geospatial.add_job()
    account.export(arn)
    code, message = account.refused(account.export, arn, uri="s3://results/other")
    assert code == "ConflictException"
    assert arn in message
    assert account.refused(account.client.delete_earth_observation_job, Arn=arn)[0] == "ConflictException"
    clock.forward(60)
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
def test_only_a_completed_job_is_exported(account: Account, status: str, code: str) -> None:
    refused = account.refused(account.export, geospatial.add_job(status=status))
    assert refused[0] == code
    assert status in refused[1]


@pytest.mark.parametrize(
    ("trust", "says"),
    [
        (TRUST.replace("sagemaker-geospatial", "sagemaker"), "Could not assume role"),
        (json.dumps({"Version": "2012-10-17", "Statement": []}), "Could not assume role"),
    ],
)
def test_a_role_that_does_not_trust_the_service_is_refused(account: Account, trust: str, says: str) -> None:
    account.role = account.iam.create_role(RoleName="other", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code, message = account.refused(account.export, geospatial.add_job())
    assert code == "ValidationException"
    assert says in message
    assert account.role in message


def test_a_role_that_does_not_exist_or_is_of_another_account_is_refused(account: Account) -> None:
    arn = geospatial.add_job()
    account.role = "arn:aws:iam::123456789012:role/nobody"
    assert account.refused(account.export, arn)[0] == "ValidationException"
    account.role = "arn:aws:iam::999999999999:role/nobody"
    assert account.refused(account.export, arn)[0] == "AccessDeniedException"


def test_a_young_role_is_not_seen_yet(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(role_propagation=10)
    arn = geospatial.add_job()
    assert account.refused(account.export, arn)[0] == "ValidationException"
    clock.forward(15)
    account.export(arn)


def test_a_quota_holds_an_account_back(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(quota=1, export_seconds=60)
    first, second = geospatial.add_job(), geospatial.add_job()
    account.export(first)
    assert account.refused(account.export, second)[0] == "ServiceQuotaExceededException"
    clock.forward(60)
    account.export(second)


def test_a_status_may_lag_at_the_start_and_at_the_end(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(status_lag=30, export_seconds=100)
    arn = geospatial.add_job()
    seen = {}

    def look(at: int) -> None:
        seen[at] = account.get(arn).get("ExportStatus")

    account.export(arn)
    for at in range(0, 160, 20):
        look(at)
        clock.forward(20)
    assert [seen[at] for at in (0, 20, 40, 100, 120, 140)] == [None, None, *["IN_PROGRESS"] * 3, "SUCCEEDED"]
    account.export(arn)
    assert account.get(arn)["ExportStatus"] == "SUCCEEDED"  # still the export before


def test_a_lagging_end_is_not_seen_though_the_next_export_runs(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(status_lag=30, export_seconds=100)
    arn = geospatial.add_job()
    account.export(arn, uri="s3://nowhere")
    clock.forward(100)
    account.export(arn)
    assert account.get(arn)["ExportStatus"] == "IN_PROGRESS"  # still the first one, as it was 30 s ago
    clock.forward(29)
    assert account.get(arn)["ExportStatus"] == "IN_PROGRESS"
    clock.forward(1)
    assert "ExportErrorDetails" not in account.get(arn)  # now the second one


def test_a_token_replays_its_export_with_the_present_status(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(export_seconds=60)
    arn = geospatial.add_job()
    first = account.export(arn, TOKEN)
    clock.forward(30)
    assert account.export(arn, TOKEN)["ExportStatus"] == "IN_PROGRESS"
    clock.forward(30)
    again = account.export(arn, TOKEN)
    assert again["ExportStatus"] == "SUCCEEDED"
    assert {**again, "ExportStatus": 0, "ResponseMetadata": 0} == {**first, "ExportStatus": 0, "ResponseMetadata": 0}
    assert geospatial.in_use().report()["exports"] == {arn: 1}


def test_a_token_replays_a_failed_export(account: Account) -> None:
    arn = geospatial.add_job()
    account.export(arn, TOKEN, uri="s3://nowhere")
    assert account.export(arn, TOKEN, uri="s3://nowhere")["ExportStatus"] == "FAILED"


def test_a_token_refuses_another_request_and_another_job(account: Account) -> None:
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    account.export(arn, TOKEN, key="", ExportSourceImages=False)  # means the same
    for other in ({"uri": "s3://results/other"}, {"ExportSourceImages": True}, {"arn": geospatial.add_job()}):
        request: dict[str, Any] = {"arn": arn, **other}
        code, message = account.refused(account.export, request.pop("arn"), TOKEN, **request)
        assert code == "ValidationException"
        assert "other parameters" in message


def test_without_a_token_each_call_is_an_export(account: Account) -> None:
    arn = geospatial.add_job()
    account.export(arn)
    account.export(arn)
    assert geospatial.in_use().report()["exports"] == {arn: 2}


def test_a_token_may_be_forgotten_as_soon_as_its_export_has_ended(account: Account) -> None:
    geospatial.in_use().configure(tokens="forget")
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    assert account.export(arn, TOKEN)["ExportStatus"] == "SUCCEEDED"
    assert geospatial.in_use().report()["exports"] == {arn: 2}


def test_a_token_may_be_forgotten_after_a_while(account: Account, clock: Clock) -> None:
    geospatial.in_use().configure(tokens="forget", token_lifetime=60)
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    clock.forward(59)
    assert account.export(arn, TOKEN)["ExportStatus"] == "SUCCEEDED"
    clock.forward(1)
    assert account.export(arn, TOKEN)["ExportStatus"] == "SUCCEEDED"


@pytest.mark.parametrize(("mode", "code"), [("error", "ValidationException"), ("conflict", "ConflictException")])
def test_a_spent_token_may_be_an_error(account: Account, mode: str, code: str) -> None:
    geospatial.in_use().configure(tokens=mode)
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    refused = account.refused(account.export, arn, TOKEN)
    assert refused[0] == code
    assert "used already" in refused[1]


def test_a_fault_makes_one_export_fail(account: Account) -> None:
    arn = geospatial.add_job()
    geospatial.in_use().add_fault(
        operation="ExportEarthObservationJob", kind="fail_export", message="out of disk", type="SERVER_ERROR"
    )
    account.export(arn)
    assert account.get(arn)["ExportErrorDetails"] == {
        "ExportResults": {"Type": "SERVER_ERROR", "Message": "out of disk"}
    }
    account.export(arn)
    assert account.get(arn)["ExportStatus"] == "SUCCEEDED"


def test_a_cut_connection_is_botocores_in_process(account: Account) -> None:
    arn = geospatial.add_job()
    geospatial.in_use().add_fault(operation="*", kind="cut", times=-1)
    account.client.meta.events.register("needs-retry.*.*", lambda **_: None)
    with pytest.raises(ConnectionClosedError):
        account.get(arn)


def test_a_wrong_setting_or_fault_is_named(account: Account) -> None:
    control = geospatial.in_use()
    with pytest.raises(ValueError, match="no setting 'colour'"):
        control.configure(colour=1)
    with pytest.raises(ValueError, match="tokens 'x' is none of replay, forget"):
        control.configure(tokens="x")
    with pytest.raises(ValueError, match="kind 'x' is none of throttle"):
        control.add_fault(operation="*", kind="x")


def test_a_file_is_a_geotiff_in_the_right_place() -> None:
    content, _ = geotiff("abcdefghijkl", "a.tif")
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        page = tiff.pages[0]
        assert page.asarray().shape == (32, 32)
        tags = tiff.geotiff_metadata
        assert tags is not None
    west, north = origin("abcdefghijkl", "a.tif")
    assert tags["GeographicTypeGeoKey"] == 4326
    assert tags["ModelPixelScale"] == [PIXEL_DEGREES, PIXEL_DEGREES, 0.0]
    assert tags["ModelTiepoint"] == [0.0, 0.0, 0.0, west, north, 0.0]
    assert -180 < west < 180
    assert -90 < north < 90
    assert geotiff("abcdefghijkl", "a.tif")[0] == content != geotiff("abcdefghijkl", "b.tif")[0]
