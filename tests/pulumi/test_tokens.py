"""One client token, one export: new attempts, adoption, interrupted runs, and the status of the job."""

from __future__ import annotations

import time

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


def test_restoring_an_earlier_trigger_starts_a_third_export(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    for trigger in "aba":
        stack.declare([declaration("lake", triggers=trigger)])
        stack.up()
    assert emulator.exports_started() == 3


def test_replace_adopts_an_intact_export_and_tells_how_to_force_a_new_one(emulator: Emulator, lake: Stack) -> None:
    urn = lake.resources()["lake"]["urn"]
    result = lake.up("--replace", urn)
    assert "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN" in result
    assert emulator.exports_started() == 0
    wait_for_later_timestamps()  # otherwise the existing export looks as if this run started it
    lake.up("--replace", urn, env={"PULUMI_GEOSPATIAL_ADOPT": "false"})
    assert emulator.exports_started() == 1


def test_a_replacement_trigger_starts_a_new_export(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", opts={"replacement_trigger": "one"})])
    stack.up()
    wait_for_later_timestamps()
    stack.declare([declaration("lake", opts={"replacement_trigger": "two"})])
    stack.up()
    assert emulator.exports_started() == 2
    assert stack.outputs("lake")["__attempt"] == 1


def test_after_a_killed_run_the_next_up_waits_for_the_running_export_or_adopts_the_completed_one(
    emulator: Emulator, lake: Stack
) -> None:
    start_an_export_and_kill_the_run(emulator, lake, tokens="replay", triggers="first")
    emulator.clear_calls()
    process = lake.start_up()
    wait_until(lambda: emulator.call_count("GetEarthObservationJob") > 0, "the first poll", process=process)
    emulator.release_exports()
    lake.finish(process)
    assert emulator.exports_started() == 0
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"

    start_an_export_and_kill_the_run(emulator, lake, tokens="error", triggers="second")
    emulator.release_exports()
    wait_for_later_timestamps()
    lake.up()
    assert emulator.exports_started() == 1
    assert lake.outputs("lake")["exported_objects"]["count"] == 3
    lake.up_expecting_no_changes()


def test_a_token_that_the_service_no_longer_knows_starts_a_new_export(emulator: Emulator, lake: Stack) -> None:
    emulator.configure(tokens="forget", token_lifetime=0, export_seconds=2)
    lake.destroy()
    result = lake.up()
    # The outcome of an export of less than a minute has to be asked for, which starts another one here.
    assert emulator.exports_started() == 2
    assert "the service does not confirm its client token" in result
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"


def test_a_failed_export_with_a_user_token_requires_a_new_token(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    emulator.configure(export_seconds=0.1)
    emulator.add_fault("ExportEarthObservationJob", "fail_export", message="no")
    stack.declare([declaration("lake", client_token=TOKEN)])
    stack.up(fails=True)
    result = stack.up(fails=True)
    assert "client_token cannot start another export" in result
    assert "Use a new client_token" in result


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
    stack.declare([declaration("lake", client_token=TOKEN, output_config=output_config("elsewhere"))])
    result = stack.preview(fails=True)
    assert "property client_token" in result
    assert "must change when output_config.s3_data.s3_uri changes" in result


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


def test_two_exports_of_one_job_run_one_after_the_other(emulator: Emulator, stack: Stack) -> None:
    emulator.configure(export_seconds=0.5)
    emulator.add_job("lake00000000")
    emulator.client("s3").create_bucket(Bucket="second", CreateBucketConfiguration={"LocationConstraint": REGION})
    second_bucket = {"s3_data": {"s3_uri": "s3://second/lake/"}}
    stack.declare([declaration("lake"), declaration("copy", job="lake00000000", output_config=second_bucket)])
    stack.up()
    assert emulator.exports_started("lake00000000") == 2
    stack.run("refresh", "--preview-only", "--expect-no-changes")


def test_two_exports_of_one_job_to_one_destination_are_rejected_with_both_names(
    emulator: Emulator, stack: Stack
) -> None:
    stack.declare([declaration("lake"), declaration("copy", job="lake00000000", prefix="lake")])
    result = stack.preview(fails=True)
    assert "lake and copy would overwrite each other" in result or "copy and lake would overwrite each other" in result
    assert emulator.call_report()["counts"] == {}


def test_two_exports_to_nested_destinations_are_rejected_with_both_names(emulator: Emulator, stack: Stack) -> None:
    stack.declare([declaration("lake"), declaration("river", job="river0000000", prefix="lake/lake00000000/output")])
    result = stack.preview(fails=True)
    assert (
        "lake and river would overwrite each other" in result or "river and lake would overwrite each other" in result
    )
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


def test_a_failed_stopped_or_deleted_job_fails_without_waiting(emulator: Emulator, stack: Stack) -> None:
    details = {"Type": "CLIENT_ERROR", "Message": "Cloudy"}
    emulator.add_job("failed000000", status="FAILED", error_details=details)
    emulator.add_job("stopped00000", status="STOPPED")
    stack.declare([declaration(name) for name in ("failed", "stopped", "deleted")])
    result = stack.up("--continue-on-error", fails=True)
    for message in (
        f"exporting {job_arn('failed000000')}: the job is FAILED",
        "CLIENT_ERROR: Cloudy",
        f"exporting {job_arn('stopped00000')}: the job is STOPPED",
        f"{job_arn('deleted00000')} was refused: ResourceNotFoundException",
    ):
        assert message in result


def test_the_delayed_status_of_an_earlier_export_is_ignored(emulator: Emulator, lake: Stack) -> None:
    wait_for_later_timestamps()
    emulator.configure(export_seconds=2, status_lag=4)
    lake.declare([declaration("lake", triggers="again")])
    before = lake.outputs("lake")["exported_objects"]["newest"]
    started = time.monotonic()
    lake.up()
    assert time.monotonic() - started > 2
    assert emulator.exports_started() == 1
    assert lake.outputs("lake")["exported_objects"]["newest"] > before
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def start_an_export_and_kill_the_run(emulator: Emulator, lake: Stack, tokens: str, triggers: str) -> None:
    """Kill an update after it started a new export; the export keeps running."""
    emulator.configure(tokens=tokens)
    emulator.hold_exports()
    wait_for_later_timestamps()
    emulator.clear_calls()
    lake.declare([declaration("lake", triggers=triggers)])
    process = lake.start_up()
    wait_until(lambda: emulator.exports_started() == 1, "the start of the export", process=process)
    kill(process)
    lake.run("cancel", "--yes", "test")
