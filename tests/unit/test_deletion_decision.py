"""Whether a job may be deleted, and whether an export is whole: one row for each rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._report.decisions import Action, decide_deletion, find_problem, why_not_exported
from pulumi_sagemaker_geospatial._report.observation import (
    DeclaredExport,
    ExportObservation,
    JobObservation,
    SavedMetadata,
)
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object

from tests.support.declarations import export_request

TIME = datetime(2026, 1, 1, tzinfo=timezone.utc)
OBJECTS = (S3Object("output/a.tif", 10, "etag", TIME), S3Object("output/b.tif", 20, "etag", TIME))
STATE = ExportState(export_request(), "SUCCEEDED", TIME, ExportManifest.of(OBJECTS))
WHOLE = ExportObservation(DeclaredExport("lake", STATE), OBJECTS, None, SavedMetadata())
JOB = JobObservation(STATE.request.arn, "COMPLETED", "SUCCEEDED", (WHOLE,))


def with_state(**changes: object) -> ExportObservation:
    """Return a whole export with another state."""
    return replace(WHOLE, export=DeclaredExport("lake", replace(STATE, **changes)))  # type: ignore[arg-type]


def test_a_job_whose_export_is_whole_is_deleted() -> None:
    decision = decide_deletion(JOB)
    assert (decision.action, decision.bytes) == (Action.DELETE, 30)
    assert find_problem(WHOLE) is None


@pytest.mark.parametrize(
    ("export", "reason"),
    [
        (with_state(status="IN_PROGRESS"), "the export is running"),
        (with_state(status="FAILED"), "the export is FAILED"),
        (with_state(drift="2 of 2 objects are gone"), "2 of 2 objects are gone"),
        (with_state(manifest=None), "the state has no manifest"),
        (with_state(manifest=ExportManifest.of([])), "no exported objects were found"),
        (replace(WHOLE, drift="1 of 2 objects is gone"), "1 of 2 objects is gone"),
        (replace(WHOLE, metadata=SavedMetadata("is gone")), "the job's metadata is gone"),
        (replace(WHOLE, metadata=None), "the job's metadata is not saved"),
    ],
)
def test_an_export_that_is_not_whole_keeps_its_job(export: ExportObservation, reason: str) -> None:
    for exports in ((export,), (WHOLE, export), (export, WHOLE)):
        decision = decide_deletion(replace(JOB, exports=exports))
        assert decision.action is Action.KEEP
        assert f"lake: {reason}" in decision.reason or reason in decision.reason
    is_only_for_deletion = export.metadata is None
    assert (find_problem(export) is None) == is_only_for_deletion


@pytest.mark.parametrize(
    ("job", "action"),
    [
        (replace(JOB, status=None, exports=()), Action.NONE),
        (replace(JOB, status="DELETING"), Action.NONE),
        (replace(JOB, status="DELETED"), Action.NONE),
        (replace(JOB, exports=()), Action.KEEP),
        (replace(JOB, export_status="IN_PROGRESS"), Action.KEEP),
        (replace(JOB, export_status="FAILED"), Action.DELETE),  # another team's; ours is whole
        (replace(JOB, status="IN_PROGRESS"), Action.KEEP),
        (replace(JOB, status="A_NEW_STATUS"), Action.KEEP),
    ],
)
def test_the_status_of_the_job_decides_too(job: JobObservation, action: Action) -> None:
    assert decide_deletion(job).action is action


@pytest.mark.parametrize(
    ("status", "is_missing"),
    [("COMPLETED", True), ("IN_PROGRESS", True), ("INITIALIZING", True), ("FAILED", False), ("DELETED", False)],
)
def test_a_job_without_an_export_is_missing_where_it_has_results_or_may_have(status: str, is_missing: bool) -> None:
    assert why_not_exported(status)[1] is is_missing
