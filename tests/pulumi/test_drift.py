"""Drift: what refresh reports as drift, what it does not, and how the next `pulumi up` repairs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.harness import (
    BUCKET,
    ROLE,
    Emulator,
    Stack,
    changed_lines,
    changed_properties,
    declaration,
    job_arn,
    planned_operations,
    wait_for_later_timestamps,
)

FILE = "{0}/{0:0<12}/output/consolidated/tile_0000{1}.tif"
#: The drift of each export that refresh reports, and the change that causes it.
DRIFT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "deleted": (
        "1 of 3 objects is gone",
        lambda s3: s3.delete_object(Bucket=BUCKET, Key=FILE.format("deleted", 1)),
    ),
    "overwritten": (
        "1 of 3 objects was overwritten, first output/consolidated/tile_00002.tif",
        lambda s3: s3.put_object(Bucket=BUCKET, Key=FILE.format("overwritten", 2), Body=b"other"),
    ),
}


def export(emulator: Emulator, stack: Stack, *names: str) -> None:
    """Declare and complete exports, and clear the call log."""
    entries = [declaration(name) for name in names]
    emulator.add_jobs(entries)
    stack.declare(entries)
    stack.up()
    emulator.clear_calls()


def test_refresh_reports_drift_and_the_next_up_repairs_it(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, *DRIFT, "soon", "later")
    s3 = emulator.client("s3")
    # What others add is no drift, whenever they do.
    s3.put_object(Bucket=BUCKET, Key=FILE.format("soon", 0) + ".aux.xml", Body=b"<sidecar/>")
    wait_for_later_timestamps()
    s3.put_object(Bucket=BUCKET, Key=FILE.format("later", 0) + ".aux.xml", Body=b"<sidecar/>")
    for _, cause_drift in DRIFT.values():
        cause_drift(s3)
    result = stack.run("refresh", "--preview-only", "--diff", "--expect-no-changes", fails=True)
    assert sorted(changed_lines(result)) == [f'+ drift: "{drift}"' for drift, _ in DRIFT.values()]
    s3.delete_object(Bucket=BUCKET, Key=FILE.format("later", 1))  # beside which the added object hides nothing
    result = stack.refresh()
    for kind, (drift, _) in DRIFT.items():
        named = "names of lost objects are not recorded; remaining" if kind == "deleted" else "newer than the export"
        assert f"drift: {drift}; {named}: output/" in result, kind
    drifted = dict.fromkeys([*DRIFT, "later"], ("replace", ["drift"]))
    plan = stack.plan()
    assert {name: (step["op"], changed_properties(step)) for name, step in plan.items()} == drifted
    assert emulator.exports_started() == 0
    stack.up()
    assert {name: emulator.exports_started(declaration(name)["arn"]) for name in drifted} == dict.fromkeys(drifted, 1)
    assert emulator.exports_started() == len(drifted)
    for name in DRIFT:
        assert len(emulator.list_keys(f"{name}/")) == 3, name


def test_exports_whose_job_was_deleted_or_exported_again_are_kept_while_their_objects_are_intact(
    emulator: Emulator, stack: Stack
) -> None:
    export(emulator, stack, "intact", "failed", "running", "gone")
    jobs = emulator.client("sagemaker-geospatial")
    jobs.delete_earth_observation_job(Arn=job_arn("intact000000"))
    emulator.add_fault("ExportEarthObservationJob", "fail_export", message="no")
    for name, seconds in (("failed", 0), ("running", 3600)):
        emulator.configure(export_seconds=seconds)
        arn = declaration(name)["arn"]
        destination = {"S3Data": {"S3Uri": f"s3://{BUCKET}/outside-pulumi/"}}
        jobs.export_earth_observation_job(Arn=arn, ExecutionRoleArn=ROLE, OutputConfig=destination)
        jobs.get_earth_observation_job(Arn=arn)  # the status is entered when somebody looks
    jobs.delete_earth_observation_job(Arn=job_arn("gone00000000"))
    for key in emulator.list_keys("gone/"):
        emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)
    result = stack.refresh()
    for message in (
        "the job was deleted; this export's objects are intact",
        "another export of the job is FAILED",
        "another export of the job is IN_PROGRESS",
    ):
        assert message in result
    kept = stack.resources()
    assert [name for name, each in kept.items() if "drift" in each["outputs"]] == []
    assert set(kept) == {"intact", "failed", "running"}
    assert planned_operations(stack.plan()) == {"gone": "create"}


def test_without_access_to_the_bucket_only_the_status_is_used_with_one_warning(emulator: Emulator, lake: Stack) -> None:
    emulator.add_job("sea000000000")
    emulator.add_fault("s3:ListObjectsV2", "access_denied", times=-1)
    lake.declare([declaration("lake"), declaration("sea")])
    assert "using the job's status only" in lake.up()
    assert "exported_objects" not in lake.outputs("sea")
    result = lake.refresh("--expect-no-changes")
    assert result.output.partition("Diagnostics:")[2].count("using the job's status only") == 1
