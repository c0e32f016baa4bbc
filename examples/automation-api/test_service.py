"""The HTTP interface, without an engine."""

from typing import cast

import pytest
from exports import Export, Exporter
from fastapi.testclient import TestClient
from service import create_app

JOB = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000003"
SUCCEEDED = Export("demo00000003", "succeeded", location="s3://exports/on-demand/demo00000003/")


class FakeExporter:
    """Completes each export at once."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def start(self, job_arn: str) -> Export:
        self.started.append(job_arn)
        return Export(job_arn.rpartition("/")[2], "running")

    def find(self, export_id: str) -> Export | None:
        return SUCCEEDED if self.started and export_id == SUCCEEDED.id else None


@pytest.fixture
def exporter() -> FakeExporter:
    return FakeExporter()


@pytest.fixture
def client(exporter: FakeExporter) -> TestClient:
    return TestClient(create_app(cast(Exporter, exporter)))


def test_a_job_is_exported_and_its_status_is_returned(client: TestClient, exporter: FakeExporter) -> None:
    started = client.post("/exports", json={"job_arn": JOB})
    assert (started.status_code, started.json()["status"]) == (202, "running")
    assert exporter.started == [JOB]
    found = client.get(started.headers["Location"])
    assert found.json() == {"id": SUCCEEDED.id, "status": "succeeded", "location": SUCCEEDED.location, "error": None}


@pytest.mark.parametrize("body", [{}, {"job_arn": "demo00000003"}, {"job_arn": JOB + "/../x"}])
def test_what_is_not_the_arn_of_a_job_is_refused(client: TestClient, exporter: FakeExporter, body: object) -> None:
    assert client.post("/exports", json=body).status_code == 422
    assert exporter.started == []


def test_an_export_that_does_not_exist_is_not_found(client: TestClient) -> None:
    assert client.get("/exports/demo00000003").status_code == 404
