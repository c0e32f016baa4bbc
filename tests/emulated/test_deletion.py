"""Deletion of an export's objects from buckets with and without versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from moto.core.botocore_stubber import MockRawResponse
from pulumi_sagemaker_geospatial._export.delete import delete_exported_objects
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._runtime.s3 import list_objects

from tests.support.aws_names import BUCKET
from tests.support.emulated_account import client, delete_object, export_request, list_names, put_object
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.simulated_clock import SimulatedClock

FOLDER = "lake/lake00000000/"
KEPT = "objects kept: they are no longer those that this export wrote"


def set_versioning(status: str | None) -> None:
    if status:
        client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": status})


def write_export(clock: SimulatedClock, count: int = 3) -> ExportState:
    """Write objects as an export that was started five minutes ago, and return its record."""
    for number in range(count):
        put_object(f"output/{number}.tif", f"tile {number}".encode())
    manifest = ExportManifest.of(list_objects(client("s3"), BUCKET, FOLDER))
    clock.advance(0.1)  # what comes now is of the same second, and newer
    return ExportState(export_request(), "SUCCEEDED", clock.at - timedelta(minutes=5), manifest)


def delete(exports: LifecycleHarness, state: ExportState) -> str:
    return delete_exported_objects(exports.store, state, exports.context())


def list_versions() -> list[str]:
    found = client("s3").list_object_versions(Bucket=BUCKET, Prefix=FOLDER)
    return sorted(each["Key"].removeprefix(FOLDER) for each in found.get("Versions", []))


def test_every_page_of_a_listing_is_deleted(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    state = write_export(clock, 1005)
    assert state.manifest is not None
    assert state.manifest.count == 1005
    assert delete(exports, state) == "deleted the 1005 objects that this export wrote"
    assert list_names() == []


def test_the_folder_beside_it_is_not_listed(clock: SimulatedClock) -> None:
    write_export(clock)
    put_object("theirs.tif", job="lake000000001")
    assert len(list_objects(client("s3"), BUCKET, FOLDER)) == 3


@pytest.mark.parametrize("status", [None, "Enabled"])
def test_what_the_export_wrote_is_deleted_with_its_versions(
    exports: LifecycleHarness, clock: SimulatedClock, status: str | None
) -> None:
    set_versioning(status)
    state = write_export(clock)
    put_object("theirs.tif", job="lake000000001")
    delete(exports, state)
    assert (list_names(), list_versions(), list_names("lake/")) == ([], [], ["lake000000001/theirs.tif"])


@pytest.mark.parametrize("status", [None, "Enabled"])
def test_an_overwritten_object_keeps_all_of_them(
    exports: LifecycleHarness, clock: SimulatedClock, status: str | None
) -> None:
    set_versioning(status)
    state = write_export(clock)
    put_object("output/1.tif", b"theirs")
    assert (delete(exports, state), len(list_names())) == (KEPT, 3)


def test_a_delete_marker_is_a_loss(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    set_versioning("Enabled")
    state = write_export(clock)
    delete_object("output/1.tif")
    assert (delete(exports, state), len(list_versions())) == (KEPT, 3)


def test_one_addition_within_the_same_second_is_not_deleted(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    state = write_export(clock)
    put_object("theirs.tif")
    delete(exports, state)
    assert list_names() == ["theirs.tif"]


def test_objects_from_before_the_bucket_had_versions_are_deleted_too(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    state = write_export(clock)
    set_versioning("Enabled")
    delete(exports, state)
    assert list_versions() == []


def test_objects_that_are_older_than_the_export_are_never_deleted(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    written = write_export(clock)
    later = ExportState(written.request, "SUCCEEDED", clock.at + timedelta(minutes=5), written.manifest)
    assert (delete(exports, later), len(list_names())) == (KEPT, 3)


BUSY_RESPONSES = {
    "a call is refused": (503, "<Error><Code>SlowDown</Code><Message>slow</Message></Error>"),
    "an object is not deleted": (
        200,
        "<DeleteResult><Error><Key>lake/lake00000000/output/2.tif</Key><Code>InternalError</Code>"
        "<Message>try again</Message></Error></DeleteResult>",
    ),
}


@pytest.mark.parametrize("case", BUSY_RESPONSES)
def test_a_deletion_that_s3_is_too_busy_for_is_repeated(
    exports: LifecycleHarness, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr("pulumi_sagemaker_geospatial._runtime.s3.DELETE_BATCH_SIZE", 2)
    status, body = BUSY_RESPONSES[case]
    calls: list[str] = []

    def second_call_fails(request: Any, **_: Any) -> AWSResponse | None:
        calls.append(request.url)
        headers: Any = HeadersDict({"content-type": "application/xml"})
        return AWSResponse(request.url, status, headers, MockRawResponse(body.encode())) if len(calls) == 2 else None

    exports.boto3_client("s3").meta.events.register_first("before-send.s3.DeleteObjects", second_call_fails)
    assert delete(exports, write_export(clock)) == "deleted the 3 objects that this export wrote"
    assert (list_names(), len(calls)) == ([], 4)
