"""Changed inputs and settings: the plan, the calls to the service, and the resulting state."""

from __future__ import annotations

from typing import Any

from tests.harness import (
    ACCOUNT,
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

#: A change of the declaration of each export, and the property that a plan names.
REPLACING: dict[str, tuple[dict[str, Any], str]] = {
    "job": ({"arn": job_arn("other0000000")}, "arn"),
    "role": ({"execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/other-role"}, "execution_role_arn"),
    "destination": ({"output_config": output_config("elsewhere")}, "output_config.s3_data.s3_uri"),
    "images": ({"export_source_images": True}, "export_source_images"),
    "token": ({"client_token": TOKEN}, "client_token"),
    "triggers": ({"triggers": {"season": 2024}}, "triggers"),
}
KMS_KEY = "output_config.s3_data.kms_key_id"
SETTINGS = {"wait_for_completion": False, "verify_objects": False, "delete_objects": True}


def changes(plan: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Return the operation and the changed properties of each export in a plan."""
    return {name: (step["op"], changed_properties(step)) for name, step in plan.items()}


def export(emulator: Emulator, stack: Stack, entries: list[dict[str, Any]]) -> None:
    """Declare and complete exports, and clear the call log."""
    emulator.add_jobs(entries)
    stack.declare(entries)
    stack.up()
    emulator.clear_calls()


def test_changing_the_request_the_token_or_the_triggers_replaces_the_export(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("other0000000")
    emulator.create_role("other-role")
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    cases = {**REPLACING, "key": ({"output_config": output_config("key", kms_key_id=key)}, KMS_KEY)}
    trigger = [declaration("option", opts={"replacement_trigger": each}) for each in ("one", "two")]
    export(emulator, stack, [*(declaration(name) for name in cases), trigger[0]])
    stack.declare([*({**declaration(name), **change} for name, (change, _) in cases.items()), trigger[1]])
    replaced = {name: ("replace", [each]) for name, (_, each) in cases.items()}
    assert changes(stack.plan()) == {**replaced, "option": ("replace", [])}
    assert emulator.call_report()["counts"] == {}
    stack.up()
    resources = stack.resources()
    for name, (change, _) in cases.items():
        outputs = resources[name]["outputs"]
        assert emulator.exports_started(outputs["arn"]) == 1, name
        assert {each: outputs.get(each) for each in change} == change, name
        assert outputs["export_status"] == "SUCCEEDED", name
    assert emulator.exports_started(declaration("option")["arn"]) == resources["option"]["outputs"]["__attempt"] == 1
    assert emulator.exports_started() == len(cases) + 1
    encrypted = emulator.list_keys("key/")
    assert {emulator.client("s3").head_object(Bucket=BUCKET, Key=each)["SSEKMSKeyId"] for each in encrypted} == {key}


def test_a_setting_is_updated_in_place_without_a_call(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, [declaration(name) for name in (*SETTINGS, "timeouts")])
    # Timeouts and polling settings are no change at all.
    stack.configure(**{"sagemakergeospatial:pollInterval": 5})
    stack.declare(
        [
            *({**declaration(name), name: value} for name, value in SETTINGS.items()),
            declaration("timeouts", opts={"timeouts": {"create": "5m"}}),
        ]
    )
    assert changes(stack.plan()) == {name: ("update", [name]) for name in SETTINGS}
    stack.up()
    assert emulator.call_report()["counts"] == {}
    assert {name: each["outputs"].get(name) for name, each in stack.resources().items() if name in SETTINGS} == SETTINGS


def test_renaming_a_resource_adopts_its_export(emulator: Emulator, stack: Stack) -> None:
    arguments: dict[str, dict[str, Any]] = {
        "plain": {},
        "deleting": {"delete_objects": True},
        "triggered": {"triggers": "again"},
    }
    cases = {f"{name}-{alias}": each for name, each in arguments.items() for alias in ("alias", "no-alias")}
    export(emulator, stack, [declaration(name, **each) for name, each in cases.items()])
    renamed = []
    for name, each in cases.items():
        opts = {} if name.endswith("no-alias") else {"aliases": [name]}
        renamed.append({**declaration(name, **each), "name": f"new-{name}", "opts": opts})
    stack.declare(renamed)
    unaliased = [name for name in cases if name.endswith("no-alias")]
    assert planned_operations(stack.plan()) == {
        **{f"new-{name}": "create" for name in unaliased},
        **dict.fromkeys(unaliased, "delete"),
    }
    stack.up()
    assert emulator.call_report()["exports"] == {}
    assert set(stack.resources()) == {f"new-{name}" for name in cases}
    for name in cases:
        assert len(emulator.list_keys(f"{name}/")) == 3, name


def test_a_plan_shows_the_changed_properties_only_and_a_new_name_without_the_slash_of_the_destination_adopts(
    emulator: Emulator, lake: Stack
) -> None:
    lake.declare([declaration("lake", output_config=output_config("elsewhere"), triggers={"season": 2024})])
    assert changed_lines(lake.preview()) == [
        "~ output_config: {",
        "~ s3_data: {",
        f'~ s3_uri: "s3://{BUCKET}/lake/" => "s3://{BUCKET}/elsewhere/"',
        "+ triggers     : {",
        "+ season: 2024",
    ]
    slashless = {"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}}
    lake.declare([{**declaration("lake", output_config=slashless), "name": "sea"}])
    lake.up()
    assert (list(lake.resources()), emulator.exports_started()) == (["sea"], 0)


def test_get_of_a_missing_job_fails_with_a_clear_error(stack: Stack) -> None:
    stack.write_program(stack.program + f'\nExportEarthObservationJob.get("seen", "{job_arn("nosuchjob000")}")\n')
    result = stack.up(fails=True)
    assert f"getting the status of {job_arn('nosuchjob000')} was refused: ResourceNotFoundException" in result
    assert "Traceback" not in result
