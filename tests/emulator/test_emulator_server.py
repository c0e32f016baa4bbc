"""The server on the wire: responses, errors, validation, S3, time-based transitions, its start and its end."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import moto_sagemaker_geospatial as geospatial
import pytest
from moto.core.base_backend import BackendDict
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto_sagemaker_geospatial.server import is_loopback

from tests.emulator.emulator_harness import (
    DEMO_ARN,
    DEMO_BUCKET,
    DEMO_EXPORT,
    DEMO_JOB_PATH,
    DEMO_ROLE,
    EMULATOR,
    PATIENCE,
    Account,
    Server,
    wait_until,
)

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ERRORS = {
    "access_denied": (403, "AccessDeniedException"),
    "conflict": (409, "ConflictException"),
    "internal": (500, "InternalServerException"),
    "not_found": (404, "ResourceNotFoundException"),
    "quota": (402, "ServiceQuotaExceededException"),
    "throttle": (429, "ThrottlingException"),
    "validation": (400, "ValidationException"),
}


@pytest.mark.parametrize(
    "path", [DEMO_ARN, quote(DEMO_ARN, safe=""), DEMO_ARN.replace(":", "%3A"), DEMO_ARN.replace("/", "%2F")]
)
def test_an_arn_in_the_path_can_be_encoded(server: Server, path: str) -> None:
    status, headers, body = server.http("GET", f"/earth-observation-jobs/{path}")
    assert (status, headers["content-type"], body["Arn"]) == (200, "application/json", DEMO_ARN)
    assert "x-amzn-requestid" in headers


def test_optional_fields_are_absent_and_times_are_date_times(server: Server) -> None:
    _, _, body = server.http("GET", DEMO_JOB_PATH)
    names = {"Arn", "CreationTime", "DurationInSeconds", "InputConfig", "JobConfig", "Name", "Status"}
    assert set(body) == names
    assert DATE_TIME.fullmatch(body["CreationTime"])
    assert DATE_TIME.fullmatch(body["InputConfig"]["RasterDataCollectionQuery"]["TimeRangeFilter"]["StartTime"])


def test_an_export_answers_with_the_fields_of_the_api_page(server: Server) -> None:
    status, _, body = server.http("POST", "/export-earth-observation-job", DEMO_EXPORT)
    assert status == 200
    assert DATE_TIME.fullmatch(body.pop("CreationTime"))
    assert body == {**DEMO_EXPORT, "ExportStatus": "IN_PROGRESS"}
    assert server.http("GET", DEMO_JOB_PATH)[2]["ExportStatus"] == "SUCCEEDED"


def test_a_list_answers_with_its_fields(server: Server) -> None:
    _, _, body = server.http("POST", "/list-earth-observation-jobs", {})
    assert set(body) == {"EarthObservationJobSummaries"}
    names = {"Arn", "CreationTime", "DurationInSeconds", "Name", "OperationType", "Status"}
    assert set(body["EarthObservationJobSummaries"][0]) == names


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_of_the_api_page_has_its_status_and_type(server: Server, kind: str) -> None:
    server.add_fault("ExportEarthObservationJob", kind, message="because")
    status, headers, body = server.http("POST", "/export-earth-observation-job", DEMO_EXPORT)
    assert (status, headers["x-amzn-errortype"]) == ERRORS[kind]
    assert body["Message"] == "because"
    assert server.control("GET", "faults") == []


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"Arn": "nonsense"}, "'Arn'"),
        ({"Arn": None}, "'Arn'"),
        ({"ExecutionRoleArn": "arn:aws:iam::1:role/x"}, "'ExecutionRoleArn'"),
        ({"ExecutionRoleArn": f"{DEMO_ROLE}\n"}, "'ExecutionRoleArn'"),
        ({"ClientToken": "short"}, "'ClientToken'"),
        ({"ClientToken": "x" * 65}, "'ClientToken'"),
        ({"ExportSourceImages": "yes"}, "'ExportSourceImages'"),
        ({"OutputConfig": {}}, "'OutputConfig.S3Data'"),
        ({"OutputConfig": "s3://x"}, "'OutputConfig'"),
        ({"OutputConfig": {"S3Data": {"S3Uri": "https://x"}}}, "'OutputConfig.S3Data.S3Uri'"),
        ({"OutputConfig": {"S3Data": {"S3Uri": "s3://x", "KmsKeyId": "k" * 2049}}}, "'OutputConfig.S3Data.KmsKeyId'"),
    ],
)
def test_an_export_is_validated_by_the_service_model(server: Server, change: dict[str, Any], member: str) -> None:
    status, headers, body = server.http("POST", "/export-earth-observation-job", {**DEMO_EXPORT, **change})
    assert (status, headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert member in body["Message"]


@pytest.mark.parametrize(
    ("body", "member"),
    [({"MaxResults": 21}, "'MaxResults'"), ({"StatusEquals": "DONE"}, "'StatusEquals'"), (["x"], "structure")],
)
def test_a_list_is_validated_by_the_service_model(server: Server, body: Any, member: str) -> None:
    status, _, response = server.http("POST", "/list-earth-observation-jobs", body)
    assert status == 400
    assert member in response["Message"]


@pytest.mark.parametrize("time", ["yesterday", 1e30])
def test_a_time_that_is_none_is_refused(server: Server, time: Any) -> None:
    query = {"TimeRangeFilter": {"StartTime": time, "EndTime": "2023-02-01T00:00:00Z"}}
    request = {"InputConfig": {"RasterDataCollectionQuery": query}}
    status, _, body = server.http("POST", "/earth-observation-jobs", request)
    assert status == 400
    assert "TimeRangeFilter.StartTime' failed to satisfy constraint: Member must be a timestamp" in body["Message"]


@pytest.mark.parametrize("path", ["/export-earth-observation-job", "/moto-api/sagemaker-geospatial/faults"])
def test_a_body_is_read_as_json_whatever_its_content_type(server: Server, path: str) -> None:
    form = urllib.request.Request(server.url + path, b"[]", method="POST")
    form.add_header("Content-Type", "application/x-www-form-urlencoded")
    try:
        with urllib.request.urlopen(form, timeout=PATIENCE) as response:
            content = response.read()
    except urllib.error.HTTPError as error:
        with error:
            content = error.read()
    assert content == b"[]" or b"Member must be a structure" in content


def test_an_object_without_content_is_written(server: Server) -> None:
    s3 = server.account(retries=False).s3
    s3.put_object(Bucket=DEMO_BUCKET, Key="_SUCCESS", Body=b"")
    assert s3.head_object(Bucket=DEMO_BUCKET, Key="_SUCCESS")["ContentLength"] == 0


def test_s3_works_as_in_the_server_of_moto(server: Server) -> None:
    s3 = server.account().s3
    key = "a folder//ü+%41.txt"
    s3.put_object(Bucket=DEMO_BUCKET, Key=key, Body=b"x", Metadata={"under_score": "1", "da-sh": "2"})
    response = s3.get_object(Bucket=DEMO_BUCKET, Key=key)
    assert response["Body"].read() == b"x"
    assert response["Metadata"] == {"under_score": "1", "da-sh": "2"}
    s3.upload_fileobj(io.BytesIO(b"y" * 9_000_000), DEMO_BUCKET, "large")
    assert s3.head_object(Bucket=DEMO_BUCKET, Key="large")["ContentLength"] == 9_000_000
    s3.delete_objects(Bucket=DEMO_BUCKET, Delete={"Objects": [{"Key": key}, {"Key": "large"}]})
    assert server.control("GET", "calls")["counts"]["s3:DeleteObjects"] == 1


def test_exports_and_jobs_take_time_by_default_and_after_a_reset(start_server: Callable[..., Server]) -> None:
    server = start_server("--demo")
    for _ in range(2):
        settings = server.control("GET", "settings")
        assert (settings["export_seconds"], settings["job_seconds"]) == (2, 4)
        account = server.account()
        assert account.export(DEMO_ARN)["ExportStatus"] == "IN_PROGRESS"
        wait_until(lambda: len(account.list_keys("prefix/")) == 3)  # noqa: B023  # called within the round
        assert account.export_status(DEMO_ARN) == "SUCCEEDED"
        server.control("PUT", "settings", {"export_seconds": 0, "job_seconds": 0})
        server.control("POST", "reset")
        server.control("POST", "jobs", {"arn": DEMO_ARN})
        account.s3.delete_objects(
            Bucket=DEMO_BUCKET, Delete={"Objects": [{"Key": key} for key in account.list_keys("prefix/")]}
        )


def test_the_default_durations_are_options_of_the_command(start_server: Callable[..., Server]) -> None:
    server = start_server("--demo", "--export-seconds", "600", "--job-seconds", "0.5")
    for _ in range(2):
        settings = server.control("GET", "settings")
        assert (settings["export_seconds"], settings["job_seconds"]) == (600, 0.5)
        server.control("POST", "reset")
    server.control("POST", "jobs", {"arn": DEMO_ARN})
    account = server.account()
    account.export(DEMO_ARN)
    assert account.export_status(DEMO_ARN) == "IN_PROGRESS"


def test_a_posted_job_keeps_its_status_unless_a_duration_is_set(start_server: Callable[..., Server]) -> None:
    server = start_server("--job-seconds", "0.01")
    arn = server.control("POST", "jobs", {"status": "IN_PROGRESS"})[0]
    account = server.account()
    other = server.control("POST", "jobs", {"status": "STOPPING"})[0]
    assert account.get(arn)["Status"] == "IN_PROGRESS"
    server.control("PUT", "settings", {"job_seconds": 0.02})
    wait_until(lambda: account.get(arn)["Status"] == "COMPLETED")
    wait_until(lambda: account.get(other)["Status"] == "STOPPED")


def test_s3_lists_an_export_that_takes_no_time_before_any_call_of_the_service(server: Server) -> None:
    account = server.account()
    assert account.export(DEMO_ARN)["ExportStatus"] == "IN_PROGRESS"
    assert len(account.list_keys("prefix/demo00000001/")) == 3


def test_a_port_in_use_is_reported_in_one_sentence(server: Server) -> None:
    command = [sys.executable, "-m", "moto_sagemaker_geospatial", "--port", str(server.port)]
    result = subprocess.run(
        command, check=False, env={"PYTHONPATH": str(EMULATOR)}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{server.port}" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [([], "192.0.2.1 is not a loopback address"), (["--allow-remote"], "Cannot listen on 192.0.2.1")],
)
def test_an_address_that_other_machines_reach_needs_a_flag(flags: list[str], message: str) -> None:
    command = [sys.executable, "-m", "moto_sagemaker_geospatial", "--host", "192.0.2.1", *flags]
    result = subprocess.run(
        command, check=False, env={"PYTHONPATH": str(EMULATOR)}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(message)


def test_every_address_of_this_machine_alone_is_loopback() -> None:
    hosts = {"127.0.0.1": True, "127.1.2.3": True, "localhost": True, "::1": True, "0.0.0.0": False, "::": False}
    assert {host: is_loopback(host) for host in hosts} == hosts


def test_the_help_documents_the_default_durations() -> None:
    command = [sys.executable, "-m", "moto_sagemaker_geospatial", "--help"]
    result = subprocess.run(
        command, check=True, env={"PYTHONPATH": str(EMULATOR)}, capture_output=True, text=True, timeout=PATIENCE
    )
    text = " ".join(result.stdout.split())
    assert "how long an export takes (default: 2; 0: done when first looked at)" in text
    assert "how long a job takes (default: 4; 0: done when first looked at)" in text


def test_the_server_of_moto_knows_the_service() -> None:
    moto_server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto_server.start()
    try:
        account = Account(endpoint_url=f"http://127.0.0.1:{moto_server.get_host_and_port()[1]}")
        account.seed_account()
        arn = geospatial.add_job()
        account.export(arn)
        assert account.export_status(arn) == "SUCCEEDED"
        assert account.catch_error(account.get, f"{arn}x")[0] == "ResourceNotFoundException"
    finally:
        moto_server.stop()
        BackendDict.reset()
