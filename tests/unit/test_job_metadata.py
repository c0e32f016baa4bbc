"""The file with a job's description: what is in it, where and how it is written, and what is told when it changes."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pulumi_sagemaker_geospatial._export.job_metadata import (
    find_changed_metadata,
    job_description,
    metadata_document,
    metadata_object,
    save_job_metadata,
)
from pulumi_sagemaker_geospatial._export.state import JobMetadata
from pulumi_sagemaker_geospatial._geospatial.kinds import VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder, S3Object
from pulumi_sagemaker_geospatial.errors import ServiceCallError, WaitTimeoutError

from tests.support.aws_names import BUCKET, REGION, ROLE, output_config
from tests.support.declarations import export_request, inputs
from tests.support.recorded_exports import START
from tests.support.scripted_runtime import ScriptedRuntime
from tests.support.scripted_s3 import s3_error

PLAIN = export_request(__sec=[])
ENCRYPTED = export_request(output_config=output_config("lake", kms_key_id="alias/lake"), __sec=[])
#: The program has told that the destination is secret, or has not told what is secret.
SECRET, UNTOLD = export_request(__sec=["output_config"]), export_request()
KEY = "lake/lake00000000.job.json"
FILE = Folder(BUCKET, KEY, REGION)
DOING = f"saving the metadata of {PLAIN.arn}"
RECORDED = JobMetadata(KEY, "etag")


def document(**job: object) -> object:
    return json.loads(metadata_document(export_request(), job, str))["job"]


def shout(text: str) -> str:
    return text.upper()


def test_times_are_iso_8601() -> None:
    assert document(CreationTime=datetime(2026, 1, 2, tzinfo=timezone.utc)) == {
        "CreationTime": "2026-01-02T00:00:00+00:00"
    }


def test_the_credentials_in_a_presigned_url_are_left_out() -> None:
    url = "https://bucket.s3.amazonaws.com/key.tif?X-Amz-Signature=abc&X-Amz-Credential=def"
    nested = {"Sources": [{"Url": url}, f"see {url} there"]}
    plain = "https://bucket.s3.amazonaws.com/key.tif"
    assert document(InputConfig=nested) == {"InputConfig": {"Sources": [{"Url": plain}, f"see {plain} there"]}}
    assert document(Url=url.replace("https", "http")) == {"Url": plain.replace("https", "http")}


def test_the_document_does_not_change_while_the_job_does_not() -> None:
    one = metadata_document(export_request(), {"Name": "a", "ExportStatus": "IN_PROGRESS"}, str)
    assert one == metadata_document(export_request(), {"ExportStatus": "SUCCEEDED", "Name": "a"}, str)


def test_the_document_is_readable_json_that_says_where_it_comes_from() -> None:
    job = {"Status": "COMPLETED", "Name": "Zürich", "ExportErrorDetails": {}, "ResponseMetadata": {}}
    assert metadata_document(PLAIN, job, str).decode() == (
        '{\n  "job": {\n    "Name": "Zürich",\n    "Status": "COMPLETED"\n  },\n'
        '  "operation": "GetEarthObservationJob",\n  "version": 1\n}\n'
    )
    vector = ExportRequest.from_properties(VECTOR_ENRICHMENT, inputs(kind=VECTOR_ENRICHMENT))
    assert json.loads(metadata_document(vector, {}, str))["operation"] == "GetVectorEnrichmentJob"


def test_a_description_has_json_values_whose_texts_are_redacted() -> None:
    job = {"Name": "a", "Nested": {1: ["b", ("c", True, None)]}, "Numbers": [1, 0.5, Decimal("0.5")], "Time": START}
    assert job_description(job, shout) == {
        "Name": "A",
        "Nested": {"1": ["B", ["C", True, None]]},
        "Numbers": [1, 0.5, "0.5"],
        "Time": "2024-07-01T12:00:00+00:00",
    }


def test_the_state_keeps_key_and_etag() -> None:
    metadata = JobMetadata("lake/lake00000000.job.json", "abc")
    assert JobMetadata.from_state(metadata.to_state()) == metadata


def test_the_file_lies_beside_the_folder_of_the_export() -> None:
    assert metadata_object(PLAIN) == FILE


@pytest.mark.parametrize(("request_", "key"), [(PLAIN, None), (ENCRYPTED, "alias/lake")])
def test_the_description_of_the_job_is_written_as_json_with_the_key_of_the_export(
    request_: ExportRequest, key: str | None
) -> None:
    process = ScriptedRuntime()
    process.client.document = {"Name": "lake", "ExecutionRoleArn": ROLE}
    process.store.answers["put_object"] = ["abc"]
    saved = save_job_metadata(process.retrying, process.store, request_, process.context())
    assert saved == JobMetadata(KEY, "abc")
    body = metadata_document(request_, process.client.document, str)
    assert process.client.calls == [("get_job", request_.kind, request_.arn)]
    assert process.store.calls == [("put_object", FILE, body, "application/json", key, DOING)]


def test_secret_inputs_are_neither_in_the_file_nor_in_the_state() -> None:
    process = ScriptedRuntime()
    process.client.document = {"Url": "s3://exports/lake/"}
    saved = save_job_metadata(process.retrying, process.store, SECRET, process.context())
    assert saved.key == "[prefix of output_config.s3_data.s3_uri/]lake00000000.job.json"
    assert json.loads(process.store.calls[0][2])["job"] == {"Url": "[output_config.s3_data.s3_uri]"}


def test_the_state_has_the_key_where_the_program_does_not_tell_what_is_secret() -> None:
    process = ScriptedRuntime()
    assert save_job_metadata(process.retrying, process.store, UNTOLD, process.context()).key == KEY


def error_of(request_: ExportRequest, error: Exception) -> tuple[ServiceCallError, ScriptedRuntime]:
    """Return the error of a metadata file that S3 does not take."""
    process = ScriptedRuntime()
    process.store.answers["put_object"] = [error]
    with pytest.raises(ServiceCallError) as raised:
        save_job_metadata(process.retrying, process.store, request_, process.context())
    assert raised.value.__cause__ is error
    return raised.value, process


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (PLAIN, f"s3://exports/{KEY}"),
        (ENCRYPTED, f"s3://exports/{KEY} and kms:GenerateDataKey on the key"),
        (SECRET, "[output_config.s3_data.s3_uri]lake00000000.job.json"),
    ],
)
def test_a_refused_write_says_what_to_allow(request_: ExportRequest, target: str) -> None:
    error, process = error_of(request_, s3_error("AccessDenied", "no access.", 403))
    assert str(error) == (
        f"{DOING} failed: AccessDenied: no access. Allow s3:PutObject on {target} to the caller, or set "
        "save_job_metadata=False. [SGE407]"
    )
    assert (error.code, error.service_message) == ("AccessDenied", "no access")
    assert process.store.count("put_object") == 1


def test_the_message_of_a_failed_write_does_not_tell_a_secret_destination() -> None:
    error, _ = error_of(SECRET, EndpointConnectionError(endpoint_url="https://s3/exports/lake/"))
    message = 'Could not connect to the endpoint URL: "https://s3/[output_config.s3_data.s3_uri]/"'
    assert error.message.startswith(f"{DOING} failed: Unreachable: {message}. Allow s3:PutObject on ")
    assert (error.code, error.service_message) == ("Unreachable", message)


def test_a_write_that_s3_throttles_is_repeated() -> None:
    process = ScriptedRuntime()
    process.store.answers["put_object"] = [s3_error("SlowDown", status=503), "abc"]
    assert save_job_metadata(process.retrying, process.store, PLAIN, process.context()).etag == "abc"
    assert process.clock.now() == pytest.approx(0.2)


def test_a_job_that_cannot_be_described_is_not_saved() -> None:
    process = ScriptedRuntime()
    process.client.document = ServiceCallError("no access.", "AccessDeniedException")
    with pytest.raises(ServiceCallError, match=r"^no access\. \[SGE311\]$"):
        save_job_metadata(process.retrying, process.store, PLAIN, process.context())
    assert process.store.calls == []


def test_a_description_that_the_service_throttles_is_asked_for_until_the_timeout() -> None:
    process = ScriptedRuntime()
    process.client.document = ServiceCallError("slow down.", "ThrottlingException", "slow down")
    with pytest.raises(WaitTimeoutError) as raised:
        save_job_metadata(process.retrying, process.store, PLAIN, process.context(timeout=60))
    assert process.clock.now() == 60
    assert str(raised.value) == (
        f"{DOING}: timed out; increase custom_timeouts. Last error: slow down. [SGE311] The export may go on. [SGE501]"
    )


@pytest.mark.parametrize(
    ("found", "change"),
    [
        ([("", "etag")], None),
        ([("", "other")], "was overwritten"),
        ([], "is gone"),
        ([(".bak", "etag")], "is gone"),
        ([(".bak", "other"), ("", "etag")], None),
        (s3_error("AccessDenied", status=403), None),
        (s3_error("NoSuchBucket", status=404), "is gone"),
    ],
)
def test_what_has_happened_to_the_file_is_told_where_it_can_be_seen(found: Any, change: str | None) -> None:
    process = ScriptedRuntime()
    is_error = isinstance(found, Exception)
    objects = [] if is_error else [S3Object(suffix, 1, etag, START) for suffix, etag in found]
    process.store.answers["list_objects"] = [found if is_error else objects]
    assert find_changed_metadata(process.store, PLAIN, RECORDED, process.context()) == change
    assert process.store.calls == [("list_objects", FILE, f"listing the objects of the export of {PLAIN.arn}")]
    assert [each[-8:] for each in process.warnings] == ["[SGE409]"] * ("AccessDenied" in str(found))
