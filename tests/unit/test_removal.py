"""The removal of an export's objects from buckets with and without versions, on the emulator's S3."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from pulumi_sagemaker_geospatial.objects import Stored, Window, Written, listed, removable, remove

from tests.unit.unit_harness import BUCKET, client, names, put

FOLDER = "lake/lake00000000/"
START = datetime.now(timezone.utc) - timedelta(minutes=5)
pytestmark = pytest.mark.usefixtures("bare_account")


def versioning(status: str) -> None:
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": status})


def exported(count: int = 3) -> Written:
    for number in range(count):
        put(f"output/{number}.tif", f"tile {number}".encode())
    return Written.of(listed(client("s3"), BUCKET, FOLDER))


def ours(before: Written) -> list[Stored] | None:
    return removable(client("s3"), BUCKET, FOLDER, before, Window(START))


def versions() -> list[str]:
    found = client("s3").list_object_versions(Bucket=BUCKET, Prefix=FOLDER)
    return sorted(each["Key"].removeprefix(FOLDER) for each in found.get("Versions", []))


def test_a_listing_has_every_page() -> None:
    before = exported(1005)
    assert before.count == 1005
    assert len(ours(before) or []) == 1005


def test_a_listing_knows_nothing_of_the_folder_beside_it() -> None:
    exported()
    put("theirs.tif", job="lake000000001")
    assert len(listed(client("s3"), BUCKET, FOLDER)) == 3


@pytest.mark.parametrize("status", [None, "Enabled"])
def test_what_was_written_is_removed_with_its_versions(status: str | None) -> None:
    if status:
        versioning(status)
    before = exported()
    put("theirs.tif", job="lake000000001")
    found = ours(before)
    assert found is not None
    assert remove(client("s3"), BUCKET, FOLDER, found) == []
    assert (names(), versions(), names("lake/")) == ([], [], ["lake000000001/theirs.tif"])


@pytest.mark.parametrize("status", [None, "Enabled"])
def test_an_overwritten_object_keeps_all_of_them(status: str | None) -> None:
    if status:
        versioning(status)
    before = exported()
    put("output/1.tif", b"theirs")
    assert ours(before) is None


def test_a_delete_marker_is_a_loss() -> None:
    versioning("Enabled")
    before = exported()
    client("s3").delete_object(Bucket=BUCKET, Key=f"{FOLDER}output/1.tif")
    assert ours(before) is None


def test_one_addition_in_the_same_second_is_kept() -> None:
    before = exported()
    put("theirs.tif")
    found = ours(before)
    if found is None:
        pytest.fail("the addition was not told apart")
    remove(client("s3"), BUCKET, FOLDER, found)
    assert names() == ["theirs.tif"]


def test_objects_from_before_the_bucket_had_versions_are_removed_too() -> None:
    before = exported()
    versioning("Enabled")
    found = ours(before)
    assert found is not None
    assert remove(client("s3"), BUCKET, FOLDER, found) == []
    assert versions() == []


def test_what_is_older_than_the_export_is_never_removed() -> None:
    before = exported()
    found = removable(client("s3"), BUCKET, FOLDER, before, Window(datetime.now(timezone.utc) + timedelta(minutes=5)))
    assert found is None
