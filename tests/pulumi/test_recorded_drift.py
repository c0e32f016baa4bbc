"""Drift that was recorded, and then the resource is replaced, renamed, or destroyed and declared again."""

from __future__ import annotations

import pytest

from tests.harness import BUCKET, Emulator, Stack, declaration

FILE = "lake/lake00000000/output/consolidated/tile_00001.tif"
DRIFT = "1 of 3 objects is gone"
REPAIR = "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace"


@pytest.fixture
def drifted(emulator: Emulator, lake: Stack) -> Stack:
    """A stack whose one export has lost an object, which a refresh has recorded."""
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=FILE)
    lake.refresh()
    assert lake.outputs("lake")["drift"] == DRIFT
    emulator.clear_calls()
    return lake


def test_replace_adopts_what_remains_and_warns_how_to_repair_it(emulator: Emulator, drifted: Stack) -> None:
    urn = drifted.resources()["lake"]["urn"]
    shown = drifted.up("--replace", urn)
    assert "adopted an existing export (2 objects, 2.6 kB, exported at " in shown
    assert f"the adopted export has drifted from the record of lake: {DRIFT}; to repair it: {REPAIR} '{urn}'" in shown
    assert emulator.exports_started() == 0


def test_the_command_that_a_warning_names_repairs_the_export(emulator: Emulator, drifted: Stack) -> None:
    urn = drifted.resources()["lake"]["urn"]
    drifted.up("--replace", urn)
    drifted.up("--replace", urn, env={"PULUMI_GEOSPATIAL_ADOPT": "false"})
    assert emulator.exports_started() == 1
    assert drifted.outputs("lake")["exported_objects"]["count"] == 3


def test_a_tainted_resource_adopts_what_remains_and_warns(emulator: Emulator, drifted: Stack) -> None:
    drifted.run("state", "taint", drifted.resources()["lake"]["urn"], "--yes")
    shown = drifted.up()
    assert f"has drifted from the record of lake: {DRIFT}" in shown
    assert emulator.exports_started() == 0


def test_a_rename_without_an_alias_adopts_what_remains_and_warns_the_new_resource(
    emulator: Emulator, drifted: Stack
) -> None:
    drifted.declare([declaration("sea", "lake00000000", prefix="lake")])
    shown = drifted.up()
    assert f"has drifted from the record of lake: {DRIFT}; to repair it: {REPAIR} 'urn:" in shown
    assert "ExportEarthObservationJob::sea'" in shown
    assert emulator.exports_started() == 0


def test_what_was_destroyed_and_declared_again_says_what_it_adopts(emulator: Emulator, drifted: Stack) -> None:
    drifted.destroy()
    shown = drifted.up()
    assert "adopted an existing export (2 objects, 2.6 kB, exported at " in shown
    assert "to force a new export: PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN" in shown
    assert emulator.exports_started() == 0


def test_refresh_and_replace_in_one_command_export_anew(emulator: Emulator, drifted: Stack) -> None:
    drifted.up("--refresh", "--replace", drifted.resources()["lake"]["urn"])
    assert emulator.exports_started() == 1
    assert drifted.outputs("lake")["exported_objects"]["count"] == 3
    drifted.up_expecting_no_changes()


def test_refresh_and_replace_export_an_intact_export_anew_too(emulator: Emulator, lake: Stack) -> None:
    lake.up("--refresh", "--replace", lake.resources()["lake"]["urn"])
    assert emulator.exports_started() == 1
