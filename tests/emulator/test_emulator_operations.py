"""Which operations the emulator has: the others answer a JSON error, and faults have operations that exist."""

from __future__ import annotations

from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.emulator.emulator_harness import DEMO_ARN, Account, Server

COLLECTION = "arn:aws:sagemaker-geospatial:us-west-2:378778860802:raster-data-collection/public/nmqj48dcu3g7ayw8"
TIMES = {"StartTime": "2023-01-01T00:00:00Z", "EndTime": "2023-02-01T00:00:00Z"}
TILE = {"Arn": DEMO_ARN, "ImageAssets": ["red"], "Target": "INPUT", "x": 1, "y": 2, "z": 3}
#: Every operation of the service model that is not about jobs, and a valid request.
NOT_IMPLEMENTED: dict[str, dict[str, Any]] = {
    "GetRasterDataCollection": {"Arn": COLLECTION},
    "GetTile": TILE,
    "ListRasterDataCollections": {},
    "ListTagsForResource": {"ResourceArn": DEMO_ARN},
    "SearchRasterDataCollection": {"Arn": COLLECTION, "RasterDataCollectionQuery": {"TimeRangeFilter": TIMES}},
    "TagResource": {"ResourceArn": DEMO_ARN, "Tags": {"a": "b"}},
    "UntagResource": {"ResourceArn": DEMO_ARN, "TagKeys": ["a"]},
}


def call(account: Account, operation: str) -> tuple[str, str]:
    """The code and the message of the error that an operation answers."""
    methods = {name: method for method, name in account.client.meta.method_to_api_mapping.items()}
    return account.catch_error(getattr(account.client, methods[operation]), **NOT_IMPLEMENTED[operation])


def expected(operation: str) -> tuple[str, str]:
    return "UnknownOperationException", f"The emulator does not implement {operation}."


@pytest.mark.parametrize("operation", NOT_IMPLEMENTED)
def test_what_is_not_implemented_answers_an_error_in_process(account: Account, operation: str) -> None:
    assert call(account, operation) == expected(operation)


def test_what_is_not_implemented_answers_an_error_over_http(server: Server) -> None:
    account = server.account(retries=False)
    assert {name: call(account, name) for name in NOT_IMPLEMENTED} == {name: expected(name) for name in NOT_IMPLEMENTED}
    counts = server.control("GET", "calls")["counts"]
    assert counts == dict.fromkeys(NOT_IMPLEMENTED, 1)


def test_every_other_operation_of_the_service_model_is_implemented(account: Account) -> None:
    names = set(account.client.meta.method_to_api_mapping.values())
    jobs = {name for name in names if name.endswith(("Job", "Jobs"))}
    assert names - jobs == set(NOT_IMPLEMENTED)
    assert len(jobs) == 12


def test_the_error_of_an_unknown_path_is_json(server: Server) -> None:
    status, headers, body = server.http("PUT", "/earth-observation-jobs")
    assert (status, headers["content-type"]) == (404, "application/json")
    assert headers["x-amzn-errortype"] == "UnknownOperationException"
    assert body == {"Message": "PUT /earth-observation-jobs is not an operation of sagemaker-geospatial."}


@pytest.mark.parametrize(
    ("operation", "kind", "message"),
    [
        ("ExportEarthObservationJobs", "throttle", "of sagemaker-geospatial: did you mean ExportEarthObservationJob?"),
        ("s3:ListObjectV2", "throttle", "'s3:ListObjectV2' is not an operation of s3: did you mean ListObjectsV2?"),
        ("sts:assumeRole", "throttle", "of sts: did you mean AssumeRole?"),
        ("ec2:RunInstances", "throttle", "'ec2:RunInstances' is not an operation of sagemaker-geospatial"),
        ("", "throttle", "'' is not an operation"),
        (7, "throttle", "7 is not an operation"),
        ("GetVectorEnrichmentJob", "fail_export", "is not an operation that exports"),
        ("s3", "fail_export", "is not an operation that exports"),
    ],
)
def test_a_fault_of_an_unknown_operation_is_refused(account: Account, operation: Any, kind: str, message: str) -> None:
    control = geospatial.get_control()
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the message is compared below, as it is
        control.add_fault(operation=operation, kind=kind)
    assert message in str(caught.value)
    assert control.faults == []


def test_a_fault_of_an_unknown_operation_is_refused_over_http(server: Server) -> None:
    fault = {"operation": "GetVectorEnrichmentJobs", "kind": "throttle"}
    status, _, body = server.http("POST", "/moto-api/sagemaker-geospatial/faults", fault)
    assert (status, server.control("GET", "faults")) == (400, [])
    assert "did you mean GetVectorEnrichmentJob?" in body["message"]


@pytest.mark.parametrize(
    "operation", ["*", "GetTile", "ListVectorEnrichmentJobs", "s3", "s3:PutObject", "s3:POST", "sts"]
)
def test_a_fault_has_every_operation_that_exists(account: Account, operation: str) -> None:
    assert geospatial.get_control().add_fault(operation=operation, kind="throttle").operation == operation


def test_an_operation_that_is_not_implemented_can_have_a_response(account: Account) -> None:
    body = '{"RasterDataCollectionSummaries": []}'
    geospatial.get_control().add_fault(operation="ListRasterDataCollections", kind="respond", body=body)
    assert account.client.list_raster_data_collections()["RasterDataCollectionSummaries"] == []
