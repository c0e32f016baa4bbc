"""Deletion of an export's objects from buckets with and without versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import ServiceCallError
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


def test_a_deletion_that_was_killed_between_two_batches_is_resumed(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    state = write_export(clock)
    put_object("theirs.xml")
    delete_object("output/1.tif")
    assert delete(exports, state) == "deleted the 2 objects that this export wrote of 3; the others were gone"
    assert list_names() == ["theirs.xml"]
    assert delete(exports, state) == "nothing to delete: this export's objects are gone"


def test_below_a_delete_marker_nothing_is_deleted(exports: LifecycleHarness, clock: SimulatedClock) -> None:
    set_versioning("Enabled")
    state = write_export(clock)
    delete_object("output/1.tif")
    assert delete(exports, state).startswith("deleted the 2 objects that this export wrote of 3; the others were gone")
    assert list_versions() == ["output/1.tif"]


def test_what_was_current_before_in_a_versioned_bucket_is_told(
    exports: LifecycleHarness, clock: SimulatedClock
) -> None:
    set_versioning("Enabled")
    put_object("output/1.tif", b"older")
    clock.advance(600)
    state = write_export(clock)
    assert delete(exports, state).endswith("the bucket keeps versions: what these objects replaced is current again")
    assert list_names() == ["output/1.tif"]


def test_an_object_that_is_overwritten_during_the_deletion_is_kept(
    exports: LifecycleHarness, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = write_export(clock)
    delete_versions = exports.store.delete_versions

    def overwrite_first(*args: Any) -> Any:
        put_object("output/1.tif", b"theirs")
        return delete_versions(*args)

    monkeypatch.setattr(exports.store, "delete_versions", overwrite_first)
    assert "kept 1 object that somebody has overwritten meanwhile, first output/1.tif" in delete(exports, state)
    assert list_names() == ["output/1.tif"]


@pytest.mark.parametrize("body", ["<html><body>welcome</body></html>", "<a/>", "<ListVersionsResult/>", ""])
def test_a_response_that_is_no_listing_is_repeated_and_never_taken_for_an_empty_one(
    exports: LifecycleHarness, clock: SimulatedClock, body: str
) -> None:
    state = write_export(clock)
    exports.control.add_fault(operation="s3:ListObjectVersions", kind="respond", body=body, times=2)
    assert delete(exports, state) == "deleted the 3 objects that this export wrote"
    exports.control.add_fault(operation="s3:ListObjectVersions", kind="respond", body=body, times=-1)
    with pytest.raises(ServiceCallError, match="deleting the objects of the export of"):
        delete(exports, state)


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
    assert (delete(exports, later), len(list_names())) == ("nothing to delete: this export's objects are gone", 3)


BUSY_RESPONSES = {
    "a call is refused": (503, "<Error><Code>SlowDown</Code><Message>slow</Message></Error>"),
    "an object is not deleted": (
        200,
        "<DeleteResult><Deleted><Key>lake/lake00000000/output/0.tif</Key></Deleted>"
        "<Deleted><Key>lake/lake00000000/output/1.tif</Key></Deleted>"
        "<Error><Key>lake/lake00000000/output/2.tif</Key><Code>InternalError</Code>"
        "<Message>try again</Message></Error></DeleteResult>",
    ),
}


@pytest.mark.parametrize("case", BUSY_RESPONSES)
def test_a_deletion_that_s3_is_too_busy_for_is_repeated(
    exports: LifecycleHarness, clock: SimulatedClock, case: str
) -> None:
    status, body = BUSY_RESPONSES[case]
    exports.control.add_fault(
        operation="s3:DeleteObjects", kind="respond", status=status, body=body, content_type="application/xml"
    )
    assert delete(exports, write_export(clock)) == "deleted the 3 objects that this export wrote"
    assert list_names() == []
