"""Responses to the call that starts an export: which ones are for the request that was made."""

from __future__ import annotations

from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from pulumi_sagemaker_geospatial import ResponseMismatchError, UnknownStatusError
from pulumi_sagemaker_geospatial._export.spec import ExportSpec

from tests.support.emulated_account import TOKEN, export_request
from tests.support.lifecycle_harness import LifecycleHarness

URI = "s3://exports/lake/"


def change_responses(exports: LifecycleHarness, **changes: Any) -> None:
    """Change the service's responses to calls that start an export, on their way."""

    def change(parsed: dict[str, Any], **_: Any) -> None:
        parsed.update(changes)

    events = exports.boto3_client().meta.events
    events.register("after-call.sagemaker-geospatial.ExportEarthObservationJob", change)


@pytest.mark.parametrize(
    ("changes", "property_path"),
    [
        ({"OutputConfig": {"S3Data": {"S3Uri": "s3://elsewhere/"}}}, "output_config.s3_data.s3_uri"),
        ({"OutputConfig": {"S3Data": {"S3Uri": URI, "KmsKeyId": "k"}}}, "output_config.s3_data.kms_key_id"),
        ({"ExecutionRoleArn": "arn:aws:iam::123456789012:role/other"}, "execution_role_arn"),
        ({"ExportSourceImages": True}, "export_source_images"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_response_for_another_request_is_an_error(
    exports: LifecycleHarness, changes: dict[str, Any], property_path: str
) -> None:
    change_responses(exports, **changes)
    with pytest.raises(ResponseMismatchError, match=f"for an export with another {property_path}, which") as caught:
        exports.create()
    assert "elsewhere" not in str(caught.value)


@pytest.mark.parametrize("uri", [URI.rstrip("/"), URI])
def test_a_slash_at_the_end_is_no_other_request(exports: LifecycleHarness, uri: str) -> None:
    change_responses(exports, OutputConfig={"S3Data": {"S3Uri": uri, "KmsKeyId": ""}})
    assert exports.create().status == "SUCCEEDED"


def test_a_key_that_is_reported_by_its_arn_is_the_same(exports: LifecycleHarness) -> None:
    reported = {"S3Uri": URI, "KmsKeyId": "arn:aws:kms:us-west-2:1:key/k"}
    change_responses(exports, OutputConfig={"S3Data": reported})
    request = export_request(output_config={"s3_data": {"s3_uri": URI, "kms_key_id": "k"}})
    assert exports.create(ExportSpec(request, wait_for_completion=False)).status == "IN_PROGRESS"


def test_an_unknown_status_is_an_error(exports: LifecycleHarness) -> None:
    change_responses(exports, ExportStatus="PAUSED")
    with pytest.raises(UnknownStatusError, match="has the status PAUSED"):
        exports.create()


def test_the_arn_of_the_response_is_the_one_that_is_polled(exports: LifecycleHarness) -> None:
    other = geospatial.add_job("outputjob000")
    exports.client.start_export(export_request("outputjob000"), TOKEN, exports.context())
    change_responses(exports, Arn=other)
    state = exports.create(ExportSpec(export_request(), verify_objects=False))
    polled = {call["arn"] for call in exports.control.calls if call["operation"] == "GetEarthObservationJob"}
    assert (polled, state.output_arn) == ({other}, other)
