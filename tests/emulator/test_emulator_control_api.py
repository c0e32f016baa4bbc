"""The control API over HTTP: settings, faults, calls, jobs and reset."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.emulator.emulator_harness import DEMO_ARN, DEMO_EXPORT, DEMO_JOB_PATH, Server


def test_calls_are_counted_and_logged(server: Server) -> None:
    token = "t" * 40
    for _ in range(2):
        server.http("POST", "/export-earth-observation-job", {**DEMO_EXPORT, "ClientToken": token})
    server.http("GET", DEMO_JOB_PATH)
    report = server.control("GET", "calls")
    assert report["counts"] == {"ExportEarthObservationJob": 2, "GetEarthObservationJob": 1}
    assert (report["exports"], report["foreign_exports"]) == ({DEMO_ARN: 1}, {})
    assert report["peak_per_second"] in (1, 2, 3)
    first = report["calls"][0]
    assert (first["operation"], first["arn"], first["status"], first["token"]) == (
        "ExportEarthObservationJob",
        DEMO_ARN,
        200,
        token,
    )
    assert server.control("DELETE", "calls")["counts"] == {}


def test_jobs_are_added_over_http(server: Server) -> None:
    details = {"Type": "SERVER_ERROR", "Message": "x"}
    failed = {"id": "abcdefghijkl", "name": "n", "status": "FAILED", "error_details": details, "tags": {"a": "b"}}
    arns = server.control("POST", "jobs", [failed, {}])
    assert arns[0].endswith("/abcdefghijkl")
    assert len(arns) == 2
    body = server.http("GET", f"/earth-observation-jobs/{arns[0]}")[2]
    assert (body["Status"], body["ErrorDetails"], body["Tags"]) == ("FAILED", details, {"a": "b"})
    assert {job["arn"] for job in server.control("GET", "jobs")} == {DEMO_ARN, *arns}


def test_the_exports_of_a_job_are_listed_with_their_tokens_and_times(server: Server) -> None:
    started = server.http("POST", "/export-earth-observation-job", {**DEMO_EXPORT, "ClientToken": "t" * 40})[2]
    [recorded] = server.control("GET", "jobs")[0]["exports"]
    assert recorded["client_token"] == "t" * 40
    assert recorded["s3_uri"].startswith("s3://")
    created, responded = recorded["creation_time"], started["CreationTime"].replace("Z", "+00:00")
    assert datetime.fromisoformat(created).replace(microsecond=0) == datetime.fromisoformat(responded).replace(
        microsecond=0
    )


def test_jobs_of_each_kind_are_added_over_http(server: Server) -> None:
    arn = DEMO_ARN.replace("earth-observation", "vector-enrichment")
    added = server.control("POST", "jobs", [{"arn": arn}, {"job_type": "REVERSE_GEOCODING"}])
    assert added[0] == arn
    types = {job["arn"]: job["job_type"] for job in server.control("GET", "jobs")}
    assert types == {DEMO_ARN: "LAND_COVER_SEGMENTATION", arn: "MAP_MATCHING", added[1]: "REVERSE_GEOCODING"}


@pytest.mark.parametrize(
    ("method", "name", "body", "status", "message"),
    [
        ("PUT", "settings", {"colour": 1}, 400, "no setting 'colour'"),
        ("PUT", "settings", {"quota": -1}, 400, "quota -1"),
        ("PUT", "settings", {"calls_per_second": "5"}, 400, "calls_per_second '5'"),
        ("PUT", "settings", [], 400, "JSON object"),
        ("POST", "faults", {"operation": "*", "kind": "x"}, 400, "kind 'x'"),
        ("POST", "faults", {"operation": "*", "kind": "respond", "status": "x"}, 400, "status 'x'"),
        ("POST", "jobs", {"status": "x"}, 400, "status 'x'"),
        ("POST", "jobs", {"id": "x"}, 400, "job id 'x'"),
        ("POST", "jobs", {"objects": -1}, 400, "objects -1 is not a whole number of 0 or more"),
        ("POST", "jobs", None, 400, "JSON object"),
        ("POST", "jobs", {"arn": DEMO_ARN, "job_type": "MAP_MATCHING"}, 400, "kind 'earth-observation-job'"),
        ("POST", "jobs", {"arn": "nonsense"}, 400, "'nonsense' is not the ARN of a job"),
        ("POST", "jobs", {"arn": DEMO_ARN.replace("123456789012", "999999999999")}, 400, "not of account"),
        ("POST", "jobs", {"tags": [1]}, 400, "tags [1] is not an object of strings"),
        ("POST", "jobs", {"tags": {"a": 1}}, 400, "tags {'a': 1} is not an object of strings"),
        ("POST", "jobs", {"name": 5}, 400, "name 5 is not a string"),
        ("POST", "jobs", {"error_details": [1]}, 400, "error_details [1] is not an object of strings"),
        ("POST", "jobs", {"arn": 5}, 400, "5 is not the ARN of a job"),
        (
            "POST",
            "jobs",
            {"foo": 1},
            400,
            "a job has no field foo: it has arn, error_details, id, job_type, kind, name, ",
        ),
        ("POST", "exports", {"arn": DEMO_ARN}, 400, "an export needs the field s3_uri"),
        ("POST", "exports", {"s3_uri": "s3://x"}, 400, "an export needs the field arn"),
        (
            "POST",
            "exports",
            {"arn": DEMO_ARN, "uri": "s3://x"},
            400,
            "an export has no field uri: it has arn, objects, ",
        ),
        ("POST", "exports", {"arn": [], "s3_uri": "s3://x"}, 400, "[] is not the ARN of a job"),
        ("POST", "faults", {"kind": "drop_before"}, 400, "a fault needs the field operation"),
        (
            "POST",
            "faults",
            {"operation": "*", "kind": "hang", "foo": 1},
            400,
            "a fault has no field foo: it has after, arn, ",
        ),
        ("POST", "faults", {"operation": "*", "kind": "conflict", "message": 5}, 400, "message 5 is not a string"),
        ("POST", "faults", {"operation": "*", "kind": "conflict", "arn": 5}, 400, "arn 5 is not a string"),
        ("POST", "exports", {"arn": DEMO_ARN, "s3_uri": "x"}, 400, "s3_uri 'x'"),
        ("POST", "exports", {"arn": f"{DEMO_ARN}x", "s3_uri": "s3://x"}, 400, "not a COMPLETED job"),
        ("GET", "nothing", None, 404, "settings"),
        ("PUT", "jobs", None, 405, "GET or POST"),
    ],
)
def test_an_invalid_request_is_refused_with_its_reason(
    server: Server, method: str, name: str, body: Any, status: int, message: str
) -> None:
    found, _, response = server.http(method, f"/moto-api/sagemaker-geospatial/{name}", body)
    assert found == status
    assert message in response["message"]
    assert "()" not in response["message"]
    assert server.http("POST", "/list-earth-observation-jobs", {})[0] == 200


def test_settings_are_read_written_and_reset(server: Server) -> None:
    assert server.control("GET", "settings")["objects"] == 3
    assert server.control("PUT", "settings", {"objects": 7, "quota": 2})["objects"] == 7
    server.control("POST", "reset")
    assert server.control("GET", "settings")["objects"] == 3


def test_faults_are_listed_with_all_their_fields(server: Server) -> None:
    server.add_fault("s3", "hang")
    assert server.control("GET", "faults") == [
        {
            "operation": "s3",
            "kind": "hang",
            "arn": None,
            "message": None,
            "type": "CLIENT_ERROR",
            "seconds": 600.0,
            "times": 1,
            "objects": 0,
            "status": 200,
            "body": "",
            "content_type": None,
            "headers": {},
            "after": False,
            "probability": 1.0,
            "seed": 0,
        }
    ]
    assert server.control("DELETE", "faults") == []
