"""The codec of a resource's state: what it writes it reads, also what earlier versions wrote, and it names what is damaged."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.refresh import Observation, refreshed_state
from pulumi_sagemaker_geospatial._export.state import (
    ExportState,
    is_managed,
    is_running,
    only_computed,
    only_inputs,
    spelled_as,
    with_owner,
)
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial._geospatial.statuses import EXPORT_STATUSES
from pulumi_sagemaker_geospatial.errors import StateError

from tests.support.declarations import TOKEN, export_request, inputs
from tests.support.recorded_exports import START, described_job, recorded, written_objects

OLDER_STATES = Path(__file__).parents[1] / "pulumi" / "states"
SECRET = "a-secret-value"
#: The keys that a state always has, those that it may lack, and those of the request.
REQUIRED = ("arn", "execution_role_arn", "output_config", "export_status", "creation_time")
OPTIONAL = ("exported_objects", "export_error_details", "drift", "__attempt", "__late", "__unsure", "verify_objects")

times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda time: time.replace(microsecond=0, tzinfo=timezone.utc)
)
manifests = st.integers(0, 4).map(lambda count: ExportManifest.of(written_objects(count)))
sections = st.fixed_dictionaries({"type": st.text(max_size=5), "message": st.text(max_size=5)})
states = st.builds(
    ExportState,
    request=st.just(export_request()),
    status=st.sampled_from(EXPORT_STATUSES),
    created=times,
    manifest=st.none() | manifests,
    error_details=st.none() | st.dictionaries(st.sampled_from(["export_results", "export_source_images"]), sections),
    drift=st.none() | st.text(min_size=1),
    attempt=st.integers(0, 100),
    observed_late=st.booleans(),
    ownership_certain=st.booleans(),
)


def decode(outputs: dict[str, Any]) -> ExportState:
    return ExportState.from_outputs(EARTH_OBSERVATION, outputs, "lake")


def complete_outputs() -> dict[str, Any]:
    """Return outputs that have every key."""
    details = {"export_results": {"type": "CLIENT_ERROR", "message": "no access"}}
    state = recorded("FAILED", written_objects(3), error_details=details, drift="drifted", attempt=2)
    return {**state.to_outputs(inputs(client_token=TOKEN)), "__late": True, "__unsure": True, "verify_objects": False}


@given(states)
def test_what_was_encoded_is_decoded(state: ExportState) -> None:
    assert decode(state.to_outputs(inputs())) == state


@given(states)
def test_the_engines_numbers_which_are_doubles_change_nothing(state: ExportState) -> None:
    outputs = json.loads(json.dumps(state.to_outputs(inputs())), parse_int=float)
    assert decode(outputs) == state


@given(states)
def test_outputs_omit_what_has_no_value(state: ExportState) -> None:
    outputs = state.to_outputs(inputs())
    assert None not in outputs.values()
    assert only_inputs(outputs) == inputs()
    assert {**only_inputs(outputs), **only_computed(outputs)} == outputs
    assert is_managed(outputs)
    for lost in ("creation_time", "execution_role_arn"):
        assert is_managed({name: value for name, value in outputs.items() if name != lost})
    assert not is_managed({"arn": outputs["arn"], "export_status": "SUCCEEDED"})  # what `get` records


@pytest.mark.parametrize(
    ("recorded_uri", "declared_uri", "kept"),
    [
        ("s3://exports/lake", "s3://exports/lake/", "s3://exports/lake"),
        ("s3://exports/lake/", "s3://exports/lake", "s3://exports/lake/"),
        ("s3://exports/lake/", "s3://exports/river/", "s3://exports/river/"),
        ("s3://exports/lake/", 5, 5),
    ],
)
def test_outputs_keep_the_recorded_spelling_of_the_same_destination(
    recorded_uri: str, declared_uri: Any, kept: Any
) -> None:
    state = replace(recorded("SUCCEEDED"), request=replace(export_request(), s3_uri=recorded_uri))
    config = {"s3_data": {"s3_uri": declared_uri, "kms_key_id": "k"}, "other": 1}
    declared = {**inputs(), "output_config": config}
    expected = {"s3_data": {"s3_uri": kept, "kms_key_id": "k"}, "other": 1}
    assert only_inputs(state.to_outputs(declared)) == {**declared, "output_config": expected}
    before = {"output_config": {"s3_data": {"s3_uri": recorded_uri}}}
    assert spelled_as(before, declared) == {**declared, "output_config": expected}


@pytest.mark.parametrize(
    "damaged", [None, {}, {"s3_data": None}, {"s3_data": {}}, {"s3_data": {"s3_uri": 5}}, "s3://b"]
)
def test_a_destination_without_a_spelling_changes_nothing(damaged: Any) -> None:
    assert spelled_as({"output_config": damaged}, inputs()) == inputs()
    assert spelled_as(inputs(), {"output_config": damaged, "x": 1}) == {"output_config": damaged, "x": 1}
    assert spelled_as(inputs(), {"x": 1}) == {"x": 1}


@pytest.mark.parametrize(("status", "running"), [("IN_PROGRESS", True), ("SUCCEEDED", False), (None, False)])
def test_an_export_is_running_while_it_is_recorded_in_progress(status: str | None, running: bool) -> None:
    assert is_running({"export_status": status}) is running
    assert not is_running({})


def test_the_recorded_owner_is_that_of_the_new_outputs() -> None:
    assert with_owner({"a": 1}, None) == {"a": 1}
    assert with_owner({"a": 1, "__owner": "x"}, "") == {"a": 1, "__owner": ""}


@pytest.mark.parametrize(("key", "etag"), [(5, "e"), ("k", 5), (None, None)])
def test_job_metadata_without_a_key_or_an_etag_is_damaged(key: Any, etag: Any) -> None:
    with pytest.raises(StateError, match=r"^lake: job_metadata is damaged \(TypeError\) in the state\."):
        decode({**complete_outputs(), "job_metadata": {"key": key, "etag": etag}})


def test_outputs_of_another_declaration_are_not_carried_over() -> None:
    old = complete_outputs()
    assert recorded("SUCCEEDED").to_outputs(old).keys() & {"drift", "export_error_details", "__attempt"} == set()


def older_outputs() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for file in sorted(OLDER_STATES.glob("*.json")):
        for resource in json.loads(file.read_text())["deployment"]["resources"]:
            if "creation_time" in resource.get("outputs", {}):
                found.append((f"{file.stem} {resource['urn'].rpartition('::')[2]}", resource["outputs"]))
    return found


@pytest.mark.parametrize(("name", "outputs"), older_outputs(), ids=[name for name, _ in older_outputs()])
def test_a_state_that_an_earlier_version_recorded_is_decoded(name: str, outputs: dict[str, Any]) -> None:
    state = decode(outputs)
    assert state.status == "SUCCEEDED"
    assert state.request.arn == outputs["arn"]
    assert state.attempt == outputs.get("__attempt", 0)
    assert state.verify_objects is outputs.get("verify_objects", True)
    again = state.to_outputs(only_inputs(outputs))
    assert again == outputs


@pytest.mark.parametrize("key", [*OPTIONAL, "client_token"])
def test_a_missing_optional_key_has_its_default(key: str) -> None:
    outputs = complete_outputs()
    del outputs[key]
    state = decode(outputs)
    assert state.status == "FAILED"
    defaults = decode(recorded("SUCCEEDED").to_outputs(inputs()))
    assert (defaults.manifest, defaults.error_details, defaults.drift, defaults.attempt) == (None, None, None, 0)
    assert (defaults.observed_late, defaults.ownership_certain, defaults.verify_objects) == (False, True, True)


@pytest.mark.parametrize("key", REQUIRED)
def test_a_missing_required_key_is_named(key: str) -> None:
    outputs = complete_outputs()
    del outputs[key]
    with pytest.raises(StateError, match=rf"^lake: {key} is missing in the state\. Remove the resource"):
        decode(outputs)


@given(st.dictionaries(st.text("abc_", min_size=1).map(lambda name: f"x_{name}"), st.text(), max_size=4))
def test_unknown_keys_are_ignored(extra: dict[str, str]) -> None:
    assert decode({**complete_outputs(), **extra, "__provider": "x", "id": "y"}) == decode(complete_outputs())


damaged_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        [SECRET, "", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2024-01-01", "nan", "inf"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["s3_data", "s3_uri", "kms_key_id", "count", "bytes", "newest", "fingerprint", "message", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)


def error_of(outputs: dict[str, Any]) -> str | None:
    """Return the message of the StateError; None where the outputs are decoded, and can then be used."""
    try:
        state = decode(outputs)
    except StateError as exc:
        return str(exc)
    state.to_outputs(inputs())
    for status in EXPORT_STATUSES:
        refreshed_state(state, Observation(described_job(status), written_objects(2), START))
    assert state.polled_request == state.request
    assert state.folder.bucket == state.request.bucket
    return None


@pytest.mark.parametrize("key", [*REQUIRED, *OPTIONAL])
@settings(max_examples=150, deadline=None)
@given(value=damaged_values)
def test_a_damaged_value_is_one_state_error_that_names_the_key_and_not_the_value(key: str, value: Any) -> None:
    message = error_of({**complete_outputs(), key: value})
    assert message is None or message.startswith(f"lake: {key} is ")
    assert SECRET not in (message or "")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("arn", 5),
        ("execution_role_arn", [SECRET]),
        ("output_config", SECRET),
        ("output_config", {"s3_data": {"s3_uri": 5}}),
        ("output_config", {"s3_data": {"s3_uri": "s3://b/", "kms_key_id": [SECRET]}}),
        ("export_status", SECRET),
        ("creation_time", SECRET),
        ("creation_time", "0001-01-01T00:00:00+23:59"),
        ("exported_objects", {"count": SECRET}),
        ("exported_objects", {"count": 1, "fingerprint": SECRET}),
        ("exported_objects", {"newest": SECRET}),
        ("exported_objects", [SECRET]),
        ("exported_objects", {"count": -1}),
        ("exported_objects", {"count": 1, "bytes": -1}),
        ("export_error_details", SECRET),
        ("export_error_details", {"export_results": SECRET}),
        ("export_error_details", {"export_results": [SECRET]}),
        ("export_error_details", {"export_results": {"type": 5}}),
        ("export_error_details", {"message": [SECRET]}),
        ("__attempt", SECRET),
        ("__attempt", float("inf")),
    ],
)
def test_a_value_of_another_type_is_reported(key: str, value: Any) -> None:
    with pytest.raises(StateError, match=rf"^lake: {key} is damaged \(\w+\) in the state\.") as caught:
        decode({**complete_outputs(), key: value})
    assert SECRET not in str(caught.value)


def test_a_state_without_a_resources_name_is_reported_too() -> None:
    message = (
        "an export: creation_time is missing in the state. Remove the resource from the state with `pulumi state "
        "delete` and run `pulumi up`, which adopts the export. [SGE"
    )
    with pytest.raises(StateError, match=f"^{re.escape(message)}"):
        ExportState.from_outputs(EARTH_OBSERVATION, {**inputs(), "export_status": "SUCCEEDED"})


def test_the_job_of_the_resources_id_is_the_one_that_is_polled() -> None:
    outputs = complete_outputs()
    other = outputs["arn"].replace("lake", "pond")
    state = ExportState.from_outputs(EARTH_OBSERVATION, outputs, "lake", other)
    assert (state.polled_request.arn, state.request.arn) == (other, outputs["arn"])


def test_the_window_of_a_state_ends_at_its_newest_object() -> None:
    state = recorded("SUCCEEDED", written_objects(3), observed_late=True)
    assert (state.window.start, state.window.newest, state.window.late) == (
        START,
        written_objects(3)[-1].modified,
        True,
    )


@pytest.mark.parametrize("missing", ["type", "message", ""])
def test_the_details_of_a_failure_may_have_no_sections_as_those_of_vector_enrichment_jobs(missing: str) -> None:
    details = {"type": "CLIENT_ERROR", "message": "no access"}
    details.pop(missing, None)
    assert decode({**complete_outputs(), "export_error_details": details}).error_details == details
