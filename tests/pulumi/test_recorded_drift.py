"""Drift that was recorded, and then the resource is replaced, renamed, or destroyed and declared again."""

from __future__ import annotations

from tests.harness import BUCKET, Emulator, Stack, declaration, diagnostics, job_arn

DRIFT = "1 of 3 objects is gone"
REPAIR = "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace"


def export(emulator: Emulator, stack: Stack, *names: str) -> None:
    """Declare and complete exports."""
    entries = [declaration(name) for name in names]
    emulator.add_jobs(entries)
    stack.declare(entries)
    stack.up()


def lose_an_object(emulator: Emulator, *names: str) -> None:
    """Delete one object of each export."""
    for name in names:
        file = f"{name}/{name:0<12}/output/consolidated/tile_00001.tif"
        emulator.client("s3").delete_object(Bucket=BUCKET, Key=file)


def record_drift(emulator: Emulator, stack: Stack, *names: str) -> None:
    """Let exports lose an object, which a refresh records, and clear the call log."""
    lose_an_object(emulator, *names)
    stack.refresh()
    resources = stack.resources()
    assert {name: resources[name]["outputs"]["drift"] for name in names} == dict.fromkeys(names, DRIFT)
    emulator.clear_calls()


def test_what_replaces_a_drifted_resource_adopts_what_remains_and_warns_how_to_repair_it(
    emulator: Emulator, stack: Stack
) -> None:
    names = ("replaced", "tainted", "renamed", "again")
    export(emulator, stack, *names)
    record_drift(emulator, stack, *names)
    urns = {name: each["urn"] for name, each in stack.resources().items()}
    stack.run("state", "taint", urns["tainted"], "--yes")
    stack.destroy("--target", urns["again"])
    stack.declare(
        [
            *(declaration(name) for name in ("replaced", "tainted", "again")),
            declaration("new-name", "renamed00000", prefix="renamed"),
        ]
    )
    said = diagnostics(stack.up("--replace", urns["replaced"]))
    assert emulator.exports_started() == 0
    urns["new-name"] = stack.resources()["new-name"]["urn"]
    for name, old in {"replaced": "replaced", "tainted": "tainted", "new-name": "renamed"}.items():
        warning = f"the adopted export has drifted from the record of {old}: {DRIFT}; to repair it: {REPAIR} "
        assert f"{warning}'{urns[name]}'" in said[name]
    # The record of what was destroyed is gone, so that its drift is not known.
    assert "again" not in said
    adopted = "4 exports adopted (8 objects, 10 kB): again, new-name, replaced, tainted; to force a new export: "
    assert adopted + "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN" in said["test-project-test"]

    stack.up("--replace", urns["replaced"], env={"PULUMI_GEOSPATIAL_ADOPT": "false"})
    assert emulator.exports_started(job_arn("replaced0000")) == emulator.exports_started() == 1
    assert stack.outputs("replaced")["exported_objects"]["count"] == 3


def test_refresh_and_replace_in_one_command_export_anew(emulator: Emulator, stack: Stack) -> None:
    names = ("drifted", "intact")
    export(emulator, stack, *names)
    lose_an_object(emulator, "drifted")
    emulator.clear_calls()
    replaced = [argument for each in stack.resources().values() for argument in ("--replace", each["urn"])]
    stack.up("--refresh", *replaced)
    for name in names:
        assert emulator.exports_started(declaration(name)["arn"]) == 1, name
        assert stack.outputs(name)["exported_objects"]["count"] == 3, name
