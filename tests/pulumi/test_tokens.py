"""One token, one export: attempts, adoption, interruptions, turns, and the job that is exported."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from tests.harness import BUCKET, REGION, Emulator, Stack, arn, declared, exported_to, kill

TOKEN = "a-token-of-the-users-own-of-40-characters"
FILE = "lake/lake00000000/output/consolidated/tile_0000{}.tif"


def test_triggers_that_go_a_b_a_make_three_exports(emulator: Emulator, lake: Stack) -> None:
    for trigger in "aba":
        lake.declare([declared("lake", triggers=trigger)])
        lake.up()
    assert emulator.started() == 3
    lake.empty()


def test_replace_adopts_what_is_intact_and_says_how_to_force(emulator: Emulator, lake: Stack) -> None:
    urn = lake.resources()["lake"]["urn"]
    shown = lake.up("--replace", urn)
    assert "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN" in shown
    assert emulator.started() == 0
    time.sleep(1.1)  # an export of this very second would be taken for the one that was just asked for
    lake.up("--replace", urn, env={"PULUMI_GEOSPATIAL_ADOPT": "false"})
    assert emulator.started() == 1
    lake.empty()


def test_a_replacement_trigger_exports_anew(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declared("lake", opts={"replacement_trigger": "one"})])
    lake.up()
    time.sleep(1.1)
    lake.declare([declared("lake", opts={"replacement_trigger": "two"})])
    lake.up()
    assert emulator.started() == 1
    assert lake.outputs("lake")["__attempt"] == 1


@pytest.mark.parametrize("tokens", ["replay", "error"])
def test_a_run_that_was_killed_is_joined_by_the_next(emulator: Emulator, lake: Stack, tokens: str) -> None:
    _kill_a_run(emulator, lake, export_seconds=3, tokens=tokens)
    lake.up()
    assert emulator.started() == 1
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"


@pytest.mark.parametrize("tokens", ["replay", "error"])
def test_an_export_that_ended_after_its_run_was_killed_is_adopted(emulator: Emulator, lake: Stack, tokens: str) -> None:
    _kill_a_run(emulator, lake, export_seconds=2, tokens=tokens)
    time.sleep(2.1)
    lake.up()
    assert emulator.started() == 1
    assert lake.outputs("lake")["exported_objects"]["count"] == 3
    lake.empty()


def test_a_token_that_the_service_has_forgotten_starts_anew(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(tokens="forget", token_lifetime=0)
    lake.destroy()
    lake.up()
    assert emulator.started() == 1
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"


def test_ctrl_c_ends_every_wait_at_once_and_says_that_the_export_goes_on(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(export_seconds=3)
    lake.declare([declared("lake", triggers="again")])
    run = lake.start("up", "--yes", "--skip-preview")
    _until(lambda: emulator.started() == 1)
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    shown, _ = run.communicate(timeout=30)
    assert time.monotonic() - began < 2.5
    assert "the next `pulumi up` joins it" in shown
    lake.up()
    assert emulator.started() == 1


def test_the_same_token_with_another_request_is_refused_at_preview(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declared("lake", client_token=TOKEN)])
    lake.up()
    lake.declare([declared("lake", client_token=TOKEN, output_config=exported_to("elsewhere"))])
    shown = lake.preview(fails=True)
    assert "property client_token" in shown
    assert "must be a new one, as output_config.s3_data.s3_uri changed" in shown


def test_the_same_token_whose_export_failed_needs_a_new_one(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(export_seconds=0.1)
    emulator.fault("ExportEarthObservationJob", "fail_export", message="no")
    lake.declare([declared("lake", client_token=TOKEN)])
    lake.up(fails=True)
    shown = lake.up(fails=True)
    assert "TokenSpent" in shown
    assert "Give a new client_token" in shown


def test_an_export_that_was_started_by_hand_becomes_state_without_a_new_one(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000")
    entry = declared("lake", client_token=TOKEN)
    emulator.client("sagemaker-geospatial").export_earth_observation_job(
        Arn=entry["arn"],
        ExecutionRoleArn=entry["execution_role_arn"],
        ClientToken=TOKEN,
        OutputConfig={"S3Data": {"S3Uri": f"s3://{BUCKET}/lake/"}},
    )
    time.sleep(1.1)
    stack.declare([entry])
    assert "adopted the export of" in stack.up()
    assert emulator.started() == 1
    assert stack.outputs("lake")["exported_objects"]["count"] == 3
    stack.empty()


def test_get_reads_a_job_without_managing_it(emulator: Emulator, lake: Stack) -> None:
    identity = lake.resources()["lake"]["id"]
    lake.write(
        lake.program
        + f"""
import pulumi
for name, id in (("by arn", "{arn("lake00000000")}"), ("by id", "{identity}")):
    seen = ExportEarthObservationJob.get(name, id)
    pulumi.export(name, {{"status": seen.export_status, "arn": seen.arn, "location": seen.location}})
"""
    )
    lake.up()
    shown = lake.run("stack", "output", "--json")
    assert shown.output.count('"status": "SUCCEEDED"') == 2
    assert shown.output.count(f'"arn": "{arn("lake00000000")}"') == 2
    assert emulator.started() == 0
    lake.empty()
    lake.write(lake.program)
    lake.up()
    assert len(emulator.keys()) == 3


def test_two_exports_of_one_job_take_turns_and_stay_green(emulator: Emulator, stack: Stack) -> None:
    emulator.settings(export_seconds=0.5)
    emulator.job("lake00000000")
    emulator.client("s3").create_bucket(Bucket="second", CreateBucketConfiguration={"LocationConstraint": REGION})
    other = {"s3_data": {"s3_uri": "s3://second/lake/"}}
    stack.declare([declared("lake"), declared("copy", job="lake00000000", output_config=other)])
    stack.up()
    assert emulator.started("lake00000000") == 2
    stack.run("refresh", "--preview-only", "--expect-no-changes")


def test_two_declarations_of_one_export_in_one_place_are_reported_with_both_names(
    emulator: Emulator, stack: Stack
) -> None:
    stack.declare([declared("lake"), declared("copy", job="lake00000000", prefix="lake")])
    shown = stack.preview(fails=True)
    assert "lake and copy would overwrite each other" in shown or "copy and lake would overwrite each other" in shown
    assert emulator.calls()["counts"] == {}


def test_a_job_that_still_runs_is_waited_for(emulator: Emulator, stack: Stack) -> None:
    emulator.settings(job_seconds=6)
    emulator.job("lake00000000", status="IN_PROGRESS")
    stack.declare([declared("lake")])
    assert "the job is IN_PROGRESS" in stack.up()
    assert stack.outputs("lake")["export_status"] == "SUCCEEDED"


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
def test_a_job_that_will_never_be_complete_is_an_error_at_once(emulator: Emulator, stack: Stack, status: str) -> None:
    details = {"Type": "CLIENT_ERROR", "Message": "Cloudy"} if status == "FAILED" else None
    emulator.job("lake00000000", status=status, **({"error_details": details} if details else {}))
    stack.declare([declared("lake")])
    shown = stack.up(fails=True)
    assert f"JobNotExportable: exporting {arn('lake00000000')}: the job is {status}" in shown
    if details:
        assert "CLIENT_ERROR: Cloudy" in shown


def test_a_job_that_was_deleted_is_an_error_at_once(emulator: Emulator, stack: Stack) -> None:
    stack.declare([declared("lake")])
    assert "ResourceNotFoundException" in stack.up(fails=True)


def test_a_status_that_lags_is_not_believed(emulator: Emulator, lake: Stack) -> None:
    time.sleep(1.1)  # S3 tells whole seconds
    emulator.settings(export_seconds=2, status_lag=4)
    lake.declare([declared("lake", triggers="again")])
    before = lake.outputs("lake")["exported_objects"]["newest"]
    began = time.monotonic()
    lake.up()
    assert time.monotonic() - began > 2
    assert emulator.started() == 1
    assert lake.outputs("lake")["exported_objects"]["newest"] > before
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def _kill_a_run(emulator: Emulator, lake: Stack, **settings: Any) -> None:
    """Kill an update that exports anew, once its export is started."""
    emulator.settings(**settings)
    lake.declare([declared("lake", triggers="again")])
    run = lake.start("up", "--yes", "--skip-preview")
    _until(lambda: emulator.started() == 1)
    kill(run)
    lake.run("cancel", "--yes", "test")


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
