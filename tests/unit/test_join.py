"""Resuming the wait for an export that is recorded as running: its token is never sent, and its age counts."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription
from pulumi_sagemaker_geospatial._geospatial.statuses import MAX_STATUS_LAG
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object
from pulumi_sagemaker_geospatial.errors import (
    EXPORT_CONTINUES,
    ExportFailedError,
    OutcomeUndeterminedError,
    WaitTimeoutError,
)

from tests.support.declarations import export_request
from tests.support.recorded_exports import at, described_job, written_objects
from tests.support.scripted_service import ANSWERED_ARN, ARN, ScriptedExports, job, running, started

REQUEST = export_request()
SPEC, UNVERIFIED = ExportSpec(REQUEST), ExportSpec(REQUEST, verify_objects=False)
OBJECTS = written_objects(3)
RECORDED = ExportState(REQUEST, "IN_PROGRESS", at(0), attempt=3, output_arn=ANSWERED_ARN)
SUCCEEDED, NOT_EXPORTED = described_job("SUCCEEDED"), job("COMPLETED")
FAILED = described_job("FAILED", {"export_results": {"type": "CLIENT_ERROR", "message": "no disk"}})
FAILURE = (
    f"exporting {ANSWERED_ARN}: the export FAILED: export_results: CLIENT_ERROR: no disk. Fix the cause and run "
    "`pulumi refresh`, and rerun `pulumi up`. [SGE402]"
)


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def join(exports: ScriptedExports, age: float, spec: ExportSpec = SPEC) -> ExportState:
    """Join the recorded export at this age, which is also the clock's time."""
    exports.clock.advance_to(age)
    return exports.lifecycle.join(spec, RECORDED, exports.context(), age)


def succeeded(objects: list[S3Object] | None = OBJECTS, **more: Any) -> ExportState:
    manifest = None if objects is None else ExportManifest.of(objects)
    return ExportState(REQUEST, "SUCCEEDED", at(0), manifest, attempt=3, output_arn=ANSWERED_ARN, **more)


def test_a_recorded_export_is_waited_for_without_a_question(exports: ScriptedExports) -> None:
    exports.script(jobs={0: running(), 300: SUCCEEDED}, objects=OBJECTS)
    assert join(exports, age=200) == succeeded()
    assert set(exports.client.described) == {("GetEarthObservationJob", ANSWERED_ARN)}
    assert (exports.client.sent, exports.rows, exports.warnings, exports.adoptions) == ([], ["running"], [], [])
    assert 300 <= exports.clock.now() < 320


def test_of_an_export_that_has_ended_meanwhile_only_results_count(exports: ScriptedExports) -> None:
    foreign = S3Object("notes.xml", 7, "etag", at(320))
    exports.script(jobs={0: SUCCEEDED}, objects=[*OBJECTS, foreign])
    assert join(exports, age=400) == succeeded(observed_late=True)
    assert exports.client.sent == []
    assert exports.clock.now() < 403


def test_an_export_that_has_ended_meanwhile_is_not_verified_where_the_program_says_so(exports: ScriptedExports) -> None:
    exports.script(jobs={0: SUCCEEDED}, objects=OBJECTS)
    assert join(exports, age=400, spec=UNVERIFIED) == succeeded(None)
    assert exports.store.listed == []


@pytest.mark.parametrize("age", [0.0, 400.0])
@pytest.mark.parametrize("last", [SUCCEEDED, NOT_EXPORTED])
def test_a_success_whose_objects_are_not_there_yet_is_waited_for_as_long_as_the_status_may_lag(
    exports: ScriptedExports, last: JobDescription, age: float
) -> None:
    exports.script(jobs={0: last})
    with pytest.raises(OutcomeUndeterminedError):
        join(exports, age)
    assert MAX_STATUS_LAG < exports.clock.now() < MAX_STATUS_LAG + 35


def test_a_failure_that_was_seen_coming_is_an_error_at_once(exports: ScriptedExports) -> None:
    exports.script(jobs={0: running(), 300: FAILED})
    with pytest.raises(ExportFailedError) as caught:
        join(exports, age=250)
    assert str(caught.value) == FAILURE
    assert exports.clock.now() < 320


def test_a_failure_long_ago_is_an_error_at_once(exports: ScriptedExports) -> None:
    exports.script(jobs={0: FAILED})
    with pytest.raises(ExportFailedError) as caught:
        join(exports, age=MAX_STATUS_LAG)
    assert str(caught.value) == FAILURE
    assert exports.clock.now() < MAX_STATUS_LAG + 3


@pytest.mark.parametrize(
    ("age", "last", "objects", "details"),
    [
        (MAX_STATUS_LAG, SUCCEEDED, [], "SUCCEEDED (the service gave no details)"),
        (MAX_STATUS_LAG, FAILED, OBJECTS, "FAILED (export_results: CLIENT_ERROR: no disk)"),
        (MAX_STATUS_LAG, NOT_EXPORTED, [], "None (the service gave no details)"),
        # A failure that nobody saw coming may be that of an export before.
        (400.0, FAILED, [], "FAILED (export_results: CLIENT_ERROR: no disk)"),
        (400.0, FAILED, OBJECTS, "FAILED (export_results: CLIENT_ERROR: no disk)"),
    ],
)
def test_where_the_job_does_not_tell_the_outcome_the_next_run_asks_the_service(
    exports: ScriptedExports, age: float, last: JobDescription, objects: list[S3Object], details: str
) -> None:
    exports.script(jobs={0: last}, objects=objects)
    with pytest.raises(OutcomeUndeterminedError) as caught:
        join(exports, age)
    assert str(caught.value) == (
        f"waiting for the export of {ANSWERED_ARN}: the job's last export is {details}, which may be another one; run "
        "`pulumi refresh`, and rerun `pulumi up`, which asks the service whether this export succeeded. [SGE403]"
    )
    assert exports.clock.now() < age + 3


def test_a_recorded_export_waits_for_another_one_of_its_job_within_its_own_timeout(exports: ScriptedExports) -> None:
    def start_while_the_recorded_one_is_joined() -> Any:
        with pytest.raises(WaitTimeoutError) as caught:
            exports.lifecycle.join(SPEC, RECORDED, exports.context(timeout=100), age=200)
        assert str(caught.value) == (
            f"waiting for another export of {ARN}: timed out; increase custom_timeouts. {EXPORT_CONTINUES} [SGE501]"
        )
        assert (exports.clock.now(), exports.progress) == (100, ["queued: job is busy"])
        return started()

    exports.script(start_while_the_recorded_one_is_joined, jobs={0: SUCCEEDED})
    exports.lifecycle.create(ExportSpec(REQUEST, wait_for_completion=False), CreatePlan(), exports.context())
    assert exports.client.described == []
