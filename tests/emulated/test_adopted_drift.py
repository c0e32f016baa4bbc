"""Adoption in a process that also sees the old record, as where a resource is renamed: drift from that record is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import ErrorId

from tests.support.emulated_account import FIRST_FILE, delete_object, exports_started, inputs, put_object
from tests.support.provider_harness import ProviderHarness, urn_of
from tests.support.simulated_clock import SimulatedClock

OVERWRITTEN = "1 of 3 objects was overwritten, first output/consolidated/tile_00000.tif"
GONE = "1 of 3 objects is gone"
CHANGES = [(lambda: put_object(FIRST_FILE), OVERWRITTEN), (lambda: delete_object(FIRST_FILE), GONE)]
Change = Callable[[], None]


def rename(provider: ProviderHarness, outputs: dict[str, Any], read_first: bool) -> dict[str, Any]:
    """Create the resource ``new`` and delete the resource ``old``, as an engine does; return the new one's outputs."""
    if read_first:
        provider.read(outputs, name="old")
    created: dict[str, Any] = provider.create(inputs(), name="new").outs
    if not read_first:
        provider.delete(outputs, name="old")
    return created


def warnings(provider: ProviderHarness) -> list[tuple[str, str]]:
    """Return the warnings of creations and deletions; a refresh has warned of drift itself."""
    logged = [(urn, message) for severity, message, urn in provider.host.messages if severity == "warning"]
    return [(urn, message) for urn, message in logged if not message.endswith(f"[{ErrorId.DRIFT.value}]")]


def warning(drift: str) -> tuple[str, str]:
    urn = urn_of("new")
    command = f"PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace '{urn}'"
    return urn, f"the adopted export has drifted from the record of old: {drift}; to repair it: {command}"


@pytest.mark.parametrize("read_first", [True, False])
@pytest.mark.parametrize(("change", "drift"), CHANGES)
def test_objects_that_differ_from_the_old_record_are_reported_for_the_new_resource(
    provider: ProviderHarness, exported: dict[str, Any], change: Change, drift: str, read_first: bool
) -> None:
    change()
    rename(provider, exported, read_first)
    assert warning(drift) in warnings(provider)
    assert exports_started() == 1


@pytest.mark.parametrize("read_first", [True, False])
def test_a_recorded_drift_is_reported_where_there_is_no_manifest(
    provider: ProviderHarness, exported: dict[str, Any], read_first: bool
) -> None:
    record = {name: value for name, value in exported.items() if name != "exported_objects"}
    record.update({"export_status": "FAILED", "export_error_details": {"type": "CLIENT_ERROR", "message": "no disk"}})
    rename(provider, {**record, "drift": "the export has FAILED: CLIENT_ERROR: no disk"}, read_first)
    assert warnings(provider) == [warning("the export has FAILED: CLIENT_ERROR: no disk")]


def test_a_recorded_drift_is_reported_when_the_old_resource_is_deleted(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    delete_object(FIRST_FILE)
    drifted = provider.read(exported, name="old").outs
    provider.restart()
    rename(provider, drifted, read_first=False)
    assert warnings(provider) == [warning(GONE)]


@pytest.mark.parametrize("read_first", [True, False])
def test_intact_objects_are_adopted_without_a_warning(
    provider: ProviderHarness, exported: dict[str, Any], read_first: bool
) -> None:
    put_object("theirs.xml")
    outputs = rename(provider, exported, read_first)
    assert warnings(provider) == []
    assert outputs["exported_objects"] == exported["exported_objects"]
    provider.end_run()
    [message] = [text for text in provider.logged("info") if text.startswith("adopted")]
    assert message.startswith("adopted an existing export (3 objects, ")
    assert f"exported at {exported['creation_time']}); to force a new export: " in message


def test_an_export_that_was_not_adopted_has_no_warning(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    put_object(FIRST_FILE)
    provider.create(inputs(triggers="again"), name="new")
    provider.delete(exported, name="old")
    assert warnings(provider) == []
    assert exports_started() == 2


def test_a_damaged_record_is_deleted_all_the_same(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    provider.create(inputs(), name="new")
    provider.delete({**exported, "creation_time": "yesterday"}, name="old")
    assert warnings(provider) == []


def test_drift_is_reported_once_where_the_old_record_is_read_and_deleted(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    delete_object(FIRST_FILE)
    drifted = provider.read(exported, name="old").outs
    provider.create(inputs(), name="new")
    provider.delete(drifted, name="old")
    assert warnings(provider) == [warning(GONE)]


@pytest.mark.parametrize("read_first", [True, False])
def test_a_newer_export_of_a_replacement_that_was_killed_is_no_drift_of_the_old_record(
    provider: ProviderHarness, exported: dict[str, Any], clock: SimulatedClock, read_first: bool
) -> None:
    delete_object(FIRST_FILE)
    drifted = provider.read(exported).outs
    replacement = inputs(wait_for_completion=False)
    provider.diff(drifted, replacement)
    assert provider.create(replacement).outs["__attempt"] == 1  # and its record is lost
    clock.advance(400)
    provider.restart()
    if read_first:
        provider.read(drifted)
    provider.check(inputs(), inputs())
    provider.diff(drifted, inputs())
    assert provider.create(inputs()).outs["__attempt"] == 1
    provider.delete(drifted)
    assert warnings(provider) == []
    assert exports_started() == 2
