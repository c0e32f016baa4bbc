"""`delete_objects`: destroy and replacement delete the exported objects, and only while they are unchanged."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from tests.harness import (
    BUCKET,
    REGION,
    CommandResult,
    Emulator,
    Stack,
    declaration,
    diagnostics,
    wait_for_later_timestamps,
)


def file(name: str, number: int) -> str:
    """Return the key of a file of an export."""
    return f"{name}/{name:0<12}/output/consolidated/tile_0000{number}.tif"


def put_object(emulator: Emulator, key: str, bucket: str = BUCKET) -> None:
    """Write an object as another user of the bucket."""
    emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=b"other")


def create_bucket(emulator: Emulator, name: str) -> dict[str, Any]:
    """Create a bucket, and return the output_config of an export into it."""
    emulator.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return {"s3_data": {"s3_uri": f"s3://{name}/{name}/"}}


def test_destroy_deletes_only_the_unchanged_objects_that_an_export_wrote(emulator: Emulator, stack: Stack) -> None:
    s3 = emulator.client("s3")
    names = ("whole", "soon", "overwritten", "halved", "thousands")
    buckets = {name: create_bucket(emulator, name) for name in ("versioned", "deleted")}
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    put_object(emulator, file("versioned", 0), "versioned")
    entries = [declaration(name, delete_objects=True) for name in names]
    entries += [declaration(name, delete_objects=True, output_config=each) for name, each in buckets.items()]
    emulator.add_jobs(entries)
    emulator.add_job("thousands000", objects=2500)
    stack.declare(entries)
    stack.up("--parallel", "16")
    put_object(emulator, file("soon", 0) + ".aux.xml")
    assert stack.outputs("thousands")["exported_objects"]["count"] == 2500

    wait_for_later_timestamps()
    put_object(emulator, file("whole", 0) + ".aux.xml")
    put_object(emulator, "whole/README.txt")
    put_object(emulator, file("overwritten", 1))
    s3.delete_object(Bucket=BUCKET, Key=file("halved", 1))  # as the first batch of a destroy that is then killed
    for key in emulator.list_keys(bucket="deleted"):
        s3.delete_object(Bucket="deleted", Key=key)
    s3.delete_bucket(Bucket="deleted")

    said = diagnostics(stack.destroy("--parallel", "16"))
    assert emulator.list_keys("whole/") == ["whole/README.txt", file("whole", 0) + ".aux.xml"]
    assert emulator.list_keys("soon/") == [file("soon", 0) + ".aux.xml"]
    assert len(emulator.list_keys("overwritten/")) == 3
    assert emulator.list_keys("halved/") + emulator.list_keys("thousands/") == []
    for name, message in {
        "whole": "deleted the 3 objects that this export wrote",
        "overwritten": "objects kept: they are no longer those that this export wrote",
        "halved": "deleted the 2 objects that this export wrote of 3; the others were gone",
        "thousands": "deleted the 2500 objects",
        "versioned": "deleted the 3 objects",
    }.items():
        assert message in said[name], name
    left = s3.list_object_versions(Bucket="versioned")
    assert [each["Key"] for each in left.get("Versions", [])] == [file("versioned", 0)]
    assert "DeleteMarkers" not in left
    assert s3.get_object(Bucket="versioned", Key=file("versioned", 0))["Body"].read() == b"other"
    assert stack.resources() == {}


def test_a_replacement_deletes_the_objects_that_no_export_has_any_longer(emulator: Emulator, stack: Stack) -> None:
    swapped: list[dict[str, Any]] = [{"job": "swap00000000", "prefix": each} for each in ("one", "two")]

    def declare(prefix: str, triggers: str, pair: list[dict[str, Any]]) -> None:
        entries = [
            declaration("moved", prefix=prefix),
            declaration("again", triggers=triggers),
            declaration("a", **pair[0]),
            declaration("b", **pair[1]),
        ]
        emulator.add_jobs(entries)
        stack.declare([{**entry, "delete_objects": True} for entry in entries])

    declare("before", "a", swapped)
    stack.up()
    declare("after", "b", swapped[::-1])
    said = diagnostics(stack.up())
    assert "objects kept: the new export of this resource uses the same destination" in said["again"]
    assert {prefix: len(emulator.list_keys(f"{prefix}/")) for prefix in ("before", "after", "again", "one", "two")} == {
        "before": 0,
        **dict.fromkeys(("after", "again", "one", "two"), 3),
    }


def test_of_the_stacks_that_hold_an_export_the_one_that_started_it_deletes_the_objects(
    emulator: Emulator, stack: Stack
) -> None:
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", delete_objects=True)])
    stack.up()
    adopting = up_in_another_stack(stack)
    assert "destroying this resource will keep the objects despite delete_objects" in adopting
    destroyed = stack.run("destroy", "--yes", "--skip-preview", "--stack", "adopting")
    assert "objects kept: this export was adopted" in destroyed
    assert len(emulator.list_keys()) == 3
    emulator.add_fault("s3:DeleteObjects", "access_denied", times=-1)
    result = stack.destroy(fails=True)
    assert "deleting the objects of the export of" in result
    assert "set delete_objects=False" in result
    assert "Traceback" not in result
    assert list(stack.resources()) == ["lake"]
    emulator.clear_faults()
    assert "deleted the 3 objects" in stack.destroy()
    assert emulator.list_keys() == []


def test_what_another_record_of_the_stack_or_the_project_holds_is_kept_until_both_are_destroyed(
    emulator: Emulator, stack: Stack
) -> None:
    def declare(name: str, job: str) -> dict[str, Any]:
        return declaration(name, job, prefix=job, delete_objects=True)

    def urn_of(name: str) -> str:
        return f"urn:pulumi:test::{stack.project}::pulumi-python:dynamic:ExportEarthObservationJob::{name}"

    sea, older = declare("sea", "sea000000000"), [declare("old", "lake00000000"), declare("first", "pond00000000")]
    emulator.add_jobs([sea, *older])
    stack.declare([sea, *older])
    stack.up()
    stack.declare([declare("new", "lake00000000"), declare("second", "pond00000000")])
    stack.up("--target", urn_of("new"), "--target", urn_of("second"))
    stack.declare([sea])
    up_in_another_stack(stack)

    said = diagnostics(stack.destroy("--target", urn_of("old"), "--target", urn_of("sea")))
    assert f"objects kept: {urn_of('new')} uses the same destination" in said["old"]
    in_another_stack = urn_of("sea").replace(":test::", ":adopting::")
    assert f"objects kept: {in_another_stack} uses the same destination" in said["sea"]
    result = stack.destroy()
    assert "objects kept: this export was adopted" in diagnostics(result)["new"]
    assert "deleted the 3 objects that this export wrote" in result
    assert {each: len(emulator.list_keys(f"{each}0000")) for each in ("sea00", "lake", "pond")} == {
        "sea00": 3,
        "lake": 3,
        "pond": 0,
    }


def up_in_another_stack(stack: Stack) -> CommandResult:
    """Run an update of the same project in the new stack `adopting`."""
    config = (stack.directory / "Pulumi.test.yaml").read_text()
    (stack.directory / "Pulumi.adopting.yaml").write_text(config)
    stack.run("stack", "init", "adopting", "--no-select")
    return stack.run("up", "--yes", "--skip-preview", "--stack", "adopting")


#: A `pulumi` whose first reading of a state meets a file backend that is being written.
UNREADABLE_ONCE = """#!/bin/sh
if [ "$1 $2" = "stack export" ] && [ ! -e {read} ]; then
    touch {read}
    echo "error: failed to load checkpoint: EOF" >&2
    exit 255
fi
exec {pulumi} "$@"
"""


def test_a_state_that_is_being_written_while_it_is_read_keeps_no_objects(
    emulator: Emulator, stack: Stack, tmp_path: Path
) -> None:
    entries = [declaration("lake", delete_objects=True), declaration("pond", delete_objects=True)]
    emulator.add_jobs(entries)
    stack.declare(entries)
    stack.up()
    read, wrapper = tmp_path / "read", tmp_path / "bin" / "pulumi"
    wrapper.parent.mkdir()
    wrapper.write_text(UNREADABLE_ONCE.format(read=read, pulumi=shutil.which("pulumi")))
    wrapper.chmod(0o755)
    stack.env["PATH"] = f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"
    stack.destroy()
    assert read.exists()
    assert emulator.list_keys() == []
