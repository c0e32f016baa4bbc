"""read as the dynamic host calls it: drift of a recorded export, and of nothing else."""

from __future__ import annotations

from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from pulumi_sagemaker_geospatial import ExportError

from tests.support.emulated_account import (
    delete_job,
    delete_object,
    exports_started,
    list_names,
    put_object,
)
from tests.support.kinds import for_each_kind
from tests.support.lifecycle_harness import other_team_exports
from tests.support.provider_harness import RESOURCE_ID, ProviderHarness
from tests.support.simulated_clock import SimulatedClock

pytestmark = for_each_kind


def test_a_refresh_of_intact_objects_changes_nothing(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    found = provider.read(exported)
    assert (found.id, found.outs) == (RESOURCE_ID, exported)
    assert provider.logged() == []


@pytest.mark.parametrize("name", ["theirs.xml", "output/old.tif"])
def test_objects_from_before_the_export_are_no_drift(
    provider: ProviderHarness, clock: SimulatedClock, name: str
) -> None:
    put_object(name)
    clock.advance(3600)
    assert "drift" not in provider.read(provider.create(provider.inputs()).outs).outs


def test_objects_that_others_add_are_no_drift(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    put_object(f"{provider.case.files[0]}.aux.xml")
    assert provider.read(exported).outs == exported


def test_objects_that_are_gone_are_drift(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    delete_object(provider.case.files[1])
    assert provider.read(exported).outs == {**exported, "drift": "1 of 3 objects is gone"}


def test_a_refresh_after_a_repair_removes_the_drift(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    assert "drift" not in provider.read({**exported, "drift": "1 of 3 objects is gone"}).outs


def test_objects_are_not_listed_when_they_are_not_verified(provider: ProviderHarness) -> None:
    outputs = provider.create(provider.inputs(verify_objects=False)).outs
    for name in list_names():
        delete_object(name)
    provider.control.forget_calls()
    assert provider.read(outputs).outs == outputs
    assert [operation for operation in provider.control.counts if operation.startswith("s3")] == []


@pytest.mark.parametrize("emptied", [True, False])
def test_without_its_job_the_objects_are_the_export(
    provider: ProviderHarness, exported: dict[str, Any], emptied: bool
) -> None:
    provider.control.add_fault(operation=provider.kind.describe_operation, kind="not_found")
    for name in list_names() if emptied else []:
        delete_object(name)
    found = provider.read(exported)
    assert (found.id, found.outs) == (("", {}) if emptied else (RESOURCE_ID, exported))


def test_a_job_that_is_not_managed_has_its_status_only(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    assert provider.read({}).outs == {"arn": provider.case.job_arn(), "export_status": "SUCCEEDED"}


@pytest.mark.parametrize("id_", ["lake00000000", "lake", "arn:aws:s3:::exports"])
def test_an_id_of_something_else_is_an_error(provider: ProviderHarness, id_: str) -> None:
    with pytest.raises(
        ExportError, match=f"is neither ACCOUNT/JOB nor the ARN of a job of the type {provider.kind.arn_type}"
    ):
        provider.read({}, id_=id_)


def test_the_failure_of_a_later_export_is_no_drift_where_our_objects_are_there(provider: ProviderHarness) -> None:
    outputs = provider.create(provider.inputs(verify_objects=False)).outs
    other_team_exports(kind=provider.kind, status="FAILED")
    assert "drift" not in provider.read(provider.update(outputs, provider.inputs())).outs


def test_a_running_export_of_a_deleted_job_stays_recorded_where_s3_cannot_be_reached(
    provider: ProviderHarness, clock: SimulatedClock
) -> None:
    outputs = provider.create(provider.inputs(wait_for_completion=False)).outs
    clock.advance(310)
    delete_job(provider.case.job_arn())
    provider.control.add_fault(operation="s3:ListObjectsV2", kind="drop_before", times=-1)
    found = provider.read(outputs)
    assert (found.id, found.outs) == (RESOURCE_ID, outputs)
    assert "the job was deleted, and its objects cannot be seen" in provider.log_text()


@pytest.mark.parametrize("seen", [True, False])
def test_a_job_without_geotiffs_has_results_too(
    provider: ProviderHarness, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    if provider.kind.result_suffixes:
        tables = [f"output/consolidated/zonal_{number}.csv" for number in range(3)]
        monkeypatch.setattr("moto_sagemaker_geospatial.results.file_names", lambda *_: iter(tables))
    outputs = provider.create(provider.inputs(wait_for_completion=seen)).outs
    clock.advance(3600)
    provider.restart()
    if seen:
        provider.create(provider.inputs(), name="other")
    else:
        assert provider.read(outputs).outs["exported_objects"]["count"] == 3
    assert exports_started() == 1


def test_a_deleted_job_whose_objects_are_intact_is_reported(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    geospatial.get_control().add_fault(operation=provider.kind.describe_operation, kind="not_found")
    provider.read(exported)
    assert provider.logged("warning") == [f"{RESOURCE_ID}: the job was deleted; this export's objects are intact"]
