"""create and delete-and-create as the dynamic host calls them: which attempt is exported, and what the outputs are."""

from __future__ import annotations

from typing import Any

import dill
import pytest
from pulumi_sagemaker_geospatial import ClientTokenUsedError, ExportFailedError, P

from tests.support.aws_names import BUCKET
from tests.support.emulated_account import TOKEN, exports_started, inputs
from tests.support.provider_harness import ProviderHarness
from tests.support.simulated_clock import SimulatedClock


def computed(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outputs.items() if name not in inputs()}


def test_the_outputs_are_the_inputs_and_what_was_observed(exported: dict[str, Any]) -> None:
    assert set(exported) == {*inputs(), "creation_time", "export_status", "exported_objects"}
    assert exported["exported_objects"]["count"] == 3
    assert BUCKET not in str(computed(exported))


def test_the_outputs_are_small(exported: dict[str, Any]) -> None:
    assert len(str(computed(exported))) < 250


def test_a_replacement_begins_after_the_recorded_attempt(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    provider.check(inputs(), inputs())
    provider.diff({**exported, "drift": "gone"}, inputs())
    outputs = provider.create(inputs()).outs
    assert (outputs["__attempt"], exports_started()) == (1, 2)


def test_a_replacement_without_a_diff_adopts_nothing(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    provider.check(inputs(), inputs())
    assert (provider.create(inputs()).outs["__attempt"], exports_started()) == (1, 2)


def test_the_same_declaration_with_another_name_adopts(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    outputs = provider.create(inputs(), name="other").outs
    assert ("__attempt" in outputs, exports_started()) == (False, 1)


def test_a_users_token_with_drift_needs_to_be_changed(provider: ProviderHarness, clock: SimulatedClock) -> None:
    declared = inputs(client_token=TOKEN)
    outputs = provider.create(declared).outs
    clock.advance(3600)
    provider.check(declared, declared)
    provider.diff({**outputs, "drift": "gone"}, declared)
    assert "export drifted; re-exporting normally needs a new client_token" in provider.logged("warning")
    with pytest.raises(ClientTokenUsedError):
        provider.create(declared)


def change_triggers(provider: ProviderHarness, clock: SimulatedClock, *values: str) -> None:
    """Run one update for each value of triggers, each in a process of its own."""
    olds: dict[str, Any] = {}
    for triggers in values:
        provider.restart()
        if olds:
            provider.check(inputs(triggers=triggers), {**inputs(), "triggers": olds["triggers"]})
            provider.diff(olds, inputs(triggers=triggers))
        olds = provider.create(inputs(triggers=triggers)).outs
        clock.advance(10)


def test_triggers_that_change_back_export_a_third_time(provider: ProviderHarness, clock: SimulatedClock) -> None:
    change_triggers(provider, clock, "a", "b", "a")
    assert exports_started() == 3


@pytest.mark.parametrize("values", ["ab", "aba", "abab"])
def test_after_changed_triggers_another_name_adopts_too(
    provider: ProviderHarness, clock: SimulatedClock, values: str
) -> None:
    change_triggers(provider, clock, *values)
    provider.restart()
    provider.create(inputs(triggers=values[-1]), name="other")
    assert exports_started() == len(values)


def test_an_error_has_no_cause_and_no_destination(provider: ProviderHarness) -> None:
    message = f"no bucket {BUCKET} there"
    provider.control.add_fault(operation="ExportEarthObservationJob", kind="fail_export", message=message)
    with pytest.raises(ExportFailedError) as caught:
        provider.create(inputs())
    assert caught.value.__cause__ is None
    assert "no bucket [bucket of output_config.s3_data.s3_uri] there" in str(caught.value)


@pytest.mark.parametrize("protocol", [4, 5])
def test_the_provider_in_a_state_is_the_one_of_the_package(protocol: int) -> None:
    # The SDK's host unpickles each text that it has not seen; Python 3.14 pickles with another protocol.
    assert dill.loads(dill.dumps(P, protocol=protocol)) is P
