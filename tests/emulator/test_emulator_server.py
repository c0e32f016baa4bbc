"""The server: what stands on the wire, errors, faults, control, and S3 beside it."""

from __future__ import annotations

import http.client
import io
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import moto_sagemaker_geospatial as geospatial
import pytest
from moto.core.base_backend import BackendDict
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.emulator.emulator_harness import EMULATOR, Account, Server

ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000001"
ROLE = "arn:aws:iam::123456789012:role/eoj-export"
PATH = f"/earth-observation-jobs/{ARN}"
EXPORT = {"Arn": ARN, "ExecutionRoleArn": ROLE, "OutputConfig": {"S3Data": {"S3Uri": "s3://eoj-exports-demo/x/"}}}
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


@pytest.mark.parametrize("path", [ARN, quote(ARN, safe=""), ARN.replace(":", "%3A"), ARN.replace("/", "%2F")])
def test_an_arn_in_the_path_may_be_encoded(server: Server, path: str) -> None:
    status, headers, body = server.http("GET", f"/earth-observation-jobs/{path}")
    assert (status, headers["content-type"], body["Arn"]) == (200, "application/json", ARN)
    assert "x-amzn-requestid" in headers


def test_optional_fields_are_absent_and_times_are_date_times(server: Server) -> None:
    _, _, body = server.http("GET", PATH)
    names = {"Arn", "CreationTime", "DurationInSeconds", "InputConfig", "JobConfig", "Name", "Status"}
    assert set(body) == names
    assert DATE_TIME.fullmatch(body["CreationTime"])
    assert DATE_TIME.fullmatch(body["InputConfig"]["RasterDataCollectionQuery"]["TimeRangeFilter"]["StartTime"])


def test_an_export_answers_with_the_pages_fields(server: Server) -> None:
    status, _, body = server.http("POST", "/export-earth-observation-job", EXPORT)
    assert status == 200
    assert DATE_TIME.fullmatch(body.pop("CreationTime"))
    assert body == {**EXPORT, "ExportStatus": "SUCCEEDED"}
    assert server.http("GET", PATH)[2]["ExportStatus"] == "SUCCEEDED"


def test_a_list_answers_with_its_fields(server: Server) -> None:
    _, _, body = server.http("POST", "/list-earth-observation-jobs", {})
    assert set(body) == {"EarthObservationJobSummaries"}
    names = {"Arn", "CreationTime", "DurationInSeconds", "Name", "OperationType", "Status"}
    assert set(body["EarthObservationJobSummaries"][0]) == names


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_of_the_page_is_on_the_wire(server: Server, kind: str) -> None:
    server.control("POST", "faults", {"operation": "ExportEarthObservationJob", "kind": kind, "message": "because"})
    status, headers, body = server.http("POST", "/export-earth-observation-job", EXPORT)
    assert (status, headers["x-amzn-errortype"]) == ERRORS[kind]
    assert body["Message"] == "because"
    assert server.control("GET", "faults") == []


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"Arn": "nonsense"}, "'Arn'"),
        ({"Arn": None}, "'Arn'"),
        ({"ExecutionRoleArn": "arn:aws:iam::1:role/x"}, "'ExecutionRoleArn'"),
        ({"ExecutionRoleArn": f"{ROLE}\n"}, "'ExecutionRoleArn'"),
        ({"ClientToken": "short"}, "'ClientToken'"),
        ({"ClientToken": "x" * 65}, "'ClientToken'"),
        ({"ExportSourceImages": "yes"}, "'ExportSourceImages'"),
        ({"OutputConfig": {}}, "'OutputConfig.S3Data'"),
        ({"OutputConfig": "s3://x"}, "'OutputConfig'"),
        ({"OutputConfig": {"S3Data": {"S3Uri": "https://x"}}}, "'OutputConfig.S3Data.S3Uri'"),
        ({"OutputConfig": {"S3Data": {"S3Uri": "s3://x", "KmsKeyId": "k" * 2049}}}, "'OutputConfig.S3Data.KmsKeyId'"),
    ],
)
def test_a_request_is_checked_by_the_service_model(server: Server, change: dict[str, Any], member: str) -> None:
    status, headers, body = server.http("POST", "/export-earth-observation-job", {**EXPORT, **change})
    assert (status, headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert member in body["Message"]


@pytest.mark.parametrize(
    ("body", "member"),
    [({"MaxResults": 21}, "'MaxResults'"), ({"StatusEquals": "DONE"}, "'StatusEquals'"), (["x"], "structure")],
)
def test_a_wrong_list_is_refused(server: Server, body: Any, member: str) -> None:
    status, _, answer = server.http("POST", "/list-earth-observation-jobs", body)
    assert status == 400
    assert member in answer["Message"]


def raw(server: Server, method: str, path: str) -> bytes:
    """Everything that the server sends before it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


@pytest.mark.parametrize("path", ["/export-earth-observation-job", "/moto-api/sagemaker-geospatial/faults"])
def test_a_body_is_json_whatever_the_client_calls_it(server: Server, path: str) -> None:
    form = urllib.request.Request(server.url + path, b"[]", method="POST")
    form.add_header("Content-Type", "application/x-www-form-urlencoded")
    try:
        with urllib.request.urlopen(form, timeout=10) as response:
            answer = response.read()
    except urllib.error.HTTPError as error:
        with error:
            answer = error.read()
    assert answer == b"[]" or b"Member must be a structure" in answer


def test_a_cut_connection_closes_without_a_byte(server: Server) -> None:
    server.control("POST", "faults", {"operation": "GetEarthObservationJob", "kind": "cut", "arn": ARN})
    assert raw(server, "GET", PATH) == b""
    assert server.http("GET", PATH)[0] == 200
    assert [call["status"] for call in server.control("GET", "calls")["calls"]] == [0, 200]


def test_a_call_that_is_cut_after_was_carried_out(server: Server) -> None:
    server.control("POST", "faults", {"operation": "*", "kind": "cut_after"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        server.http("POST", "/export-earth-observation-job", EXPORT)
    assert server.http("GET", PATH)[2]["ExportStatus"] == "SUCCEEDED"


def test_a_call_may_be_slow(server: Server) -> None:
    server.control("POST", "faults", {"operation": "*", "kind": "latency", "seconds": 0.3})
    began = time.monotonic()
    server.http("GET", PATH)
    assert time.monotonic() - began >= 0.3


def test_a_fault_strikes_as_often_as_it_was_asked_for(server: Server) -> None:
    server.control("POST", "faults", [{"operation": "*", "kind": "throttle", "times": 2}])
    assert [server.http("GET", PATH)[0] for _ in range(3)] == [429, 429, 200]
    server.control("POST", "faults", [{"operation": "*", "kind": "throttle", "times": -1}])
    assert [server.http("GET", PATH)[0] for _ in range(3)] == [429, 429, 429]
    server.control("DELETE", "faults")
    assert server.http("GET", PATH)[0] == 200


def test_s3_has_faults_too(server: Server) -> None:
    account = server.account()
    server.control("POST", "faults", {"operation": "s3:ListObjectsV2", "kind": "access_denied", "times": -1})
    code, _ = account.refused(account.s3.list_objects_v2, Bucket="eoj-exports-demo")
    assert code == "AccessDenied"
    account.s3.head_bucket(Bucket="eoj-exports-demo")
    server.control("DELETE", "faults")
    server.control("POST", "faults", {"operation": "s3", "kind": "throttle"})
    account.s3.list_objects_v2(Bucket="eoj-exports-demo")  # botocore has tried again
    counts = server.control("GET", "calls")["counts"]
    assert counts["s3:ListObjectsV2"] == 3
    assert counts["s3:HeadBucket"] == 1


def test_calls_are_counted(server: Server) -> None:
    token = "t" * 40
    for _ in range(2):
        server.http("POST", "/export-earth-observation-job", {**EXPORT, "ClientToken": token})
    server.http("GET", PATH)
    calls = server.control("GET", "calls")
    assert calls["counts"] == {"ExportEarthObservationJob": 2, "GetEarthObservationJob": 1}
    assert calls["exports"] == {ARN: 1}
    assert calls["peak_per_second"] == 3
    first = calls["calls"][0]
    assert (first["operation"], first["arn"], first["status"], first["token"]) == (
        "ExportEarthObservationJob",
        ARN,
        200,
        token,
    )
    assert server.control("DELETE", "calls")["counts"] == {}


def test_jobs_are_made_over_http(server: Server) -> None:
    details = {"Type": "SERVER_ERROR", "Message": "x"}
    asked = [{"id": "abcdefghijkl", "name": "n", "status": "FAILED", "error_details": details, "tags": {"a": "b"}}, {}]
    arns = server.control("POST", "jobs", asked)
    assert arns[0].endswith("/abcdefghijkl")
    assert len(arns) == 2
    body = server.http("GET", f"/earth-observation-jobs/{arns[0]}")[2]
    assert (body["Status"], body["ErrorDetails"], body["Tags"]) == ("FAILED", details, {"a": "b"})
    assert {job["arn"] for job in server.control("GET", "jobs")} == {ARN, *arns}


@pytest.mark.parametrize(
    ("method", "name", "body", "status", "says"),
    [
        ("PUT", "settings", {"colour": 1}, 400, "no setting 'colour'"),
        ("PUT", "settings", {"quota": -1}, 400, "quota -1"),
        ("PUT", "settings", [], 400, "JSON object"),
        ("POST", "faults", {"operation": "*", "kind": "x"}, 400, "kind 'x'"),
        ("POST", "faults", {"kind": "cut"}, 400, "operation"),
        ("POST", "jobs", {"status": "x"}, 400, "status 'x'"),
        ("POST", "jobs", None, 400, "JSON object"),
        ("POST", "jobs", {"arn": ARN.replace("123456789012", "999999999999")}, 400, "not of account"),
        ("GET", "nothing", None, 404, "settings"),
        ("PUT", "jobs", None, 405, "GET or POST"),
    ],
)
def test_wrong_control_is_named(server: Server, method: str, name: str, body: Any, status: int, says: str) -> None:
    found, _, answer = server.http(method, f"/moto-api/sagemaker-geospatial/{name}", body)
    assert found == status
    assert says in answer["message"]


def test_settings_are_read_and_written(server: Server) -> None:
    assert server.control("GET", "settings")["objects"] == 3
    assert server.control("PUT", "settings", {"objects": 7, "quota": 2})["objects"] == 7
    server.control("POST", "reset")
    assert server.control("GET", "settings")["objects"] == 3


def test_a_timed_export_ends_by_itself(server: Server) -> None:
    server.control("PUT", "settings", {"export_seconds": 0.5})
    account = server.account()
    account.client.export_earth_observation_job(**EXPORT)
    assert account.get(ARN)["ExportStatus"] == "IN_PROGRESS"
    time.sleep(0.6)
    assert account.get(ARN)["ExportStatus"] == "SUCCEEDED"


def test_s3_works_as_in_motos_own_server(server: Server) -> None:
    s3 = server.account().s3
    bucket, key = "eoj-exports-demo", "a folder//ü+%41.txt"
    s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata={"under_score": "1", "da-sh": "2"})
    found = s3.get_object(Bucket=bucket, Key=key)
    assert found["Body"].read() == b"x"
    assert found["Metadata"] == {"under_score": "1", "da-sh": "2"}
    s3.upload_fileobj(io.BytesIO(b"y" * 9_000_000), bucket, "large")
    assert s3.head_object(Bucket=bucket, Key="large")["ContentLength"] == 9_000_000
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}, {"Key": "large"}]})
    assert server.control("GET", "calls")["counts"]["s3:DeleteObjects"] == 1


def test_a_port_in_use_is_a_sentence(server: Server) -> None:
    command = [sys.executable, "-m", "moto_sagemaker_geospatial", "--port", str(server.port)]
    ended = subprocess.run(
        command, check=False, env={"PYTHONPATH": str(EMULATOR)}, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{server.port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_ends_quietly_and_at_once(start_server: Callable[..., Server]) -> None:
    server = start_server()
    server.control("POST", "faults", {"operation": "*", "kind": "latency", "seconds": 60})
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", PATH)
    time.sleep(0.2)
    began = time.monotonic()
    assert server.stop() == (0, "")
    assert time.monotonic() - began < 2
    connection.close()


def test_motos_own_server_knows_the_service() -> None:
    moto_server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto_server.start()
    try:
        account = Account(endpoint_url=f"http://127.0.0.1:{moto_server.get_host_and_port()[1]}")
        account.furnish()
        arn = geospatial.add_job()
        account.export(arn)
        assert account.get(arn)["ExportStatus"] == "SUCCEEDED"
        assert account.refused(account.get, f"{arn}x")[0] == "ResourceNotFoundException"
    finally:
        moto_server.stop()
        BackendDict.reset()
