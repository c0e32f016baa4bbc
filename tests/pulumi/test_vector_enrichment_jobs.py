"""Exports of vector enrichment jobs on the real engine: the main scenarios of docs/what-happens.md, and both kinds in one stack."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import (
    ACCOUNT,
    BUCKET,
    Emulator,
    Stack,
    changed_lines,
    changed_properties,
    declaration,
    job_arn,
    kill,
    planned_operations,
    wait_for_later_timestamps,
    wait_until,
)

KIND = "vector-enrichment-job"
JOB = job_arn("routes000000", KIND)
OPERATION = "ExportVectorEnrichmentJob"
FILES = ("links.geojson", "mapmatch_output.json", "waypoints.geojson")
METADATA = "routes/routes000000.job.json"


def vector(name: str = "routes", **arguments: Any) -> dict[str, Any]:
    """Return the declaration of an export of a vector enrichment job."""
    return declaration(name, kind=KIND, **arguments)


@pytest.fixture
def folder(emulator: Emulator) -> str:
    """No folder of the results below the export's, as in AWS's notebooks; the other tests have the emulator's `output/`."""
    emulator.configure(vector_folder="")
    return ""


def test_an_export_is_created_kept_repaired_replaced_and_deleted(emulator: Emulator, stack: Stack, folder: str) -> None:
    emulator.add_job("routes000000", kind=KIND)
    keys = [f"routes/routes000000/{folder}{name}" for name in FILES]
    stack.declare([vector(delete_objects=True)])
    assert planned_operations(stack.plan()) == {"routes": "create"}
    stack.up()
    assert stack.outputs("routes")["export_status"] == "SUCCEEDED"
    assert stack.outputs("routes")["exported_objects"]["count"] == 3
    assert emulator.list_keys() == keys
    emulator.clear_calls()
    stack.up_expecting_no_changes()
    assert emulator.call_report()["counts"] == {}
    wait_for_later_timestamps()
    s3 = emulator.client("s3")
    s3.put_object(Bucket=BUCKET, Key="routes/routes000000/notes.txt", Body=b"of somebody else")
    stack.run("refresh", "--preview-only", "--expect-no-changes")
    s3.delete_object(Bucket=BUCKET, Key=keys[1])
    stack.refresh()
    assert changed_lines(stack.preview()) == [
        '- drift: "1 of 3 objects is gone or overwritten; the first newer object is notes.txt"'
    ]
    stack.up()
    assert emulator.exports_started(JOB) == 1
    stack.declare([vector(delete_objects=True, prefix="elsewhere")])
    step = stack.plan()["routes"]
    assert (step["op"], changed_properties(step)) == ("replace", ["output_config.s3_data.s3_uri"])
    stack.up()
    assert emulator.list_keys("routes/") == ["routes/routes000000/notes.txt"]
    assert "deleted the 3 objects that this export wrote" in stack.destroy()
    assert emulator.list_keys("elsewhere/") == []


@pytest.mark.parametrize("tokens", ["replay", "error"])
def test_after_a_killed_run_a_completed_export_is_adopted(emulator: Emulator, stack: Stack, tokens: str) -> None:
    emulator.add_job("routes000000", kind=KIND)
    emulator.configure(tokens=tokens)
    emulator.hold_exports()
    stack.declare([vector()])
    process = stack.start_up()
    wait_until(lambda: emulator.exports_started(JOB) == 1, "the start of the export", process=process)
    kill(process)
    stack.run("cancel", "--yes", "test")
    emulator.release_exports()
    wait_for_later_timestamps()
    assert "adopted an existing export (" in stack.up()
    assert emulator.exports_started(JOB) == 1
    assert stack.outputs("routes")["exported_objects"]["count"] == 3
    stack.up_expecting_no_changes()


def test_a_failure_and_an_invalid_arn_are_explained_and_get_reads_the_status(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("routes000000", kind=KIND)
    emulator.configure(export_seconds=0.3)
    emulator.add_fault(OPERATION, "fail_export", message="The table is empty")
    stack.declare([vector()])
    failed = stack.up(fails=True)
    assert f"exporting {JOB}: the export FAILED: CLIENT_ERROR: The table is empty. Fix the cause" in failed
    stack.write_program(
        stack.program.partition("exports = {}")[0]
        + f'''
seen = ExportVectorEnrichmentJob.get("seen", "{JOB}")
pulumi.export("seen", {{"status": seen.export_status, "details": seen.export_error_details}})
'''
    )
    stack.up()
    seen = stack.run("stack", "output", "seen", "--json")
    assert '"status": "FAILED"' in seen
    assert '"message": "The table is empty"' in seen
    stack.write_program(
        stack.program.replace("ExportVectorEnrichmentJob if is_vector else ExportEarthObservationJob", OPERATION)
    )
    stack.declare([declaration("lake")])
    invalid = stack.preview(fails=True)
    assert "property arn: must be the ARN of a vector enrichment job, arn:aws:sagemaker-geospatial:" in invalid
    for result in (failed, seen, invalid):
        assert "earth observation" not in result.output.lower()
        assert "Traceback" not in result


def test_secret_inputs_appear_neither_in_output_nor_in_the_state(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("routes000000", kind=KIND)
    emulator.create_role("hush-role")
    secrets = {"execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/hush-role", "client_token": f"hush-{'0' * 40}"}
    entry = vector(prefix="hush-prefix", save_job_metadata=True, secret=[*secrets, "output_config"], **secrets)
    stack.declare([entry])
    assert "hush" not in stack.up()
    assert "hush" not in str(stack.export_state())
    [metadata] = emulator.list_keys("hush-prefix/routes000000.")
    body = emulator.client("s3").get_object(Bucket=BUCKET, Key=metadata)["Body"].read().decode()
    assert "hush" not in body


def test_both_kinds_in_one_stack_share_one_pace_and_one_set_of_clients(emulator: Emulator, stack: Stack) -> None:
    entries = [each for n in range(6) for each in (declaration(f"lake-{n}"), vector(f"routes-{n}"))]
    emulator.add_jobs(entries)
    stack.configure(**{"sagemakergeospatial:maxCallsPerSecond": 5, "aws:allowedAccountIds": [ACCOUNT]})
    stack.declare(entries)
    stack.up()
    report = emulator.call_report()
    # One runtime: signed in once, where each kind of its own would ask for the account by itself.
    assert report["counts"]["sts:GetCallerIdentity"] == 1
    assert {each["outputs"]["export_status"] for each in stack.resources().values()} == {"SUCCEEDED"}
    stack.up_expecting_no_changes()
    assert emulator.exports_started() == 12


def test_destinations_of_both_kinds_that_overlap_are_rejected_with_both_names(emulator: Emulator, stack: Stack) -> None:
    stack.declare([declaration("lake", "same00000000"), vector("routes", job="same00000000", prefix="lake")])
    result = stack.preview(fails=True)
    assert "lake and routes would overwrite each other" in result or (
        "routes and lake would overwrite each other" in result
    )
    assert emulator.call_report()["counts"] == {}


def test_the_metadata_of_a_job_is_written_and_repaired_without_another_export(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("routes000000", kind=KIND)
    stack.declare([vector(save_job_metadata=True)])
    stack.up()
    saved = stack.outputs("routes")["job_metadata"]
    assert saved["key"] == METADATA
    assert METADATA in emulator.list_keys()
    stack.run("refresh", "--preview-only", "--expect-no-changes")
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=METADATA)
    assert "the job's metadata is gone; `pulumi up` writes it again" in stack.refresh()
    step = stack.plan()["routes"]
    assert (step["op"], changed_properties(step)) == ("update", ["job_metadata"])
    stack.up()
    assert stack.outputs("routes")["job_metadata"] == saved
    assert METADATA in emulator.list_keys()
    assert emulator.exports_started(JOB) == 1
    stack.up_expecting_no_changes()
    stack.destroy()
    assert METADATA in emulator.list_keys()
