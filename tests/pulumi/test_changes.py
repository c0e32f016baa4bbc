"""Changed inputs and settings: the plan, the calls to the service, and the resulting state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import (
    BUCKET,
    Emulator,
    Stack,
    changed_lines,
    changed_properties,
    declaration,
    job_arn,
    output_config,
    planned_operations,
)

TOKEN = "a-user-token-that-has-forty-characters-x"
FILE = "lake/lake00000000/output/consolidated/tile_0000{}.tif"


@pytest.mark.parametrize(
    ("change", "property_name"),
    [
        ({"arn": job_arn("lake00000001")}, "arn"),
        ({"execution_role_arn": "arn:aws:iam::123456789012:role/other-role"}, "execution_role_arn"),
        ({"output_config": output_config("elsewhere")}, "output_config.s3_data.s3_uri"),
        ({"export_source_images": True}, "export_source_images"),
        ({"client_token": TOKEN}, "client_token"),
        ({"triggers": {"season": 2024}}, "triggers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_changing_the_request_the_token_or_the_triggers_replaces_the_export(
    emulator: Emulator, lake: Stack, change: dict[str, Any], property_name: str
) -> None:
    lake.declare([{**declaration("lake"), **change}])
    step = lake.plan()["lake"]
    assert (step["op"], changed_properties(step)) == ("replace", [property_name])
    assert emulator.call_report()["counts"] == {}
    lake.up()
    assert emulator.exports_started() == 1
    outputs = lake.outputs("lake")
    assert {name: outputs[name] for name in change} == change
    assert outputs["export_status"] == "SUCCEEDED"
    lake.up_expecting_no_changes()


def test_changing_the_kms_key_replaces_the_export(emulator: Emulator, lake: Stack) -> None:
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    lake.declare([declaration("lake", output_config=output_config("lake", kms_key_id=key))])
    assert changed_properties(lake.plan()["lake"]) == ["output_config.s3_data.kms_key_id"]
    lake.up()
    assert emulator.exports_started() == 1
    assert emulator.client("s3").head_object(Bucket=BUCKET, Key=FILE.format(0))["SSEKMSKeyId"] == key
    lake.declare([declaration("lake", output_config=output_config("lake", kms_key_id=""))])
    assert changed_properties(lake.plan()["lake"]) == ["output_config.s3_data.kms_key_id"]


@pytest.mark.parametrize("setting", ["wait_for_completion", "verify_objects", "delete_objects"])
def test_a_setting_is_updated_in_place_without_a_call(emulator: Emulator, lake: Stack, setting: str) -> None:
    lake.declare([{**declaration("lake"), setting: setting == "delete_objects"}])
    step = lake.plan()["lake"]
    assert (step["op"], changed_properties(step)) == ("update", [setting])
    lake.up()
    assert emulator.call_report()["counts"] == {}
    assert lake.outputs("lake")[setting] is (setting == "delete_objects")
    lake.up_expecting_no_changes()


def test_timeouts_and_polling_settings_cause_no_change(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declaration("lake", opts={"timeouts": {"create": "5m"}})])
    lake.configure(**{"sagemakergeospatial:pollInterval": 5})
    assert lake.plan() == {}
    lake.up()
    assert emulator.call_report()["counts"] == {}


@pytest.mark.parametrize("alias", [True, False], ids=["with an alias", "without an alias"])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"delete_objects": True}, {"triggers": "again"}],
    ids=["defaults", "delete_objects", "changed triggers"],
)
def test_renaming_a_resource_adopts_its_export(
    emulator: Emulator, lake: Stack, alias: bool, arguments: dict[str, Any]
) -> None:
    lake.declare([declaration("lake", **arguments)])
    lake.up()
    emulator.clear_calls()
    opts = {"aliases": ["lake"]} if alias else {}
    lake.declare([{**declaration("lake", **arguments), "name": "sea", "opts": opts}])
    assert planned_operations(lake.plan()) == ({} if alias else {"sea": "create", "lake": "delete"})
    lake.up()
    assert emulator.exports_started() == 0
    assert list(lake.resources()) == ["sea"]
    assert len(emulator.list_keys()) == 3
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def test_a_slash_at_the_end_of_the_destination_is_no_other_export(emulator: Emulator, lake: Stack) -> None:
    slashless = {"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}}
    lake.declare([declaration("lake", output_config=slashless)])
    assert lake.plan() == {}
    lake.declare([{**declaration("lake", output_config=slashless), "name": "sea"}])
    lake.up("--refresh")
    assert (list(lake.resources()), emulator.exports_started()) == (["sea"], 0)
    lake.up_expecting_no_changes()


def test_get_of_a_missing_job_fails_with_a_clear_error(lake: Stack) -> None:
    lake.write_program(lake.program + f'\nExportEarthObservationJob.get("seen", "{job_arn("nosuchjob000")}")\n')
    result = lake.up(fails=True)
    assert f"getting the status of {job_arn('nosuchjob000')} was refused: ResourceNotFoundException" in result
    assert "Traceback" not in result


def test_a_plan_shows_only_the_changed_properties(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declaration("lake", output_config=output_config("elsewhere"), triggers={"season": 2024})])
    assert changed_lines(lake.preview()) == [
        "~ output_config: {",
        "~ s3_data: {",
        f'~ s3_uri: "s3://{BUCKET}/lake/" => "s3://{BUCKET}/elsewhere/"',
        "+ triggers     : {",
        "+ season: 2024",
    ]
