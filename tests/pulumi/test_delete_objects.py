"""`delete_objects`: destroy and replacement delete the exported objects, and only while they are unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import BUCKET, REGION, Emulator, Stack, declaration, wait_for_later_timestamps

FILE = "lake/lake00000000/output/consolidated/tile_0000{}.tif"


@pytest.fixture
def lake(emulator: Emulator, stack: Stack) -> Stack:
    """A stack with one completed export that has delete_objects."""
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", delete_objects=True)])
    stack.up()
    return stack


def put_object(emulator: Emulator, key: str) -> None:
    """Write an object as another user of the bucket."""
    emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"other")


def delete_object(emulator: Emulator, key: str) -> None:
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)


def test_destroy_deletes_only_the_exported_objects(emulator: Emulator, lake: Stack) -> None:
    wait_for_later_timestamps()
    put_object(emulator, FILE.format(0) + ".aux.xml")
    put_object(emulator, "lake/README.txt")
    assert "deleted the 3 objects that this export wrote" in lake.destroy()
    assert emulator.list_keys() == ["lake/README.txt", FILE.format(0) + ".aux.xml"]


def test_destroy_keeps_an_object_added_right_after_the_export(emulator: Emulator, lake: Stack) -> None:
    put_object(emulator, FILE.format(0) + ".aux.xml")
    lake.destroy()
    assert emulator.list_keys() == [FILE.format(0) + ".aux.xml"]


def test_destroy_deletes_nothing_if_an_object_was_overwritten(emulator: Emulator, lake: Stack) -> None:
    wait_for_later_timestamps()
    put_object(emulator, FILE.format(1))
    result = lake.destroy()
    assert "objects kept: they are no longer those that this export wrote" in result
    assert len(emulator.list_keys()) == 3


def test_destroy_deletes_what_a_killed_one_has_left(emulator: Emulator, lake: Stack) -> None:
    delete_object(emulator, FILE.format(1))  # as the first batch of a destroy that is then killed
    assert "deleted the 2 objects that this export wrote of 3; the others were gone" in lake.destroy()
    assert emulator.list_keys() == []


def test_replacement_with_a_new_destination_deletes_the_old_objects(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declaration("lake", prefix="elsewhere", delete_objects=True)])
    lake.up()
    assert {key.partition("/")[0] for key in emulator.list_keys()} == {"elsewhere"}
    assert len(emulator.list_keys()) == 3


def test_replacement_with_the_same_destination_keeps_the_new_objects(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declaration("lake", delete_objects=True, triggers="again")])
    result = lake.up()
    assert "objects kept: the new export of this resource uses the same destination" in result
    assert len(emulator.list_keys()) == 3
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def test_swapping_the_destinations_of_two_exports_keeps_the_objects_of_both(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    pair: list[dict[str, Any]] = [
        {"job": "lake00000000", "prefix": each, "delete_objects": True} for each in ("one", "two")
    ]
    stack.declare([declaration("a", **pair[0]), declaration("b", **pair[1])])
    stack.up()
    stack.declare([declaration("a", **pair[1]), declaration("b", **pair[0])])
    stack.up()
    assert len(emulator.list_keys()) == 6
    stack.run("refresh", "--preview-only", "--expect-no-changes")


def test_only_the_exported_versions_are_deleted_from_a_versioned_bucket(emulator: Emulator, stack: Stack) -> None:
    s3 = emulator.client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    put_object(emulator, FILE.format(0))
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", delete_objects=True)])
    stack.up()
    assert "deleted the 3 objects" in stack.destroy()
    left = s3.list_object_versions(Bucket=BUCKET)
    assert [each["Key"] for each in left.get("Versions", [])] == [FILE.format(0)]
    assert "DeleteMarkers" not in left
    assert s3.get_object(Bucket=BUCKET, Key=FILE.format(0))["Body"].read() == b"other"


def test_a_failed_deletion_is_reported_and_the_export_stays_in_the_state(emulator: Emulator, lake: Stack) -> None:
    emulator.add_fault("s3:DeleteObjects", "access_denied", times=-1)
    result = lake.destroy(fails=True)
    assert "deleting the objects of the export of" in result
    assert "set delete_objects=False" in result
    assert "Traceback" not in result
    assert list(lake.resources()) == ["lake"]
    emulator.clear_faults()
    lake.destroy()
    assert emulator.list_keys() == []


def test_thousands_of_objects_are_listed_and_deleted_in_pages(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000", objects=2500)
    stack.declare([declaration("lake", delete_objects=True)])
    stack.up()
    assert stack.outputs("lake")["exported_objects"]["count"] == 2500
    stack.run("refresh", "--preview-only", "--expect-no-changes")
    assert "deleted the 2500 objects" in stack.destroy()
    assert emulator.list_keys() == []


def test_of_the_stacks_that_hold_an_export_the_one_that_started_it_deletes_the_objects(
    emulator: Emulator, lake: Stack
) -> None:
    config = (lake.directory / "Pulumi.test.yaml").read_text()
    state = lake.directory / "state.json"
    lake.run("stack", "export", "--file", str(state))
    for name in ("imported", "adopting"):
        (lake.directory / f"Pulumi.{name}.yaml").write_text(config)
        lake.run("stack", "init", name, "--no-select")
    state.write_text(state.read_text().replace("urn:pulumi:test::", "urn:pulumi:imported::"))
    lake.run("stack", "import", "--stack", "imported", "--file", str(state))
    adopting = lake.run("up", "--yes", "--skip-preview", "--stack", "adopting")
    assert "destroying this resource will keep the objects despite delete_objects" in adopting
    for name, reason in {
        "imported": "this record was made in another stack or project",
        "adopting": "this export was adopted",
    }.items():
        assert f"objects kept: {reason}" in lake.run("destroy", "--yes", "--skip-preview", "--stack", name)
        assert len(emulator.list_keys()) == 3
    assert "deleted the 3 objects" in lake.destroy()


def test_destroy_succeeds_if_the_bucket_was_deleted(emulator: Emulator, stack: Stack) -> None:
    s3: Any = emulator.client("s3")
    s3.create_bucket(Bucket="short-lived", CreateBucketConfiguration={"LocationConstraint": REGION})
    emulator.add_job("lake00000000")
    destination = {"s3_data": {"s3_uri": "s3://short-lived/lake"}}
    stack.declare([declaration("lake", delete_objects=True, output_config=destination)])
    stack.up()
    for each in emulator.list_keys(bucket="short-lived"):
        s3.delete_object(Bucket="short-lived", Key=each)
    s3.delete_bucket(Bucket="short-lived")
    stack.destroy()
