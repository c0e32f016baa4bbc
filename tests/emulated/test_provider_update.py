"""update as the dynamic host calls it: settings without a call, and waiting that is turned on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated_account import exports_started, list_names, put_object
from tests.support.kinds import for_each_kind
from tests.support.provider_harness import ProviderHarness
from tests.support.simulated_clock import SimulatedClock

pytestmark = for_each_kind


def test_a_setting_is_taken_over_without_a_call(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    provider.control.forget_calls()
    outputs = provider.update({**exported, "__attempt": 2}, provider.inputs(verify_objects=False))
    assert outputs == {**exported, "__attempt": 2, "verify_objects": False}
    assert not provider.control.counts


@pytest.mark.parametrize(("verify", "stays"), [(True, True), (False, False)])
def test_drift_stays_after_an_update_unless_verification_is_turned_off(
    provider: ProviderHarness, verify: bool, stays: bool
) -> None:
    olds = {**provider.inputs(), "export_status": "SUCCEEDED", "drift": "gone"}
    news = provider.inputs(delete_objects=True) if verify else provider.inputs(verify_objects=False)
    assert ("drift" in provider.update(olds, news)) == stays


def test_waiting_that_is_turned_on_waits_for_the_end(provider: ProviderHarness) -> None:
    outputs = provider.create(provider.inputs(wait_for_completion=False)).outs
    assert outputs["export_status"] == "IN_PROGRESS"
    updated = provider.update(outputs, provider.inputs())
    assert (updated["export_status"], updated["exported_objects"]["count"], exports_started()) == ("SUCCEEDED", 3, 1)


def test_waiting_that_is_turned_on_after_the_end_counts_no_objects_of_others(
    provider: ProviderHarness, clock: SimulatedClock
) -> None:
    outputs = provider.create(provider.inputs(wait_for_completion=False)).outs
    clock.advance(3600)
    put_object("theirs.xml")
    provider.restart()
    outputs = provider.update(outputs, provider.inputs(delete_objects=True))
    assert (outputs["exported_objects"]["count"], outputs["__late"]) == (3, True)
    provider.restart()
    provider.delete(outputs)
    assert list_names() == ["theirs.xml"]
