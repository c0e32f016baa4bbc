"""Exports of vector enrichment jobs on the real engine: the main scenarios of docs/what-happens.md, and both kinds in one stack."""

from __future__ import annotations

from typing import Any

from tests.harness import (
    ACCOUNT,
    BUCKET,
    Emulator,
    Stack,
    changed_lines,
    declaration,
    job_arn,
)

KIND = "vector-enrichment-job"
JOB = job_arn("routes000000", KIND)
OPERATION = "ExportVectorEnrichmentJob"
FILES = ("links.geojson", "mapmatch_output.json", "waypoints.geojson")
METADATA = "routes/routes000000.job.json"


def vector(name: str = "routes", **arguments: Any) -> dict[str, Any]:
    """Return the declaration of an export of a vector enrichment job."""
    return declaration(name, kind=KIND, **arguments)


def test_an_export_and_the_metadata_of_its_job_are_created_repaired_and_deleted(
    emulator: Emulator, stack: Stack
) -> None:
    # As in AWS's notebooks; the other tests have the emulator's `output/`.
    emulator.configure(vector_folder="")
    emulator.add_job("routes000000", kind=KIND)
    keys = [f"routes/routes000000/{name}" for name in FILES]
    stack.declare([vector(delete_objects=True, save_job_metadata=True)])
    stack.up()
    created = stack.outputs("routes")
    assert (created["export_status"], created["exported_objects"]["count"]) == ("SUCCEEDED", 3)
    assert created["job_metadata"]["key"] == METADATA
    assert emulator.list_keys() == [METADATA, *keys]
    emulator.clear_calls()

    s3 = emulator.client("s3")
    s3.delete_object(Bucket=BUCKET, Key=METADATA)
    assert "the job's metadata is gone; `pulumi up` writes it again" in stack.refresh()
    stack.up()
    assert stack.outputs("routes")["job_metadata"] == created["job_metadata"]
    assert emulator.exports_started(JOB) == 0

    s3.put_object(Bucket=BUCKET, Key="routes/routes000000/notes.txt", Body=b"of somebody else")
    s3.delete_object(Bucket=BUCKET, Key=keys[1])
    stack.refresh()
    assert changed_lines(stack.preview()) == [
        '- drift: "1 of 3 objects is gone or overwritten; the first newer object is notes.txt"'
    ]
    stack.up()
    assert emulator.exports_started(JOB) == 1
    assert "deleted the 3 objects that this export wrote" in stack.destroy()
    assert emulator.list_keys() == [METADATA, "routes/routes000000/notes.txt"]


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
    seen = stack.all_resources()[0]["outputs"]["seen"]
    assert (seen["status"], seen["details"]["message"]) == ("FAILED", "The table is empty")
    stack.write_program(
        stack.program.replace("ExportVectorEnrichmentJob if is_vector else ExportEarthObservationJob", OPERATION)
    )
    stack.declare([declaration("lake")])
    invalid = stack.preview(fails=True)
    assert "property arn: must be the ARN of a vector enrichment job, arn:aws:sagemaker-geospatial:" in invalid
    for result in (failed, invalid):
        assert "earth observation" not in result.output.lower()
        assert "Traceback" not in result


def test_secret_inputs_appear_neither_in_output_nor_in_the_state(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("routes000000", kind=KIND)
    emulator.create_role("hush-role")
    secrets = {"execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/hush-role", "client_token": f"hush-{'0' * 40}"}
    entry = vector(prefix="hush-prefix", save_job_metadata=True, secret=[*secrets, "output_config"], **secrets)
    stack.declare([entry])
    assert "hush" not in stack.up()
    assert "hush" not in str(stack.all_resources())
    [metadata] = emulator.list_keys("hush-prefix/routes000000.")
    body = emulator.client("s3").get_object(Bucket=BUCKET, Key=metadata)["Body"].read().decode()
    assert "hush" not in body


def test_both_kinds_in_one_stack_share_one_pace_and_one_set_of_clients(emulator: Emulator, stack: Stack) -> None:
    entries = [each for n in range(3) for each in (declaration(f"lake-{n}"), vector(f"routes-{n}"))]
    emulator.add_jobs(entries)
    stack.configure(**{"sagemakergeospatial:maxCallsPerSecond": 5, "aws:allowedAccountIds": [ACCOUNT]})
    stack.declare(entries)
    stack.up()
    report = emulator.call_report()
    # One runtime: signed in once, where each kind of its own would ask for the account by itself.
    assert report["counts"]["sts:GetCallerIdentity"] == 1
    assert {each["outputs"]["export_status"] for each in stack.resources().values()} == {"SUCCEEDED"}
    assert emulator.exports_started() == 6
