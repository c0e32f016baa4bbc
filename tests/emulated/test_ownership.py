"""Which of several records of one export may delete its objects."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.ownership import ADOPTED_WITHOUT_DELETION
from pulumi_sagemaker_geospatial._runtime.dynamic_host import HostCall, serving

from tests.support.emulated_account import inputs, list_names
from tests.support.provider_harness import ProviderHarness, recorded_in_state, urn_of
from tests.support.simulated_clock import SimulatedClock

ADOPTED = "objects kept: this export was adopted, and the resource or stack that started it may hold it too"
COPIED = "objects kept: this record was made in another stack or project, which may hold the export too"
DELETED = "deleted the 3 objects that this export wrote"


def create(provider: ProviderHarness, clock: SimulatedClock, name: str = "lake", **more: Any) -> dict[str, Any]:
    """Create an export in a process of its own, and return its outputs."""
    outputs: dict[str, Any] = provider.create(inputs(delete_objects=True, **more), name=name).outs
    clock.advance(3600)
    provider.restart()
    return outputs


def delete(provider: ProviderHarness, outputs: dict[str, Any], urn: str) -> str:
    """Delete a resource in a process of its own, and return what was reported."""
    with serving(HostCall(urn, 60.0)):
        provider.provider.delete("id", outputs)
    reported = provider.logged("info")[-1]
    provider.restart()
    return reported


def test_an_adopted_export_is_deleted_by_the_resource_that_started_it_alone(
    provider: ProviderHarness, clock: SimulatedClock
) -> None:
    started = create(provider, clock)
    adopted = provider.create(inputs(delete_objects=True), name="other").outs
    assert ADOPTED_WITHOUT_DELETION in provider.logged("warning")
    provider.restart()
    assert delete(provider, adopted, urn_of("other")) == ADOPTED
    assert len(list_names()) == 3
    assert delete(provider, started, urn_of("lake")) == DELETED


@pytest.mark.parametrize(
    ("name", "settings", "reported"),
    [("lake", {"delete_objects": True}, DELETED), ("lake", {}, ADOPTED), ("river", {"delete_objects": True}, ADOPTED)],
)
def test_a_resource_that_is_replaced_by_an_adoption_of_its_own_export_still_deletes_the_objects(
    provider: ProviderHarness, clock: SimulatedClock, name: str, settings: dict[str, Any], reported: str
) -> None:
    outputs = provider.create(inputs(**settings)).outs
    clock.advance(3600)
    provider.pulumi = recorded_in_state(outputs, name)
    provider.restart()
    replacement = provider.create(inputs(delete_objects=True)).outs
    provider.pulumi = recorded_in_state(replacement, "lake")
    provider.restart()
    assert delete(provider, replacement, urn_of("lake")) == reported


@pytest.mark.parametrize("part", ["stack", "project"])
def test_a_record_that_was_copied_into_another_stack_deletes_nothing(
    provider: ProviderHarness, clock: SimulatedClock, part: str
) -> None:
    outputs = create(provider, clock)
    old = {"stack": ":test::", "project": "::test-project::"}[part]
    copied_urn = urn_of("lake").replace(old, old.replace("test", "other"))
    assert delete(provider, outputs, copied_urn) == COPIED
    assert delete(provider, outputs, urn_of("renamed-with-an-alias")) == DELETED


def test_turning_delete_objects_on_after_an_adoption_takes_the_objects_over(
    provider: ProviderHarness, clock: SimulatedClock
) -> None:
    create(provider, clock)
    outputs = create(provider, clock, "other")
    outputs = provider.update(outputs, inputs(), name="other")
    outputs = provider.update(outputs, inputs(delete_objects=True), name="other")
    provider.restart()
    assert delete(provider, outputs, urn_of("other")) == DELETED


def test_an_update_of_something_else_takes_nothing_over(provider: ProviderHarness, clock: SimulatedClock) -> None:
    create(provider, clock)
    outputs = create(provider, clock, "other")
    outputs = provider.update(outputs, inputs(delete_objects=True, verify_objects=False), name="other")
    provider.restart()
    assert delete(provider, outputs, urn_of("other")) == ADOPTED


def test_a_refresh_keeps_the_owner(provider: ProviderHarness, clock: SimulatedClock) -> None:
    create(provider, clock)
    outputs = provider.read(create(provider, clock, "other"), name="other").outs
    provider.restart()
    assert delete(provider, outputs, urn_of("other")) == ADOPTED


def test_waiting_for_the_end_keeps_the_owner(provider: ProviderHarness, clock: SimulatedClock) -> None:
    outputs = provider.create(inputs(delete_objects=True, wait_for_completion=False)).outs
    outputs = provider.update(outputs, inputs(delete_objects=True))
    provider.restart()
    assert delete(provider, outputs, urn_of("lake").replace(":test::", ":other::")) == COPIED


def test_an_interrupted_run_owns_the_running_export_that_it_resumes(
    provider: ProviderHarness, clock: SimulatedClock
) -> None:
    provider.create(inputs(wait_for_completion=False))  # its record is lost
    clock.advance(10)
    provider.restart()
    assert delete(provider, create(provider, clock), urn_of("lake")) == DELETED
