"""One client token, one export: new attempts, adoption, interrupted runs, and the status of the job."""

from __future__ import annotations

from tests.harness import (
    BUCKET,
    REGION,
    Emulator,
    Stack,
    declaration,
    job_arn,
    kill,
    output_config,
    wait_for_later_timestamps,
    wait_until,
)

TOKEN = "a-user-token-that-has-forty-characters-x"
VECTOR = "vector-enrichment-job"


def test_after_a_killed_run_the_next_up_waits_for_running_exports_and_adopts_completed_ones(
    emulator: Emulator, stack: Stack
) -> None:
    emulator.add_job("lake00000000")
    emulator.add_job("routes000000", kind=VECTOR)
    start_exports_and_kill_the_run(emulator, stack, tokens="replay", triggers="first")
    emulator.clear_calls()
    process = stack.start_up()
    polls = ("GetEarthObservationJob", "GetVectorEnrichmentJob")
    wait_until(lambda: all(map(emulator.call_count, polls)), "polls of both jobs", process=process)
    emulator.release_exports()
    stack.finish(process)
    assert emulator.exports_started() == 0
    assert {name: each["outputs"]["export_status"] for name, each in stack.resources().items()} == {
        "lake": "SUCCEEDED",
        "routes": "SUCCEEDED",
    }

    start_exports_and_kill_the_run(emulator, stack, tokens="error", triggers="second")
    emulator.release_exports()
    wait_for_later_timestamps()
    stack.up()
    assert emulator.exports_started() == 2
    for name, each in stack.resources().items():
        outputs = each["outputs"]
        assert (outputs["triggers"], outputs["exported_objects"]["count"]) == ("second", 3), name


def test_an_export_started_outside_pulumi_is_adopted_by_its_token_which_no_other_request_may_use(
    emulator: Emulator, stack: Stack
) -> None:
    emulator.add_job("lake00000000")
    entry = declaration("lake", client_token=TOKEN)
    emulator.client("sagemaker-geospatial").export_earth_observation_job(
        Arn=entry["arn"],
        ExecutionRoleArn=entry["execution_role_arn"],
        ClientToken=TOKEN,
        OutputConfig={"S3Data": {"S3Uri": f"s3://{BUCKET}/lake/"}},
    )
    wait_for_later_timestamps()
    stack.declare([entry])
    assert "adopted an existing export (" in stack.up()
    assert emulator.exports_started() == 1
    assert stack.outputs("lake")["exported_objects"]["count"] == 3
    changed = declaration("lake", client_token=TOKEN, output_config=output_config("elsewhere"))
    stack.declare([{**changed, "secret": ["client_token"]}])
    result = stack.preview(fails=True)
    assert "property client_token" in result
    assert "must change when output_config.s3_data.s3_uri changes" in result
    assert TOKEN not in result


def test_two_exports_of_one_job_run_one_after_the_other(emulator: Emulator, stack: Stack) -> None:
    emulator.configure(export_seconds=0.5)
    emulator.add_job("lake00000000")
    emulator.client("s3").create_bucket(Bucket="second", CreateBucketConfiguration={"LocationConstraint": REGION})
    second_bucket = {"s3_data": {"s3_uri": "s3://second/lake/"}}
    stack.declare([declaration("lake"), declaration("copy", job="lake00000000", output_config=second_bucket)])
    stack.up()
    assert emulator.exports_started("lake00000000") == 2
    assert {len(emulator.list_keys(bucket=bucket)) for bucket in (BUCKET, "second")} == {3}


def test_exports_of_both_kinds_to_nested_destinations_are_rejected_with_both_names(
    emulator: Emulator, stack: Stack
) -> None:
    inside = declaration("routes", kind=VECTOR, prefix="lake/lake00000000/output")
    stack.declare([declaration("lake"), inside])
    result = stack.preview(fails=True)
    names = ("lake and routes", "routes and lake")
    assert any(f"{each} would overwrite each other" in result for each in names)
    assert emulator.call_report()["counts"] == {}


def test_up_waits_for_a_running_job_before_it_exports(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000", status="IN_PROGRESS")
    stack.declare([declaration("lake")])
    stack.env["PULUMI_GEOSPATIAL_LIVE"] = "true"  # shows each status, as in a terminal
    process = stack.start_up()
    wait_until(lambda: emulator.call_count("GetEarthObservationJob") > 1, "polls of the job", process=process)
    emulator.add_job("lake00000000", status="COMPLETED")
    assert " job is IN_PROGRESS " in stack.finish(process)
    assert stack.outputs("lake")["export_status"] == "SUCCEEDED"


def test_get_reads_an_export_without_managing_it(emulator: Emulator, lake: Stack) -> None:
    resource_id = lake.resources()["lake"]["id"]
    lake.write_program(
        lake.program
        + f"""
import pulumi
for name, id in (("by arn", "{job_arn("lake00000000")}"), ("by id", "{resource_id}")):
    export = ExportEarthObservationJob.get(name, id)
    pulumi.export(name, {{"status": export.export_status, "arn": export.arn, "location": export.location}})
"""
    )
    lake.up()
    outputs = lake.all_resources()[0]["outputs"]
    assert set(outputs) == {"by arn", "by id"}
    for name, seen in outputs.items():
        assert (seen["status"], seen["arn"]) == ("SUCCEEDED", job_arn("lake00000000")), name
    assert emulator.exports_started() == 0
    lake.write_program(lake.program)
    lake.up()
    assert len(emulator.list_keys()) == 3


def start_exports_and_kill_the_run(emulator: Emulator, stack: Stack, tokens: str, triggers: str) -> None:
    """Kill an update after it started a new export of each kind; the exports keep running."""
    emulator.configure(tokens=tokens)
    emulator.hold_exports()
    wait_for_later_timestamps()
    emulator.clear_calls()
    stack.declare([declaration("lake", triggers=triggers), declaration("routes", kind=VECTOR, triggers=triggers)])
    process = stack.start_up()
    wait_until(lambda: emulator.exports_started() == 2, "the start of the exports", process=process)
    kill(process)
    stack.run("cancel", "--yes", "test")
