"""Vector enrichment jobs in process: each operation of the API, and what differs from Earth observation jobs."""

from __future__ import annotations

from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.emulator.emulator_harness import TOKEN, Account, ManualClock

KIND = "vector-enrichment-job"
INPUT = {"DataSourceConfig": {"S3Data": {"S3Uri": "s3://tables/drives.csv"}}, "DocumentType": "CSV"}
CONFIGS: dict[str, dict[str, Any]] = {
    "MAP_MATCHING": {
        "MapMatchingConfig": {
            "IdAttributeName": "drive",
            "TimestampAttributeName": "time",
            "XAttributeName": "lon",
            "YAttributeName": "lat",
        }
    },
    "REVERSE_GEOCODING": {"ReverseGeocodingConfig": {"XAttributeName": "lon", "YAttributeName": "lat"}},
}


def start_job(account: Account, job_type: str = "MAP_MATCHING", **more: Any) -> dict[str, Any]:
    request = {"Name": "drives", "ExecutionRoleArn": account.role, "InputConfig": INPUT, "JobConfig": CONFIGS[job_type]}
    response: dict[str, Any] = account.client.start_vector_enrichment_job(**{**request, **more})
    return response


@pytest.mark.parametrize("job_type", CONFIGS)
def test_a_started_job_is_described_with_its_type_and_configuration(account: Account, job_type: str) -> None:
    started = start_job(account, job_type, KmsKeyId="alias/tables", Tags={"team": "roads"})
    assert f":{KIND}/" in started["Arn"]
    assert started["Status"] == "INITIALIZING"
    found = account.get(started["Arn"])
    described = {
        name: found[name] for name in ("Name", "Type", "InputConfig", "JobConfig", "KmsKeyId", "Tags", "Status")
    }
    assert described == {
        "Name": "drives",
        "Type": job_type,
        "InputConfig": INPUT,
        "JobConfig": CONFIGS[job_type],
        "KmsKeyId": "alias/tables",
        "Tags": {"team": "roads"},
        "Status": "COMPLETED",
    }
    assert found["ExecutionRoleArn"] == account.role


def test_the_role_of_a_started_job_is_checked(account: Account) -> None:
    account.role = "arn:aws:iam::123456789012:role/nobody"
    code, message = account.catch_error(start_job, account)
    assert code == "ValidationException"
    assert "Could not assume role" in message


@pytest.mark.parametrize("job_type", CONFIGS)
def test_an_added_job_has_every_member_that_the_service_model_requires(account: Account, job_type: str) -> None:
    found = account.get(geospatial.add_job(job_type=job_type))
    output = account.client.meta.service_model.operation_model("GetVectorEnrichmentJob").output_shape
    assert set(output.required_members) <= set(found)
    assert found["Type"] == job_type


def test_each_kind_of_job_has_its_own_list(account: Account) -> None:
    tiles = geospatial.add_job()
    drives = [geospatial.add_job(job_type="MAP_MATCHING") for _ in range(2)]
    addresses = geospatial.add_job(job_type="REVERSE_GEOCODING", status="FAILED", name="addresses")
    pages = account.client.get_paginator("list_vector_enrichment_jobs").paginate(PaginationConfig={"PageSize": 2})
    listed = [job for page in pages for job in page["VectorEnrichmentJobSummaries"]]
    assert {job["Arn"]: job["Type"] for job in listed} == {
        **dict.fromkeys(drives, "MAP_MATCHING"),
        addresses: "REVERSE_GEOCODING",
    }
    failed = account.client.list_vector_enrichment_jobs(StatusEquals="FAILED")["VectorEnrichmentJobSummaries"]
    assert [job["Name"] for job in failed] == ["addresses"]
    images = account.client.list_earth_observation_jobs()["EarthObservationJobSummaries"]
    assert [(job["Arn"], job["OperationType"]) for job in images] == [(tiles, "LAND_COVER_SEGMENTATION")]


def test_a_job_is_stopped_and_deleted(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(job_seconds=4)
    arn = start_job(account)["Arn"]
    account.client.stop_vector_enrichment_job(Arn=arn)
    assert account.get(arn)["Status"] == "STOPPING"
    assert account.catch_error(account.client.delete_vector_enrichment_job, Arn=arn)[0] == "ConflictException"
    clock.advance(2)
    assert account.get(arn)["Status"] == "STOPPED"
    assert account.catch_error(account.client.stop_vector_enrichment_job, Arn=arn)[0] == "ConflictException"
    account.client.delete_vector_enrichment_job(Arn=arn)
    clock.advance(1)
    account.client.delete_vector_enrichment_job(Arn=arn)
    assert account.get(arn)["Status"] == "DELETING"
    clock.advance(1)
    code, message = account.catch_error(account.get, arn)
    assert (code, message) == ("ResourceNotFoundException", f"Vector Enrichment job with ARN {arn} does not exist.")


def test_the_error_details_of_a_failed_job_have_the_names_of_its_kind(account: Account) -> None:
    details = {"Type": "CLIENT_ERROR", "Message": "no table"}
    arn = geospatial.add_job(kind=KIND, status="FAILED", error_details=details)
    assert account.get(arn)["ErrorDetails"] == {"ErrorType": "CLIENT_ERROR", "ErrorMessage": "no table"}


def test_an_export_answers_with_its_request_and_its_files_appear(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl", kind=KIND)
    answered = account.export(arn, key="")
    assert {name: answered[name] for name in ("Arn", "ExecutionRoleArn", "ExportStatus", "OutputConfig")} == {
        "Arn": arn,
        "ExecutionRoleArn": account.role,
        "ExportStatus": "IN_PROGRESS",
        "OutputConfig": {"S3Data": {"S3Uri": "s3://results/prefix/"}},
    }
    assert "ExportSourceImages" not in answered
    assert account.export_status(arn) == "SUCCEEDED"
    names = ("links.geojson", "mapmatch_output.json", "waypoints.geojson")
    assert account.list_keys() == [f"prefix/abcdefghijkl/output/{name}" for name in names]


def test_the_error_details_of_a_failed_export_have_no_sections(account: Account) -> None:
    arn = geospatial.add_job(kind=KIND)
    control = geospatial.get_control()
    control.add_fault(operation="ExportEarthObservationJob", kind="fail_export", message="not this one")
    control.add_fault(operation="ExportVectorEnrichmentJob", kind="fail_export", message="no disk", objects=1)
    account.export(arn)
    found = account.get(arn)
    assert found["ExportStatus"] == "FAILED"
    assert found["ExportErrorDetails"] == {"Type": "CLIENT_ERROR", "Message": "no disk"}
    assert len(account.list_keys()) == 1
    account.export(arn, uri="s3://nowhere")
    assert "bucket does not exist" in account.get(arn)["ExportErrorDetails"]["Message"]


def test_a_client_token_belongs_to_one_operation(account: Account) -> None:
    tiles, drives = geospatial.add_job(), geospatial.add_job(kind=KIND)
    for arn in (tiles, drives, drives):
        account.export(arn, TOKEN)
    assert geospatial.get_control().call_report()["exports"] == {tiles: 1, drives: 1}
    first = start_job(account, ClientToken=TOKEN)
    assert start_job(account, ClientToken=TOKEN)["Arn"] == first["Arn"]
    assert account.catch_error(start_job, account, "REVERSE_GEOCODING", ClientToken=TOKEN)[0] == "ValidationException"


def test_exports_of_both_kinds_share_the_quota(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(quota=1, export_seconds=60)
    tiles, drives = geospatial.add_job(), geospatial.add_job(kind=KIND)
    account.export(tiles)
    assert account.catch_error(account.export, drives)[0] == "ServiceQuotaExceededException"
    clock.advance(60)
    account.export(drives)


def test_another_team_exports_a_job(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl", job_type="REVERSE_GEOCODING")
    geospatial.run_export(arn, "s3://results/other-team/")
    assert account.export_status(arn) == "SUCCEEDED"
    assert account.list_keys() == ["other-team/abcdefghijkl/output/results_0.csv"]
    geospatial.run_export(arn, "s3://results/other-team/", status="FAILED")
    assert account.get(arn)["ExportErrorDetails"]["Type"] == "CLIENT_ERROR"
    assert geospatial.get_control().call_report()["foreign_exports"] == {arn: 2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "x"}, "no job of kind 'x'"),
        ({"job_type": "x"}, "type 'x', but earth-observation-job: LAND_COVER_SEGMENTATION; vector-enrichment-job"),
        ({"kind": "earth-observation-job", "job_type": "MAP_MATCHING"}, "no job of kind 'earth-observation-job'"),
        ({"error_details": {"ErrorType": "x"}}, "Type and Message, not ErrorType"),
    ],
)
def test_a_job_that_the_service_does_not_have_is_not_added(
    account: Account, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        geospatial.add_job(**change)
