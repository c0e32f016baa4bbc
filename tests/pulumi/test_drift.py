"""Drift: what refresh reports as drift, what it does not, and how the next `pulumi up` repairs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import (
    BUCKET,
    ROLE,
    Emulator,
    Stack,
    changed_lines,
    changed_properties,
    declaration,
    job_arn,
    wait_for_later_timestamps,
)

TOKEN = "a-user-token-that-has-forty-characters-x"
FILE = "lake/lake00000000/output/consolidated/tile_0000{}.tif"


def test_refresh_retries_transient_errors(emulator: Emulator, lake: Stack) -> None:
    lake.configure(**{"aws:maxRetries": 0})
    emulator.add_fault("GetEarthObservationJob", "internal", times=3)
    lake.refresh("--expect-no-changes")


#: The drift that refresh reports, and the change that causes it.
DRIFT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "deleted": ("1 of 3 objects is gone", lambda s3: s3.delete_object(Bucket=BUCKET, Key=FILE.format(1))),
    "overwritten": (
        "1 of 3 objects was overwritten, first output/consolidated/tile_00002.tif",
        lambda s3: s3.put_object(Bucket=BUCKET, Key=FILE.format(2), Body=b"other"),
    ),
}


@pytest.mark.parametrize("kind", DRIFT)
def test_refresh_reports_drift_and_the_next_up_repairs_it(emulator: Emulator, lake: Stack, kind: str) -> None:
    drift, cause_drift = DRIFT[kind]
    wait_for_later_timestamps()
    cause_drift(emulator.client("s3"))
    result = lake.run("refresh", "--preview-only", "--diff", "--expect-no-changes", fails=True)
    assert changed_lines(result) == [f'+ drift: "{drift}"']
    assert f"drift: {drift}; {'remaining' if kind == 'deleted' else 'newer than the export'}: output/" in lake.refresh()
    step = lake.plan()["lake"]
    assert (step["op"], changed_properties(step)) == ("replace", ["drift"])
    lake.preview("--expect-no-changes", fails=True)
    assert changed_lines(lake.preview()) == [f'- drift: "{drift}"']
    assert emulator.exports_started() == 0
    lake.up()
    assert emulator.exports_started() == 1
    assert len(emulator.list_keys()) == 3
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def test_repairing_drift_with_a_user_token_requires_a_new_token(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declaration("lake", client_token=TOKEN)])
    lake.up()
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=FILE.format(1))
    lake.refresh()
    assert "re-exporting normally needs a new client_token" in lake.preview()
    wait_for_later_timestamps()
    assert "client_token cannot start another export" in lake.up(fails=True)
    lake.declare([declaration("lake", client_token=TOKEN.upper())])
    lake.up()
    assert len(emulator.list_keys()) == 3


@pytest.mark.parametrize("moment", ["later", "right after the export"])
def test_added_objects_are_not_drift_and_do_not_hide_drift(emulator: Emulator, lake: Stack, moment: str) -> None:
    s3 = emulator.client("s3")
    if moment == "later":
        wait_for_later_timestamps()
    s3.put_object(Bucket=BUCKET, Key=FILE.format(0) + ".aux.xml", Body=b"<sidecar/>")
    lake.run("refresh", "--preview-only", "--expect-no-changes")
    s3.delete_object(Bucket=BUCKET, Key=FILE.format(1))
    lake.refresh()
    assert "1 of 3 objects" in lake.outputs("lake")["drift"]


def test_a_deleted_job_with_intact_objects_is_not_drift(emulator: Emulator, lake: Stack) -> None:
    emulator.client("sagemaker-geospatial").delete_earth_observation_job(Arn=job_arn("lake00000000"))
    result = lake.refresh("--expect-no-changes")
    assert "the job was deleted; this export's objects are intact" in result
    lake.up_expecting_no_changes()


def test_refresh_removes_an_export_whose_job_and_objects_were_deleted(emulator: Emulator, lake: Stack) -> None:
    emulator.client("sagemaker-geospatial").delete_earth_observation_job(Arn=job_arn("lake00000000"))
    for key in emulator.list_keys():
        emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)
    lake.refresh()
    assert lake.resources() == {}
    assert "ResourceNotFoundException" in lake.up(fails=True)


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED"])
def test_another_export_of_the_job_causes_a_warning_and_no_drift(emulator: Emulator, lake: Stack, status: str) -> None:
    emulator.configure(export_seconds=3600 if status == "IN_PROGRESS" else 0)
    if status == "FAILED":
        emulator.add_fault("ExportEarthObservationJob", "fail_export", message="no")
    emulator.client("sagemaker-geospatial").export_earth_observation_job(
        Arn=job_arn("lake00000000"),
        ExecutionRoleArn=ROLE,
        OutputConfig={"S3Data": {"S3Uri": f"s3://{BUCKET}/outside-pulumi/"}},
    )
    result = lake.refresh("--expect-no-changes")
    assert f"another export of the job is {status}" in result
    lake.up_expecting_no_changes()


@pytest.mark.parametrize("fault", ["access_denied", "drop_before"])
def test_without_access_to_the_bucket_only_the_status_is_used_with_one_warning(
    emulator: Emulator, lake: Stack, fault: str
) -> None:
    emulator.add_job("sea000000000")
    emulator.add_fault("s3:ListObjectsV2", fault, times=-1)
    lake.declare([declaration("lake"), declaration("sea")])
    assert "using the job's status only" in lake.up()
    assert "exported_objects" not in lake.outputs("sea")
    result = lake.refresh("--expect-no-changes")
    assert result.output.partition("Diagnostics:")[2].count("using the job's status only") == 1


def test_objects_are_not_listed_when_verify_objects_is_false(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", verify_objects=False)])
    stack.up()
    for key in emulator.list_keys():
        emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)
    emulator.clear_calls()
    stack.run("refresh", "--preview-only", "--expect-no-changes")
    assert not [name for name in emulator.call_report()["counts"] if name.startswith("s3")]
