"""What is in the file with a job's description."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from pulumi_sagemaker_geospatial._export.job_metadata import metadata_document
from pulumi_sagemaker_geospatial._export.state import JobMetadata

from tests.support.declarations import export_request


def document(**job: object) -> object:
    return json.loads(metadata_document(export_request(), job, str))["job"]


def test_times_are_iso_8601() -> None:
    assert document(CreationTime=datetime(2026, 1, 2, tzinfo=timezone.utc)) == {
        "CreationTime": "2026-01-02T00:00:00+00:00"
    }


def test_the_credentials_in_a_presigned_url_are_left_out() -> None:
    url = "https://bucket.s3.amazonaws.com/key.tif?X-Amz-Signature=abc&X-Amz-Credential=def"
    nested = {"Sources": [{"Url": url}, f"see {url} there"]}
    plain = "https://bucket.s3.amazonaws.com/key.tif"
    assert document(InputConfig=nested) == {"InputConfig": {"Sources": [{"Url": plain}, f"see {plain} there"]}}


def test_the_document_does_not_change_while_the_job_does_not() -> None:
    one = metadata_document(export_request(), {"Name": "a", "ExportStatus": "IN_PROGRESS"}, str)
    assert one == metadata_document(export_request(), {"ExportStatus": "SUCCEEDED", "Name": "a"}, str)


def test_the_state_keeps_key_and_etag() -> None:
    metadata = JobMetadata("lake/lake00000000.job.json", "abc")
    assert JobMetadata.from_state(metadata.to_state()) == metadata
