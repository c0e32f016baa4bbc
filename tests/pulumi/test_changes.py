"""What a change means: each row of the table, as the plan, the calls that the service saw and the state after."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import BUCKET, Emulator, Ran, Stack, actions, arn, changes, declared, exported_to

TOKEN = "a-token-of-the-users-own-of-40-characters"
FILE = "lake/lake00000000/output/consolidated/tile_0000{}.tif"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"arn": arn("lake00000001")}, "arn"),
        ({"execution_role_arn": "arn:aws:iam::123456789012:role/other-role"}, "execution_role_arn"),
        ({"output_config": exported_to("elsewhere")}, "output_config.s3_data.s3_uri"),
        ({"export_source_images": True}, "export_source_images"),
        ({"client_token": TOKEN}, "client_token"),
        ({"triggers": {"season": 2024}}, "triggers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_of_the_request_the_token_or_the_triggers_is_a_new_export(
    emulator: Emulator, lake: Stack, change: dict[str, Any], named: str
) -> None:
    lake.declare([{**declared("lake"), **change}])
    step = lake.plan()["lake"]
    assert (step["op"], changes(step)) == ("replace", [named])
    assert emulator.calls()["counts"] == {}
    lake.up()
    assert emulator.started() == 1
    outputs = lake.outputs("lake")
    assert {name: outputs[name] for name in change} == change
    assert outputs["export_status"] == "SUCCEEDED"
    lake.empty()


def test_a_kms_key_is_a_new_export_with_that_key(emulator: Emulator, lake: Stack) -> None:
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    lake.declare([declared("lake", output_config=exported_to("lake", kms_key_id=key))])
    assert changes(lake.plan()["lake"]) == ["output_config.s3_data.kms_key_id"]
    lake.up()
    assert emulator.started() == 1
    assert emulator.client("s3").head_object(Bucket=BUCKET, Key=FILE.format(0))["SSEKMSKeyId"] == key
    lake.declare([declared("lake", output_config=exported_to("lake", kms_key_id=""))])
    assert changes(lake.plan()["lake"]) == ["output_config.s3_data.kms_key_id"]


@pytest.mark.parametrize("setting", ["wait_for_completion", "verify_objects", "delete_objects"])
def test_a_setting_is_updated_in_place_and_exports_nothing(emulator: Emulator, lake: Stack, setting: str) -> None:
    lake.declare([{**declared("lake"), setting: setting == "delete_objects"}])
    step = lake.plan()["lake"]
    assert (step["op"], changes(step)) == ("update", [setting])
    lake.up()
    assert emulator.calls()["counts"] == {}
    assert lake.outputs("lake")[setting] is (setting == "delete_objects")
    lake.empty()


def test_timeouts_and_polling_settings_change_nothing(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declared("lake", opts={"timeouts": {"create": "5m"}})])
    lake.configure(**{"sagemakergeospatial:pollInterval": 5})
    assert lake.plan() == {}
    lake.up()
    assert emulator.calls()["counts"] == {}


def test_waiting_that_is_turned_on_while_the_export_runs_waits_for_its_end(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(export_seconds=3)
    lake.declare([declared("lake", triggers="again", wait_for_completion=False)])
    lake.up()
    assert lake.outputs("lake")["export_status"] == "IN_PROGRESS"
    lake.declare([declared("lake", triggers="again")])
    step = lake.plan()["lake"]
    assert (step["op"], changes(step)) == ("update", ["wait_for_completion"])
    lake.up()
    assert emulator.started() == 1
    outputs = lake.outputs("lake")
    assert (outputs["export_status"], outputs["exported_objects"]["count"]) == ("SUCCEEDED", 3)
    lake.empty()


def test_an_export_that_nobody_waits_for_is_ended_by_a_refresh(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(export_seconds=2)
    lake.declare([declared("lake", triggers="again", wait_for_completion=False)])
    began = time.monotonic()
    lake.up()
    lake.refresh()
    if time.monotonic() - began < 2:
        assert lake.outputs("lake")["export_status"] == "IN_PROGRESS"
    time.sleep(2)  # the service's own time
    lake.refresh()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert lake.outputs("lake")["exported_objects"]["count"] == 3
    lake.empty()


def test_waiting_that_is_turned_on_after_the_export_failed_says_how_to_go_on(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(export_seconds=0.2)
    emulator.fault("ExportEarthObservationJob", "fail_export", message="No tiles")
    lake.declare([declared("lake", triggers="again", wait_for_completion=False)])
    lake.up()
    lake.declare([declared("lake", triggers="again")])
    assert "run `pulumi refresh`, and the next `pulumi up` exports anew" in lake.up(fails=True)
    lake.refresh()
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"


def test_a_refresh_waits_for_what_passes(emulator: Emulator, lake: Stack) -> None:
    lake.configure(**{"aws:maxRetries": 0})
    emulator.fault("GetEarthObservationJob", "internal", times=3)
    lake.refresh("--expect-no-changes")


def test_an_export_that_nobody_waited_for_and_that_failed_is_drift(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(export_seconds=0.2)
    emulator.fault("ExportEarthObservationJob", "fail_export", message="No tiles")
    lake.declare([declared("lake", triggers="again", wait_for_completion=False)])
    lake.up()
    time.sleep(0.3)
    assert '+ drift: "the export has FAILED: export_results: CLIENT_ERROR: No tiles"' in _changed_lines(
        lake.run("refresh", "--preview-only", "--diff")
    )
    lake.refresh()
    outputs = lake.outputs("lake")
    assert outputs["export_status"] == "FAILED"
    assert outputs["export_error_details"]["export_results"] == {"type": "CLIENT_ERROR", "message": "No tiles"}
    assert changes(lake.plan()["lake"]) == ["drift"]
    assert _changed_lines(lake.preview()) == [
        '- drift: "the export has FAILED: export_results: CLIENT_ERROR: No tiles"'
    ]
    lake.declare([declared("lake", triggers="again")])
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert emulator.started() == 2


@pytest.mark.parametrize("alias", [True, False], ids=["with an alias", "without"])
@pytest.mark.parametrize(
    "more",
    [{}, {"delete_objects": True}, {"triggers": "again"}],
    ids=["", "that deletes its objects", "that was exported anew"],
)
def test_a_renamed_resource_is_the_same_export(
    emulator: Emulator, lake: Stack, alias: bool, more: dict[str, Any]
) -> None:
    lake.declare([declared("lake", **more)])
    lake.up()
    emulator.forget_calls()
    opts = {"aliases": ["lake"]} if alias else {}
    lake.declare([{**declared("lake", **more), "name": "sea", "opts": opts}])
    assert actions(lake.plan()) == ({} if alias else {"sea": "create", "lake": "delete"})
    lake.up()
    assert emulator.started() == 0
    assert list(lake.resources()) == ["sea"]
    assert len(emulator.keys()) == 3
    lake.run("refresh", "--preview-only", "--expect-no-changes")


DRIFT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "gone": ("1 of 3 objects is gone", lambda s3: s3.delete_object(Bucket=BUCKET, Key=FILE.format(1))),
    "overwritten": (
        "1 of 3 objects was overwritten, first output/consolidated/tile_00002.tif",
        lambda s3: s3.put_object(Bucket=BUCKET, Key=FILE.format(2), Body=b"other"),
    ),
}


@pytest.mark.parametrize("what", DRIFT)
def test_drift_is_shown_by_refresh_and_repaired_by_the_next_up(emulator: Emulator, lake: Stack, what: str) -> None:
    sentence, happen = DRIFT[what]
    time.sleep(1.1)  # S3 tells whole seconds
    happen(emulator.client("s3"))
    shown = lake.run("refresh", "--preview-only", "--diff")
    assert _changed_lines(shown) == [f'+ drift: "{sentence}"']
    lake.refresh()
    step = lake.plan()["lake"]
    assert (step["op"], changes(step)) == ("replace", ["drift"])
    assert _changed_lines(lake.preview()) == [f'- drift: "{sentence}"']
    assert emulator.started() == 0
    lake.up()
    assert emulator.started() == 1
    assert len(emulator.keys()) == 3
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def test_drift_of_an_export_with_the_users_token_needs_a_new_one_and_the_plan_says_so(
    emulator: Emulator, lake: Stack
) -> None:
    lake.declare([declared("lake", client_token=TOKEN)])
    lake.up()
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=FILE.format(1))
    lake.refresh()
    assert "exporting anew needs a new one" in lake.preview()
    time.sleep(1.1)
    assert "TokenSpent" in lake.up(fails=True)
    lake.declare([declared("lake", client_token=TOKEN.upper())])
    lake.up()
    assert len(emulator.keys()) == 3


def test_get_of_a_job_that_is_not_there_is_a_sentence(lake: Stack) -> None:
    lake.write(lake.program + f'\nExportEarthObservationJob.get("seen", "{arn("nosuchjob000")}")\n')
    shown = lake.up(fails=True)
    assert f"asking for the status of {arn('nosuchjob000')} was refused: ResourceNotFoundException" in shown
    assert "Traceback" not in shown


def test_a_plan_says_why_and_nothing_else(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declared("lake", output_config=exported_to("elsewhere"), triggers={"season": 2024})])
    assert _changed_lines(lake.preview()) == [
        "~ output_config: {",
        "~ s3_data: {",
        f'~ s3_uri: "s3://{BUCKET}/lake/" => "s3://{BUCKET}/elsewhere/"',
        "+ triggers     : {",
        "+ season: 2024",
    ]


@pytest.mark.parametrize("moment", ["later", "within the same second"])
def test_objects_that_somebody_adds_are_no_drift_and_hide_none(emulator: Emulator, lake: Stack, moment: str) -> None:
    s3 = emulator.client("s3")
    if moment == "later":
        time.sleep(1.1)
    s3.put_object(Bucket=BUCKET, Key=FILE.format(0) + ".aux.xml", Body=b"<sidecar/>")
    lake.run("refresh", "--preview-only", "--expect-no-changes")
    s3.delete_object(Bucket=BUCKET, Key=FILE.format(1))
    lake.refresh()
    assert "1 of 3 objects" in lake.outputs("lake")["drift"]


def test_a_deleted_job_with_its_objects_there_is_no_drift(emulator: Emulator, lake: Stack) -> None:
    emulator.client("sagemaker-geospatial").delete_earth_observation_job(Arn=arn("lake00000000"))
    shown = lake.refresh("--expect-no-changes")
    assert "the job was deleted; this export's objects are untouched" in shown
    lake.empty()


def test_an_export_of_which_the_job_and_the_objects_are_gone_is_gone(emulator: Emulator, lake: Stack) -> None:
    emulator.client("sagemaker-geospatial").delete_earth_observation_job(Arn=arn("lake00000000"))
    for key in emulator.keys():
        emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)
    lake.refresh()
    assert lake.resources() == {}
    assert "ResourceNotFoundException" in lake.up(fails=True)


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED"])
def test_another_export_of_the_job_is_no_drift_but_a_warning(emulator: Emulator, lake: Stack, status: str) -> None:
    emulator.settings(export_seconds=60 if status == "IN_PROGRESS" else 0)
    if status == "FAILED":
        emulator.fault("ExportEarthObservationJob", "fail_export", message="no")
    emulator.client("sagemaker-geospatial").export_earth_observation_job(
        Arn=arn("lake00000000"),
        ExecutionRoleArn=declared("x")["execution_role_arn"],
        OutputConfig={"S3Data": {"S3Uri": f"s3://{BUCKET}/by-hand/"}},
    )
    shown = lake.refresh("--expect-no-changes")
    assert f"another export of the job is {status}" in shown
    lake.empty()


@pytest.mark.parametrize("trouble", ["access_denied", "cut"])
def test_a_bucket_that_cannot_be_listed_leaves_the_status_to_decide_with_one_warning(
    emulator: Emulator, lake: Stack, trouble: str
) -> None:
    emulator.job("sea000000000")
    emulator.fault("s3:ListObjectsV2", trouble, times=-1)
    lake.declare([declared("lake"), declared("sea")])
    assert "the status alone decides" in lake.up()
    assert "exported_objects" not in lake.outputs("sea")
    shown = lake.refresh("--expect-no-changes")
    assert shown.output.partition("Diagnostics:")[2].count("the status alone decides") == 1


def test_no_listing_where_objects_are_not_verified(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000")
    stack.declare([declared("lake", verify_objects=False)])
    stack.up()
    for key in emulator.keys():
        emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)
    emulator.forget_calls()
    stack.run("refresh", "--preview-only", "--expect-no-changes")
    assert not [name for name in emulator.calls()["counts"] if name.startswith("s3")]


def _changed_lines(shown: Ran) -> list[str]:
    """The lines of a plan that name a change of a property."""
    lines = [line.strip() for line in shown.output.partition("Resources:")[0].splitlines()]
    return [line for line in lines if line[:2] in ("+ ", "- ", "~ ") and "pulumi-python" not in line]
