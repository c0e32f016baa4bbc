"""What a refresh and `get` return of an export, and what a refresh keeps in mind for the rest of the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.check import declaration_key
from pulumi_sagemaker_geospatial._export.handlers import ReadResult, read_export, read_unmanaged
from pulumi_sagemaker_geospatial._export.registry import DeclarationRegistry
from pulumi_sagemaker_geospatial._export.replacement import plan_from_state
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState, JobMetadata
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object
from pulumi_sagemaker_geospatial.errors import ExportError, JobNotFoundError, ServiceCallError, StateError

from tests.support.aws_names import BUCKET, job_arn
from tests.support.declarations import export_request, inputs
from tests.support.recorded_exports import START, described_job, recorded, written_objects
from tests.support.scripted_runtime import URN, ScriptedRuntime

ID, ARN = "123456789012/lake00000000", job_arn("lake00000000")
POLLED_ID, POLLED_ARN = "123456789012/river0000000", job_arn("river0000000")
DETAILS = {"export_results": {"type": "CLIENT_ERROR", "message": "no access"}}
OBJECTS = written_objects(3)
STATE = recorded("SUCCEEDED", OBJECTS)
GONE = "1 of 3 objects is gone"
GONE_WARNING = (
    f"drift: {GONE}; names of lost objects are not recorded; remaining: {OBJECTS[0].name}, {OBJECTS[1].name} [SGE408]"
)
METADATA = JobMetadata("lake/lake00000000.job.json", "etag")


class Refresh:
    """Refreshes one resource in a process of its own."""

    def __init__(self, objects: list[S3Object] | None = None, job: Any = None) -> None:
        self.script, self.registry = ScriptedRuntime(), DeclarationRegistry()
        self.script.store.answers["list_objects"] = [OBJECTS if objects is None else objects]
        self.script.client.job = job or described_job("SUCCEEDED")

    def read(self, state: ExportState = STATE, id_: str = ID, resource: str = URN, **declared: Any) -> ReadResult:
        outputs = state.to_outputs(inputs(**declared))
        return self.read_outputs(outputs, id_, resource)

    def read_outputs(self, outputs: dict[str, Any], id_: str = ID, resource: str = URN) -> ReadResult:
        ctx = self.script.context(resource)
        return read_export(EARTH_OBSERVATION, self.script.runtime, self.registry, id_, outputs, ctx)


def test_an_intact_export_stays_as_it_is() -> None:
    refresh = Refresh()
    assert refresh.read(triggers=1) == ReadResult(STATE.to_outputs(inputs(triggers=1)), [])
    assert refresh.script.client.calls == [("describe_job", EARTH_OBSERVATION, ARN)]
    assert refresh.script.store.calls == [
        ("list_objects", STATE.folder, f"listing the objects of the export of {STATE.request.arn}")
    ]


def test_the_job_of_the_id_is_the_one_that_is_asked_for() -> None:
    refresh = Refresh()
    refresh.read(id_=POLLED_ID)
    assert refresh.script.client.calls == [("describe_job", EARTH_OBSERVATION, POLLED_ARN)]


def test_drift_is_told_before_other_warnings_and_recorded() -> None:
    refresh = Refresh(OBJECTS[:2], JobNotFoundError("no such job.", "ResourceNotFoundException"))
    result = refresh.read()
    assert result.outputs == {**STATE.to_outputs(inputs()), "drift": GONE}
    assert result.warnings == [
        GONE_WARNING,
        "the job was deleted, so that it cannot be exported again: restore the objects or remove the export",
    ]


def test_a_warning_that_is_no_drift_is_told_alone() -> None:
    result = Refresh(job=described_job("IN_PROGRESS")).read()
    assert result.warnings == ["another export of the job is IN_PROGRESS; this export's objects are intact"]


@pytest.mark.parametrize("resource", [URN, ""])
def test_a_replacement_of_what_was_read_begins_after_it(resource: str) -> None:
    refresh = Refresh(OBJECTS[:2])
    refresh.read(resource=resource)
    key = declaration_key(resource, inputs())
    expected = plan_from_state(replace(STATE, drift=GONE))
    assert refresh.registry.pop_create_plan(key) == expected == CreatePlan(1, newer_than=OBJECTS[-1].modified)
    assert refresh.registry.states_at(STATE.folder) == {resource: replace(STATE, drift=GONE, output_arn=ARN)}


def test_the_spelling_that_was_read_is_the_one_of_the_state() -> None:
    refresh = Refresh()
    slashless = replace(STATE, request=STATE.request.with_other_spelling())
    refresh.read(slashless, output_config={"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}})
    declared = ExportSpec(export_request())
    assert refresh.registry.as_recorded(declared) == declared.with_other_spelling()


def test_an_export_whose_job_and_objects_are_gone_is_gone_and_created_like_a_first_one() -> None:
    refresh = Refresh([], JobNotFoundError("no such job.", "ResourceNotFoundException"))
    refresh.registry.set_create_plan(URN, CreatePlan(3))
    assert refresh.read() == ReadResult(None, [])
    assert refresh.registry.pop_create_plan(URN) == CreatePlan()
    assert refresh.registry.states_at(STATE.folder) == {}


@pytest.mark.parametrize(
    ("minutes", "drift"),
    [(14, None), (16, "the job's latest export succeeded, but none of this export's objects were found")],
)
def test_a_status_may_be_that_of_an_earlier_export_for_fifteen_minutes_after_the_start(
    minutes: int, drift: str | None
) -> None:
    started = datetime.now(timezone.utc) - timedelta(minutes=minutes)
    result = Refresh([]).read(replace(recorded("IN_PROGRESS"), created=started))
    assert result.outputs is not None
    assert (result.outputs["export_status"], result.outputs.get("drift")) == ("IN_PROGRESS", drift)


@pytest.mark.parametrize(
    ("etag", "warnings"),
    [
        ("etag", []),
        ("other", ["the job's metadata was overwritten; `pulumi up` writes it again"]),
        (None, ["the job's metadata is gone; `pulumi up` writes it again"]),
    ],
)
def test_metadata_that_is_gone_or_overwritten_is_told_and_removed_from_the_state(
    etag: str | None, warnings: list[str]
) -> None:
    refresh, state = Refresh(), replace(STATE, metadata=METADATA)
    refresh.script.store.answers["list_objects"] = [OBJECTS, [] if etag is None else [S3Object("", 1, etag, START)]]
    result = refresh.read(state, save_job_metadata=True)
    expected = replace(STATE, metadata=None if warnings else METADATA)
    assert result == ReadResult(expected.to_outputs(inputs(save_job_metadata=True)), warnings)
    assert refresh.script.store.count("list_objects") == 2


def test_drift_and_changed_metadata_are_told_together() -> None:
    refresh = Refresh()
    refresh.script.store.answers["list_objects"] = [OBJECTS[:2], []]
    result = refresh.read(replace(STATE, metadata=METADATA))
    assert result.warnings == [GONE_WARNING, "the job's metadata is gone; `pulumi up` writes it again"]


@pytest.mark.parametrize(("resource", "name"), [(URN, "lake"), ("", ID)])
def test_a_damaged_state_is_an_error_that_names_the_resource_or_its_id(resource: str, name: str) -> None:
    with pytest.raises(StateError) as raised:
        Refresh().read_outputs({**STATE.to_outputs(inputs()), "export_status": "DONE"}, resource=resource)
    assert str(raised.value) == (
        f"{name}: export_status is damaged (UnknownStatusError) in the state. Remove the resource from the state with "
        "`pulumi state delete` and run `pulumi up`, which adopts the export. [SGE503]"
    )


# get


def get(id_: str, job: JobDescription | Exception, kind: Any = EARTH_OBSERVATION) -> tuple[Any, ScriptedRuntime]:
    """Return what `get` returns of a job."""
    script = ScriptedRuntime()
    script.client.job = job
    return read_unmanaged(kind, script.runtime, id_, script.context()), script


@pytest.mark.parametrize("id_", [ID, ARN])
@pytest.mark.parametrize(
    ("job", "found"),
    [
        (described_job("SUCCEEDED"), {"export_status": "SUCCEEDED"}),
        (described_job("FAILED", DETAILS), {"export_status": "FAILED", "export_error_details": DETAILS}),
        (described_job(None), {}),
    ],
)
def test_get_returns_the_status_and_the_error_of_the_jobs_last_export(
    id_: str, job: JobDescription, found: dict[str, Any]
) -> None:
    outputs, script = get(id_, job)
    assert outputs == {"arn": ARN, **found}
    assert script.client.calls == [("describe_job", EARTH_OBSERVATION, ARN)]
    assert script.store.calls == []


def test_get_refuses_an_id_of_another_kind_of_job_without_a_call() -> None:
    with pytest.raises(ExportError) as raised:
        get(ARN, described_job(None), VECTOR_ENRICHMENT)
    assert str(raised.value) == (
        f"the id '{ARN}' is neither ACCOUNT/JOB nor the ARN of a job of the type vector-enrichment-job [SGE107]"
    )


def test_get_fails_where_the_service_does_not_know_the_job() -> None:
    with pytest.raises(ServiceCallError, match=r"^no such job\. \[SGE304\]$"):
        get(ID, JobNotFoundError("no such job.", "ResourceNotFoundException"))
