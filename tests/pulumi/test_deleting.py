"""`delete_objects`: only what the export wrote, and only while it is still that."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.harness import BUCKET, REGION, Emulator, Stack, declared

FILE = "lake/lake00000000/output/consolidated/tile_0000{}.tif"


@pytest.fixture
def lake(emulator: Emulator, stack: Stack) -> Stack:
    """A stack with one export that deletes its objects."""
    emulator.job("lake00000000")
    stack.declare([declared("lake", delete_objects=True)])
    stack.up()
    return stack


def put(emulator: Emulator, key: str) -> None:
    emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"somebody's")


def test_destroy_deletes_what_the_export_wrote_and_leaves_what_others_put_there(
    emulator: Emulator, lake: Stack
) -> None:
    time.sleep(1.1)
    put(emulator, FILE.format(0) + ".aux.xml")
    put(emulator, "lake/README.txt")
    assert "deleted the 3 objects that this export wrote" in lake.destroy()
    assert emulator.keys() == ["lake/README.txt", FILE.format(0) + ".aux.xml"]


def test_an_object_that_was_added_in_the_very_second_of_the_export_stays(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000")
    stack.declare([declared("lake", delete_objects=True)])
    stack.up()
    put(emulator, FILE.format(0) + ".aux.xml")
    stack.destroy()
    assert emulator.keys() == [FILE.format(0) + ".aux.xml"]


def test_nothing_is_deleted_once_an_object_was_overwritten(emulator: Emulator, lake: Stack) -> None:
    time.sleep(1.1)
    put(emulator, FILE.format(1))
    shown = lake.destroy()
    assert "nothing was deleted: the objects are no longer those that this export wrote" in shown
    assert len(emulator.keys()) == 3


def test_a_replacement_that_moves_elsewhere_takes_its_objects_along(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declared("lake", prefix="elsewhere", delete_objects=True)])
    lake.up()
    assert {key.partition("/")[0] for key in emulator.keys()} == {"elsewhere"}
    assert len(emulator.keys()) == 3


def test_a_replacement_in_place_keeps_what_the_new_export_wrote(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declared("lake", delete_objects=True, triggers="again")])
    shown = lake.up()
    assert "nothing was deleted: the new export of this resource holds the same place" in shown
    assert len(emulator.keys()) == 3
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def test_two_exports_that_swap_their_places_keep_the_objects_of_both(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000")
    pair: list[dict[str, Any]] = [
        {"job": "lake00000000", "prefix": each, "delete_objects": True} for each in ("one", "two")
    ]
    stack.declare([declared("a", **pair[0]), declared("b", **pair[1])])
    stack.up()
    stack.declare([declared("a", **pair[1]), declared("b", **pair[0])])
    stack.up()
    assert len(emulator.keys()) == 6
    stack.run("refresh", "--preview-only", "--expect-no-changes")


def test_in_a_versioned_bucket_the_very_versions_are_deleted(emulator: Emulator, stack: Stack) -> None:
    s3 = emulator.client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    put(emulator, FILE.format(0))
    emulator.job("lake00000000")
    stack.declare([declared("lake", delete_objects=True)])
    stack.up()
    assert "deleted the 3 objects" in stack.destroy()
    left = s3.list_object_versions(Bucket=BUCKET)
    assert [each["Key"] for each in left.get("Versions", [])] == [FILE.format(0)]
    assert "DeleteMarkers" not in left
    assert s3.get_object(Bucket=BUCKET, Key=FILE.format(0))["Body"].read() == b"somebody's"


def test_a_refusal_of_s3_is_a_sentence_and_the_export_stays_in_the_state(emulator: Emulator, lake: Stack) -> None:
    emulator.fault("s3:DeleteObjects", "access_denied", times=-1)
    shown = lake.destroy(fails=True)
    assert "deleting the objects of the export of" in shown
    assert "set delete_objects=False" in shown
    assert "Traceback" not in shown
    assert list(lake.resources()) == ["lake"]
    emulator.no_faults()
    lake.destroy()
    assert emulator.keys() == []


def test_thousands_of_objects_are_listed_and_deleted_page_by_page(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000", objects=2500)
    stack.declare([declared("lake", delete_objects=True)])
    stack.up()
    assert stack.outputs("lake")["exported_objects"]["count"] == 2500
    stack.run("refresh", "--preview-only", "--expect-no-changes")
    assert "deleted the 2500 objects" in stack.destroy()
    assert emulator.keys() == []


def test_a_bucket_that_is_gone_needs_no_deleting(emulator: Emulator, stack: Stack) -> None:
    s3: Any = emulator.client("s3")
    s3.create_bucket(Bucket="short-lived", CreateBucketConfiguration={"LocationConstraint": REGION})
    emulator.job("lake00000000")
    place = {"s3_data": {"s3_uri": "s3://short-lived/lake"}}
    stack.declare([declared("lake", delete_objects=True, output_config=place)])
    stack.up()
    for each in emulator.keys(bucket="short-lived"):
        s3.delete_object(Bucket="short-lived", Key=each)
    s3.delete_bucket(Bucket="short-lived")
    stack.destroy()
