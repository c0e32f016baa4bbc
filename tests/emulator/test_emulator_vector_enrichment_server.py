"""Vector enrichment jobs over HTTP: the members on the wire, validation, the demo, and the AWS CLI as a client."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.emulator_harness import CREDENTIALS, DEMO_BUCKET, DEMO_ROLE, PATIENCE, REGION, TOKEN, Server

ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:vector-enrichment-job/demo00000004"
EXPORT = {
    "Arn": ARN,
    "ExecutionRoleArn": DEMO_ROLE,
    "OutputConfig": {"S3Data": {"S3Uri": f"s3://{DEMO_BUCKET}/roads/"}},
}
START = {
    "Name": "addresses",
    "ExecutionRoleArn": DEMO_ROLE,
    "InputConfig": {"DataSourceConfig": {"S3Data": {"S3Uri": "s3://tables/x.csv"}}, "DocumentType": "CSV"},
    "JobConfig": {"ReverseGeocodingConfig": {"XAttributeName": "x", "YAttributeName": "y"}},
}
PATHS = {"export": "/export-vector-enrichment-jobs", "start": "/vector-enrichment-jobs"}


@pytest.fixture
def roads(server: Server) -> Server:
    """The shared server with a map matching job."""
    assert server.control("POST", "jobs", {"arn": ARN, "job_type": "MAP_MATCHING"}) == [ARN]
    return server


@pytest.mark.parametrize("path", [ARN, quote(ARN, safe="")])
def test_a_job_is_described_with_the_members_of_its_kind(roads: Server, path: str) -> None:
    status, _, body = roads.http("GET", f"/vector-enrichment-jobs/{path}")
    names = {"Arn", "CreationTime", "DurationInSeconds", "ExecutionRoleArn", "InputConfig", "JobConfig", "Name"}
    assert (status, set(body)) == (200, {*names, "Status", "Type"})
    assert roads.http("GET", f"/earth-observation-jobs/{path}")[0] == 400


def test_an_export_answers_with_its_members_only(roads: Server) -> None:
    status, _, body = roads.http("POST", PATHS["export"], {**EXPORT, "ExportSourceImages": True})
    body.pop("CreationTime")
    assert (status, body) == (200, {**EXPORT, "ExportStatus": "IN_PROGRESS"})


def test_a_list_answers_with_its_members(roads: Server) -> None:
    _, _, body = roads.http("POST", "/list-vector-enrichment-jobs", {})
    assert set(body) == {"VectorEnrichmentJobSummaries"}
    names = {"Arn", "CreationTime", "DurationInSeconds", "Name", "Status", "Type"}
    assert [set(job) for job in body["VectorEnrichmentJobSummaries"]] == [names]


@pytest.mark.parametrize(
    ("verb", "change", "member"),
    [
        ("export", {"Arn": ARN.replace("vector-enrichment", "earth-observation")}, "'Arn'"),
        ("export", {"ClientToken": "short"}, "'ClientToken'"),
        ("export", {"OutputConfig": {"S3Data": {"S3Uri": "https://x"}}}, "'OutputConfig.S3Data.S3Uri'"),
        ("start", {"Name": None}, "'Name'"),
        ("start", {"JobConfig": {}}, "'JobConfig'"),
        ("start", {"JobConfig": {**START["JobConfig"], "MapMatchingConfig": {}}}, "'JobConfig'"),  # type: ignore[dict-item]
        ("start", {"JobConfig": {"ReverseGeocodingConfig": {}}}, "'JobConfig.ReverseGeocodingConfig.XAttributeName'"),
        ("start", {"InputConfig": {"DocumentType": "CSV"}}, "'InputConfig.DataSourceConfig'"),
    ],
)
def test_a_request_is_validated_by_the_service_model(
    roads: Server, verb: str, change: dict[str, Any], member: str
) -> None:
    request = {**(EXPORT if verb == "export" else START), **change}
    status, headers, body = roads.http("POST", PATHS[verb], request)
    assert (status, headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert member in body["Message"]


def test_the_demo_has_jobs_of_both_types_that_can_be_exported(start_server: Callable[..., Server]) -> None:
    server = start_server("--demo", "--export-seconds", "0")
    account = server.account()
    jobs = account.client.list_vector_enrichment_jobs()["VectorEnrichmentJobSummaries"]
    assert sorted(job["Type"] for job in jobs) == ["MAP_MATCHING", "MAP_MATCHING", "REVERSE_GEOCODING"]
    for job in jobs:
        account.export(job["Arn"])
        assert account.export_status(job["Arn"]) == "SUCCEEDED"
    assert len(account.list_keys("prefix/")) == 3 + 3 + 1
    assert len(account.client.list_earth_observation_jobs()["EarthObservationJobSummaries"]) == 3


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not installed")
def test_the_aws_cli_calls_every_operation(roads: Server) -> None:
    def aws(command: str, **options: Any) -> Any:
        texts = {f"--{name}": value if isinstance(value, str) else json.dumps(value) for name, value in options.items()}
        arguments = [argument for option in texts.items() for argument in option]
        result = subprocess.run(
            ["aws", "sagemaker-geospatial", command, "--endpoint-url", roads.url, "--output", "json", *arguments],
            check=True,
            env={
                **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "AWS_PROFILE")},
                "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
                "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
                "AWS_DEFAULT_REGION": REGION,
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return json.loads(result.stdout) if result.stdout else None

    role = {"execution-role-arn": DEMO_ROLE}
    config = {"input-config": START["InputConfig"], "job-config": START["JobConfig"]}
    roads.control("PUT", "settings", {"job_seconds": 600})
    started = aws("start-vector-enrichment-job", name="addresses", **role, **config)
    assert (started["Type"], started["Status"]) == ("REVERSE_GEOCODING", "INITIALIZING")
    aws("stop-vector-enrichment-job", arn=started["Arn"])
    roads.control("PUT", "settings", {"job_seconds": 0})
    output = {"output-config": EXPORT["OutputConfig"], "client-token": TOKEN}
    assert aws("export-vector-enrichment-job", arn=ARN, **role, **output)["ExportStatus"] == "IN_PROGRESS"
    assert aws("get-vector-enrichment-job", arn=ARN)["ExportStatus"] == "SUCCEEDED"
    aws("delete-vector-enrichment-job", arn=ARN)
    listed = aws("list-vector-enrichment-jobs")["VectorEnrichmentJobSummaries"]
    assert [(job["Name"], job["Status"]) for job in listed] == [("addresses", "STOPPED")]
