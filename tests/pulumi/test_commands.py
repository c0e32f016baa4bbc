"""`report` and `delete-jobs` on the real engine, with exports of both kinds."""

from __future__ import annotations

import json

from tests.harness import BUCKET, Emulator, Stack
from tests.support.aws_names import ROLE, job_arn

PROGRAM = f"""\
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, ExportVectorEnrichmentJob

arguments = dict(
    execution_role_arn="{ROLE}", output_config={{"s3_data": {{"s3_uri": "s3://{BUCKET}/archive/"}}}}, save_job_metadata=True
)
for number in range(3):
    arn = f"arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/lake0000000{{number}}"
    ExportEarthObservationJob(f"lake-{{number}}", arn=arn, **arguments)
arn = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:vector-enrichment-job/route0000001"
ExportVectorEnrichmentJob("route", arn=arn, **arguments)
"""


def test_jobs_are_reported_then_deleted_and_a_refresh_finds_no_drift(stack: Stack, emulator: Emulator) -> None:
    for number in range(3):
        emulator.add_job(f"lake0000000{number}")
    emulator.request("POST", "jobs", [{"id": "route0000001", "kind": "vector-enrichment-job"}])
    stack.write_program(PROGRAM)
    stack.run("config", "set", "--secret", "aws:secretKey", "test")
    stack.up()

    assert "4 exports complete: 12 objects" in stack.run_command("report", "--stack", "test", "--out", "report", code=0)
    document = json.loads((stack.directory / "report" / "report.json").read_text())
    assert {each["kind"] for each in document["exports"]} == {"Earth observation job", "vector enrichment job"}

    key = emulator.list_keys("archive/lake00000002/")[0]
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)
    assert "would delete 3 jobs" in stack.run_command("delete-jobs", "--stack", "test", code=1)
    assert emulator.call_count("DeleteEarthObservationJob") == 0
    deleted = stack.run_command("delete-jobs", "--stack", "test", "--yes", code=1)
    assert "lake-2: 1 of 3 objects is gone" in deleted
    assert "deleted 3 jobs" in deleted
    assert emulator.call_count("DeleteEarthObservationJob") == 2
    assert emulator.call_count("DeleteVectorEnrichmentJob") == 1
    assert job_arn("lake00000002") not in (stack.directory / "test.delete-jobs.jsonl").read_text()

    stack.refresh()
    assert [name for name, each in stack.resources().items() if each["outputs"].get("drift")] == ["lake-2"]
    assert "no stack named 'nope' found" in stack.run_command("report", "--stack", "nope", code=2)
