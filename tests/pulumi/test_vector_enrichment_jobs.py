"""ExportVectorEnrichmentJob, the second kind of export, on the real engine: its life, beside an Earth observation job's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Emulator, Stack, declaration, job_arn

KIND = "vector-enrichment-job"
ROADS, ARN = "roads0000000", job_arn("roads0000000", KIND)
FILES = [f"roads/{ROADS}/output/{name}" for name in ("links.geojson", "mapmatch_output.json", "waypoints.geojson")]
METADATA_KEY = f"roads/{ROADS}.job.json"


def roads(**arguments: Any) -> dict[str, Any]:
    return declaration("roads", ROADS, kind=KIND, **arguments)


@pytest.fixture
def both(emulator: Emulator, stack: Stack) -> Stack:
    """A stack with a completed export of each kind."""
    emulator.add_job("lake00000000")
    emulator.request("POST", "jobs", [{"arn": ARN}])
    stack.declare([declaration("lake"), roads()])
    stack.up()
    return stack


def test_exports_of_both_kinds_live_in_one_stack(emulator: Emulator, both: Stack) -> None:
    resource = both.resources()["roads"]
    outputs = resource["outputs"]
    assert resource["type"] == "pulumi-python:dynamic:ExportVectorEnrichmentJob"
    assert (outputs["export_status"], outputs["exported_objects"]["count"]) == ("SUCCEEDED", 3)
    assert "export_source_images" not in outputs
    assert sorted(emulator.list_keys("roads/")) == FILES
    assert len(emulator.list_keys("lake/")) == 3
    # Once signed in, the two resource types share one set of clients.
    assert emulator.call_count("GetCallerIdentity") <= 1
    emulator.clear_calls()
    both.up_expecting_no_changes()
    both.refresh("--expect-no-changes")
    assert emulator.exports_started() == 0


def test_drift_is_found_and_repaired_and_triggers_export_anew(emulator: Emulator, both: Stack) -> None:
    emulator.client("s3").delete_object(Bucket="exports", Key=FILES[0])
    both.refresh()
    assert both.outputs("roads")["drift"] == "1 of 3 objects is gone"
    both.up()
    assert emulator.exports_started(ARN) == 2
    both.declare([declaration("lake"), roads(triggers=["again"])])
    assert both.plan()["roads"]["replaceReasons"] == ["triggers"]
    both.up()
    assert emulator.exports_started(ARN) == 3
    assert emulator.exports_started("lake00000000") == 1


def test_a_lost_record_is_adopted_and_destroy_deletes_only_what_was_started_here(
    emulator: Emulator, both: Stack
) -> None:
    both.run("state", "delete", both.resources()["roads"]["urn"], "--yes")
    assert "adopted an existing export (3 objects" in both.up()
    assert emulator.exports_started(ARN) == 1
    both.declare([declaration("lake"), roads(prefix="streets", delete_objects=True)])
    both.up()
    emulator.client("s3").put_object(Bucket="exports", Key=f"streets/{ROADS}/notes.txt", Body=b"somebody else's")
    both.destroy()
    assert emulator.list_keys("streets/") == [f"streets/{ROADS}/notes.txt"]
    assert emulator.list_keys("roads/")


def test_a_failed_export_fails_with_its_flat_details(emulator: Emulator, stack: Stack) -> None:
    emulator.request("POST", "jobs", [{"arn": ARN}])
    emulator.add_fault("ExportVectorEnrichmentJob", "fail_export", message="no disk")
    stack.declare([roads()])
    result = stack.up(fails=True)
    assert f"exporting {ARN}: the export FAILED:" in result
    assert "no disk" in result
    assert "Traceback" not in result
    stack.up()
    assert stack.outputs("roads")["export_status"] == "SUCCEEDED"


def test_an_arn_of_the_other_kind_is_refused_at_preview(stack: Stack) -> None:
    program = stack.program.replace("is_vector = ", "is_vector = True or ")
    stack.write_program(program)
    stack.declare([declaration("lake")])
    result = stack.preview(fails=True)
    assert "property arn: must be the ARN of a vector enrichment job" in result


def test_the_metadata_of_a_job_is_saved_and_written_again_where_it_is_gone(emulator: Emulator, both: Stack) -> None:
    both.declare([declaration("lake"), roads(save_job_metadata=True)])
    both.up()
    assert emulator.exports_started(ARN) == 1
    saved = both.outputs("roads")["job_metadata"]
    assert saved["key"] == METADATA_KEY
    emulator.client("s3").delete_object(Bucket="exports", Key=METADATA_KEY)
    assert "the job's metadata is gone; `pulumi up` writes it again" in both.refresh()
    assert both.plan()["roads"]["op"] == "update"
    both.up()
    assert both.outputs("roads")["job_metadata"] == saved
    both.refresh("--expect-no-changes")
    assert emulator.exports_started(ARN) == 1
