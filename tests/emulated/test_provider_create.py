"""create and delete-and-create as the dynamic host calls them: which attempt is exported, and what the outputs are."""

from __future__ import annotations

from typing import Any

import dill
import pytest
from pulumi_sagemaker_geospatial import ClientTokenUsedError, ExportFailedError, P, V
from pulumi_sagemaker_geospatial.provider import ExportProvider

from tests.support.aws_names import BUCKET
from tests.support.emulated_account import TOKEN, exports_started, inputs
from tests.support.kinds import for_each_kind
from tests.support.provider_harness import ProviderHarness
from tests.support.simulated_clock import SimulatedClock


def computed(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outputs.items() if name not in inputs()}


@for_each_kind
def test_the_outputs_are_the_inputs_and_what_was_observed(exported: dict[str, Any]) -> None:
    assert set(exported) == {*inputs(), "creation_time", "export_status", "exported_objects"}
    assert exported["exported_objects"]["count"] == 3
    assert BUCKET not in str(computed(exported))


@for_each_kind
def test_the_outputs_are_small(exported: dict[str, Any]) -> None:
    assert len(str(computed(exported))) < 250


@for_each_kind
def test_a_replacement_begins_after_the_recorded_attempt(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    provider.check(provider.inputs(), provider.inputs())
    provider.diff({**exported, "drift": "gone"}, provider.inputs())
    outputs = provider.create(provider.inputs()).outs
    assert (outputs["__attempt"], exports_started()) == (1, 2)


def test_a_replacement_without_a_diff_adopts_nothing(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    provider.check(provider.inputs(), provider.inputs())
    assert (provider.create(provider.inputs()).outs["__attempt"], exports_started()) == (1, 2)


@for_each_kind
def test_the_same_declaration_with_another_name_adopts(provider: ProviderHarness, exported: dict[str, Any]) -> None:
    outputs = provider.create(provider.inputs(), name="other").outs
    assert ("__attempt" in outputs, exports_started()) == (False, 1)


@for_each_kind
def test_a_users_token_with_drift_needs_to_be_changed(provider: ProviderHarness, clock: SimulatedClock) -> None:
    declared = provider.inputs(client_token=TOKEN)
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
            provider.check(provider.inputs(triggers=triggers), {**provider.inputs(), "triggers": olds["triggers"]})
            provider.diff(olds, provider.inputs(triggers=triggers))
        olds = provider.create(provider.inputs(triggers=triggers)).outs
        clock.advance(10)


@for_each_kind
def test_triggers_that_change_back_export_a_third_time(provider: ProviderHarness, clock: SimulatedClock) -> None:
    change_triggers(provider, clock, "a", "b", "a")
    assert exports_started() == 3


@pytest.mark.parametrize("values", ["ab", "aba", "abab"])
def test_after_changed_triggers_another_name_adopts_too(
    provider: ProviderHarness, clock: SimulatedClock, values: str
) -> None:
    change_triggers(provider, clock, *values)
    provider.restart()
    provider.create(provider.inputs(triggers=values[-1]), name="other")
    assert exports_started() == len(values)


@for_each_kind
def test_an_error_has_no_cause_and_no_destination(provider: ProviderHarness) -> None:
    message = f"no bucket {BUCKET} there"
    provider.control.add_fault(operation=provider.kind.operation, kind="fail_export", message=message)
    with pytest.raises(ExportFailedError) as caught:
        provider.create(provider.inputs())
    assert caught.value.__cause__ is None
    assert "no bucket [bucket of output_config.s3_data.s3_uri] there" in str(caught.value)


@pytest.mark.parametrize("protocol", [4, 5])
@pytest.mark.parametrize("reference", [P, V], ids="PV")
def test_the_provider_in_a_state_is_the_one_of_the_package(reference: ExportProvider, protocol: int) -> None:
    # The SDK's host unpickles each text that it has not seen; Python 3.14 pickles with another protocol.
    assert dill.loads(dill.dumps(reference, protocol=protocol)) is reference
