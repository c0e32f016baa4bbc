"""Exports of another team: `run_export` in process and POST exports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.emulator.emulator_harness import DEMO_ARN, DEMO_BUCKET, TOKEN, Account, ManualClock, Server

OTHER_URI = "s3://results/other-team/"


def test_a_foreign_export_runs_for_its_seconds_and_writes_its_files(account: Account, clock: ManualClock) -> None:
    arn = geospatial.add_job("abcdefghijkl")
    geospatial.run_export(arn, OTHER_URI, seconds=45, objects=2)
    clock.advance(44)
    assert account.export_status(arn) == "IN_PROGRESS"
    assert account.list_keys() == []
    clock.advance(600)
    objects = account.s3.list_objects_v2(Bucket=account.bucket)["Contents"]
    assert [each["Key"] for each in objects] == [
        f"other-team/abcdefghijkl/output/consolidated/tile_{number:05}.tif" for number in range(2)
    ]
    assert objects[0]["LastModified"] == clock.now - timedelta(seconds=599)
    assert account.export_status(arn) == "SUCCEEDED"


def test_a_foreign_export_without_seconds_is_done_at_the_first_look(account: Account) -> None:
    geospatial.get_control().configure(export_seconds=300, objects=4)
    arn = geospatial.add_job()
    geospatial.run_export(arn, OTHER_URI)
    assert len(account.list_keys("other-team/")) == 4
    assert account.export_status(arn) == "SUCCEEDED"


@pytest.mark.parametrize(("objects", "written"), [(None, 0), (2, 2)])
def test_a_failed_foreign_export_leaves_the_requested_objects(
    account: Account, objects: int | None, written: int
) -> None:
    arn = geospatial.add_job()
    geospatial.run_export(arn, OTHER_URI, status="FAILED", objects=objects)
    assert account.export_status(arn) == "FAILED"
    assert len(account.list_keys("other-team/")) == written


def test_a_foreign_export_hides_the_status_of_ours_but_not_our_token(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(export_seconds=10)
    arn = geospatial.add_job()
    account.export(arn, TOKEN)
    clock.advance(10)
    geospatial.run_export(arn, OTHER_URI, status="FAILED", seconds=5)
    assert account.export_status(arn) == "IN_PROGRESS"
    clock.advance(5)
    assert account.export_status(arn) == "FAILED"
    assert account.export(arn, TOKEN)["ExportStatus"] == "SUCCEEDED"


def test_foreign_exports_are_counted_apart(account: Account) -> None:
    arn = geospatial.add_job()
    geospatial.run_export(arn, OTHER_URI)
    account.export(arn)
    report = geospatial.get_control().call_report()
    assert (report["exports"], report["foreign_exports"]) == ({arn: 1}, {arn: 1})
    assert report["counts"]["ExportEarthObservationJob"] == 1
    geospatial.get_control().forget_calls()
    assert geospatial.get_control().call_report()["foreign_exports"] == {}


def test_a_foreign_export_and_ours_exclude_each_other(account: Account, clock: ManualClock) -> None:
    geospatial.get_control().configure(export_seconds=10)
    arn = geospatial.add_job()
    account.export(arn)
    with pytest.raises(ValueError, match="is being exported already"):
        geospatial.run_export(arn, OTHER_URI)
    clock.advance(10)
    geospatial.run_export(arn, OTHER_URI, seconds=10)
    assert account.catch_error(account.export, arn)[0] == "ConflictException"
    with pytest.raises(ValueError, match="is being exported already"):
        geospatial.run_export(arn, OTHER_URI)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arn": "nonsense"}, "'nonsense' is not the ARN of a job"),
        ({"arn": DEMO_ARN}, "is not a COMPLETED job"),
        ({"s3_uri": "results/x"}, "does not start with s3://"),
        ({"status": "IN_PROGRESS"}, "status 'IN_PROGRESS' is none of SUCCEEDED, FAILED"),
        ({"seconds": -1}, "seconds -1"),
        ({"objects": 1.5}, "objects 1.5"),
    ],
)
def test_an_invalid_foreign_export_is_refused(account: Account, change: dict[str, Any], message: str) -> None:
    request: dict[str, Any] = {"arn": geospatial.add_job(), "s3_uri": OTHER_URI, **change}
    with pytest.raises(ValueError, match=message):
        geospatial.run_export(**request)


def test_a_job_that_is_not_completed_has_no_foreign_exports(account: Account) -> None:
    with pytest.raises(ValueError, match="is not a COMPLETED job"):
        geospatial.run_export(geospatial.add_job(status="IN_PROGRESS"), OTHER_URI)


def test_foreign_exports_are_posted_over_http(server: Server) -> None:
    export = {"arn": DEMO_ARN, "s3_uri": f"s3://{DEMO_BUCKET}/other-team", "seconds": 600}
    assert server.control("POST", "exports", export) == [DEMO_ARN]
    assert server.account().export_status(DEMO_ARN) == "IN_PROGRESS"
    status, _, body = server.http("POST", "/moto-api/sagemaker-geospatial/exports", [export])
    assert (status, body) == (400, {"message": f"{DEMO_ARN} is being exported already"})
    [recorded] = server.control("GET", "jobs")[0]["exports"]
    assert recorded.pop("creation_time")
    assert recorded == {"status": "IN_PROGRESS", "s3_uri": export["s3_uri"], "client_token": None, "foreign": True}
    report = server.control("GET", "calls")
    assert (report["exports"], report["foreign_exports"]) == ({}, {DEMO_ARN: 1})
