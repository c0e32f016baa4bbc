"""What an update in place returns: new settings, what was computed before, and whether it has to wait or to save."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.handlers import needs_calls, update_export
from pulumi_sagemaker_geospatial._export.ownership import stack_key
from pulumi_sagemaker_geospatial._export.spec import ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState, JobMetadata
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial.errors import StateError

from tests.support.aws_names import BUCKET, job_arn
from tests.support.declarations import export_request, inputs
from tests.support.recorded_exports import START, recorded, written_objects
from tests.support.scripted_runtime import URN, ScriptedRuntime
from tests.support.scripted_s3 import s3_error

ID = "123456789012/river0000000"
POLLED_ARN = job_arn("river0000000")
METADATA = JobMetadata("lake/lake00000000.job.json", "etag")
SUCCEEDED = recorded("SUCCEEDED", written_objects(3), attempt=2, owner="another-stack")
RUNNING = recorded("IN_PROGRESS", attempt=2, owner="another-stack")
WAITING, NOT_WAITING = inputs(), inputs(wait_for_completion=False)


def update(
    state: ExportState, olds: dict[str, Any], news: dict[str, Any], script: ScriptedRuntime | None = None
) -> dict[str, Any]:
    """Return the outputs of an update; without a script, it may make no calls."""
    ctx = (script or ScriptedRuntime()).context()
    runtime = script.runtime if script else None
    return update_export(EARTH_OBSERVATION, runtime, ID, state.to_outputs(olds), news, ctx)


def test_an_update_takes_the_new_settings_and_keeps_what_was_computed() -> None:
    olds, news = inputs(verify_objects=False, triggers=1), inputs(triggers=1, wait_for_completion=False)
    assert update(SUCCEEDED, olds, news) == SUCCEEDED.to_outputs(news)


@pytest.mark.parametrize(
    ("settings", "is_kept"), [({"verify_objects": False}, False), ({"verify_objects": True}, True), ({}, True)]
)
def test_drift_is_forgotten_where_objects_are_not_verified_any_longer(settings: dict[str, Any], is_kept: bool) -> None:
    drifted, news = replace(SUCCEEDED, drift="1 of 3 objects is gone"), inputs(**settings)
    assert update(drifted, inputs(), news) == (drifted if is_kept else SUCCEEDED).to_outputs(news)
    assert update(SUCCEEDED, inputs(), news) == SUCCEEDED.to_outputs(news)


@pytest.mark.parametrize(("settings", "is_kept"), [({"save_job_metadata": True}, True), ({}, False)])
def test_the_metadata_is_forgotten_where_it_is_not_declared_any_longer(settings: dict[str, Any], is_kept: bool) -> None:
    saved, news = replace(SUCCEEDED, metadata=METADATA), inputs(**settings)
    assert update(saved, inputs(save_job_metadata=True), news) == (saved if is_kept else SUCCEEDED).to_outputs(news)
    assert update(SUCCEEDED, inputs(), news) == SUCCEEDED.to_outputs(news)


@pytest.mark.parametrize(
    ("before", "after", "owner"),
    [
        ({}, {"delete_objects": True}, stack_key(URN)),
        ({"delete_objects": True}, {"delete_objects": True, "verify_objects": False}, "another-stack"),
        ({"delete_objects": True}, {}, "another-stack"),
    ],
)
def test_turning_delete_objects_on_takes_the_objects_over(before: Any, after: Any, owner: str) -> None:
    expected = replace(SUCCEEDED, owner=owner).to_outputs(inputs(**after))
    assert update(SUCCEEDED, inputs(**before), inputs(**after)) == expected
    script = ScriptedRuntime()
    assert update(SUCCEEDED, inputs(**before), inputs(**after), script) == expected
    assert (script.client.calls, script.store.calls, script.lifecycle.joins) == ([], [], [])


def test_the_destination_stays_spelled_as_it_was_exported() -> None:
    slashless: dict[str, Any] = {"output_config": {"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}}}
    state = replace(SUCCEEDED, request=SUCCEEDED.request.with_other_spelling())
    assert update(state, inputs(**slashless), inputs(verify_objects=False)) == state.to_outputs(
        inputs(**slashless, verify_objects=False)
    )


@pytest.mark.parametrize("declared", [WAITING, inputs(wait_for_completion=True)])
def test_waiting_that_is_turned_on_waits_for_the_running_export(declared: dict[str, Any]) -> None:
    script = ScriptedRuntime()
    script.lifecycle.joined = replace(SUCCEEDED, owner=None)
    before = datetime.now(timezone.utc)
    assert update(RUNNING, NOT_WAITING, declared, script) == SUCCEEDED.to_outputs(declared)
    [(spec, state, age)] = script.lifecycle.joins
    assert (spec, state) == (ExportSpec(export_request()), replace(RUNNING, output_arn=POLLED_ARN))
    assert (before - START).total_seconds() <= age <= (datetime.now(timezone.utc) - START).total_seconds()
    assert script.lifecycle.contexts[0].urn == URN


def test_what_is_saved_is_kept_while_a_running_export_is_waited_for() -> None:
    script, declared = ScriptedRuntime(), inputs(save_job_metadata=True)
    outputs = update(replace(RUNNING, metadata=METADATA), {**NOT_WAITING, "save_job_metadata": True}, declared, script)
    assert outputs["job_metadata"] == METADATA.to_state()
    assert script.store.calls == []


@pytest.mark.parametrize("state", [SUCCEEDED, recorded("FAILED")])
def test_an_export_that_has_ended_is_not_waited_for(state: ExportState) -> None:
    script = ScriptedRuntime()
    assert update(state, NOT_WAITING, WAITING, script) == state.to_outputs(WAITING)
    assert update(RUNNING, WAITING, NOT_WAITING, script) == RUNNING.to_outputs(NOT_WAITING)
    assert script.lifecycle.joins == []


@pytest.mark.parametrize("metadata", [None, METADATA])
def test_metadata_that_is_declared_is_saved_once(metadata: JobMetadata | None) -> None:
    script, declared = ScriptedRuntime(), inputs(save_job_metadata=True)
    state = replace(SUCCEEDED, metadata=metadata)
    assert update(state, inputs(), declared, script) == replace(SUCCEEDED, metadata=METADATA).to_outputs(declared)
    assert script.store.count("put_object") == (metadata is None)


def test_metadata_that_is_not_saved_is_a_warning_and_the_settings_are_updated() -> None:
    script, declared = ScriptedRuntime(), inputs(save_job_metadata=True)
    script.store.answers["put_object"] = [s3_error("AccessDenied", status=403)]
    assert update(SUCCEEDED, inputs(), declared, script) == SUCCEEDED.to_outputs(declared)
    assert [each.partition(" failed: ")[0] for each in script.warnings] == [
        f"saving the metadata of {SUCCEEDED.request.arn}"
    ]


def test_a_damaged_state_is_an_error_that_names_the_resource() -> None:
    script = ScriptedRuntime()
    outputs = {**SUCCEEDED.to_outputs(inputs()), "creation_time": "yesterday"}
    with pytest.raises(StateError, match=r"^lake: creation_time is damaged \(ValueError\) in the state\. "):
        update_export(EARTH_OBSERVATION, script.runtime, ID, outputs, inputs(), script.context())
    with pytest.raises(StateError, match=rf"^{ID}: creation_time is damaged \(ValueError\) in the state\. "):
        update_export(EARTH_OBSERVATION, script.runtime, ID, outputs, inputs(), script.context(""))


@pytest.mark.parametrize(
    ("olds", "news", "expected"),
    [
        (RUNNING.to_outputs(NOT_WAITING), WAITING, True),
        (RUNNING.to_outputs(NOT_WAITING), NOT_WAITING, False),
        (SUCCEEDED.to_outputs(NOT_WAITING), WAITING, False),
        (SUCCEEDED.to_outputs(inputs()), inputs(save_job_metadata=True), True),
        (RUNNING.to_outputs(NOT_WAITING), {**NOT_WAITING, "save_job_metadata": True}, True),
        (replace(SUCCEEDED, metadata=METADATA).to_outputs(inputs()), inputs(save_job_metadata=True), False),
    ],
)
def test_an_update_calls_aws_to_wait_for_a_running_export_or_to_save_metadata_alone(
    olds: dict[str, Any], news: dict[str, Any], expected: bool
) -> None:
    assert needs_calls(olds, news) is expected
