"""Results without an ending and a folder that are documented: what counts as the export's where its end was not observed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated_account import delete_object, exports_started, list_names, put_object
from tests.support.kinds import EARTH_OBSERVATION_CASE, VECTOR_CASE_WITHOUT_FOLDER
from tests.support.provider_harness import ProviderHarness
from tests.support.simulated_clock import SimulatedClock

without_folder = pytest.mark.parametrize("job_case", [VECTOR_CASE_WITHOUT_FOLDER], ids=["vector"])


@pytest.mark.parametrize(
    "job_case", [EARTH_OBSERVATION_CASE, VECTOR_CASE_WITHOUT_FOLDER], ids=["earth observation", "vector"]
)
def test_delete_keeps_what_may_be_somebody_elses_result(provider: ProviderHarness, clock: SimulatedClock) -> None:
    outputs = provider.create(provider.inputs(wait_for_completion=False)).outs
    clock.advance(3600)
    put_object("analysis/theirs.tif")
    provider.restart()
    outputs = provider.read(outputs).outs
    provider.restart()
    provider.delete({**outputs, "delete_objects": True})
    assert len(list_names()) == 4
    assert "objects kept: completion was not observed, ownership is uncertain" in provider.log_text()


@without_folder
def test_where_the_end_was_observed_additions_are_no_drift_and_are_not_deleted(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    put_object("theirs.xml")
    assert provider.read(exported).outs == exported
    provider.restart()
    provider.delete({**exported, "delete_objects": True})
    assert list_names() == ["theirs.xml"]


@without_folder
def test_missing_results_are_drift_and_an_adoption_warns_of_what_was_added_later(
    provider: ProviderHarness, exported: dict[str, Any]
) -> None:
    put_object("theirs.xml")
    outputs = provider.create(provider.inputs(), name="other").outs
    assert (outputs["exported_objects"]["count"], exports_started()) == (4, 1)
    assert "1 adopted object modified well after the rest, first theirs.xml" in provider.log_text()
    delete_object(provider.case.files[0])
    drift = provider.read(exported).outs["drift"]
    assert drift == "1 of 3 objects is gone or overwritten; the first newer object is theirs.xml"
