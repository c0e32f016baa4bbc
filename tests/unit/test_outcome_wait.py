"""How the wait for an export ends: what is polled, when its token is asked, and what is raised, warned and recorded then."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.outcome import TOKEN_RECHECK_INTERVAL
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription, StartResponse
from pulumi_sagemaker_geospatial._geospatial.statuses import MAX_STATUS_LAG
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object
from pulumi_sagemaker_geospatial.errors import ExportFailedError, OutcomeUndeterminedError

from tests.support.declarations import export_request
from tests.support.recorded_exports import at, described_job, written_objects
from tests.support.scripted_service import ANSWERED_ARN, ScriptedExports, job, refused, running, started

REQUEST = export_request()
SPEC, UNVERIFIED = ExportSpec(REQUEST), ExportSpec(REQUEST, verify_objects=False)
OBJECTS = written_objects(3)
SUCCEEDED, NOT_EXPORTED = described_job("SUCCEEDED"), job("COMPLETED")
FAILED = described_job("FAILED", {"export_results": {"type": "CLIENT_ERROR", "message": "no disk."}})
TOKEN_USED = refused("ConflictException", "The client token was used before")
CONFLICT = refused("ConflictException")
FAILURE = f"exporting {ANSWERED_ARN}: the export FAILED: export_results: CLIENT_ERROR: no disk. Fix the cause and rerun"
UNPROVEN = (
    f"the export of {ANSWERED_ARN} is taken as SUCCEEDED by the job's status and its objects; the service does not confirm "
    "its client token, so that another export of the job may have been the one that succeeded"
)


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def create(exports: ScriptedExports, spec: ExportSpec = SPEC, plan: CreatePlan | None = None) -> ExportState:
    return exports.lifecycle.create(spec, plan or CreatePlan(), exports.context()).state


def state(objects: list[S3Object] | None = OBJECTS, **more: Any) -> ExportState:
    """Return the state of an export that was waited for and has SUCCEEDED."""
    manifest = None if objects is None else ExportManifest.of(objects)
    return ExportState(REQUEST, "SUCCEEDED", at(0), manifest, output_arn=ANSWERED_ARN, **more)


def test_an_export_that_was_seen_running_until_it_wrote_its_last_objects_is_not_asked_about(
    exports: ScriptedExports,
) -> None:
    exports.script(started(), jobs={0: running(), 300: SUCCEEDED}, objects=OBJECTS)
    assert create(exports, plan=CreatePlan(attempt=2)) == state(attempt=2)
    assert len(exports.client.sent) == 1
    assert exports.store.listed == [REQUEST.destination]
    assert 300 <= exports.clock.now() < 335


@pytest.mark.parametrize("jobs", [{0: SUCCEEDED}, {0: running(), 20: SUCCEEDED}, {0: FAILED}])
def test_an_export_that_ends_before_a_status_can_be_believed_is_asked_about(
    exports: ScriptedExports, jobs: dict[float, JobDescription]
) -> None:
    objects = [S3Object("output/consolidated/tile_0.tif", 9, "etag", at(1))]
    exports.script(started(), started("SUCCEEDED"), jobs=jobs, objects=objects)
    assert create(exports, plan=CreatePlan(attempt=2)) == state(objects, attempt=2)
    assert exports.client.sent == [(REQUEST, SPEC.token_of(2))] * 2
    assert exports.clock.now() < 30


def test_an_export_that_its_token_calls_running_is_waited_for_and_asked_about_ever_more_seldom(
    exports: ScriptedExports,
) -> None:
    asked = list[float]()

    def ask() -> StartResponse:
        asked.append(exports.clock.now() - 1000)
        return started("SUCCEEDED" if asked[-1] > 500 else "IN_PROGRESS", seconds=1000)

    exports.clock.advance_to(1000)
    exports.script(started(seconds=1000), ask, jobs={0: SUCCEEDED}, objects=written_objects(3, last=1300))
    assert create(exports).status == "SUCCEEDED"
    assert asked[0] < 3
    for before, after in itertools.pairwise(asked):
        earliest = before + max(TOKEN_RECHECK_INTERVAL, before)
        assert earliest <= after < earliest + 33


def test_a_question_that_another_export_is_in_the_way_of_is_asked_again(exports: ScriptedExports) -> None:
    exports.script(started(), CONFLICT, started("SUCCEEDED"), jobs={0: SUCCEEDED}, objects=written_objects(3, last=20))
    assert create(exports).status == "SUCCEEDED"
    assert len(exports.client.sent) == 3
    assert 30 <= exports.clock.now() < 45


def test_where_used_tokens_are_refused_a_failure_that_was_seen_coming_is_an_error_at_once(
    exports: ScriptedExports,
) -> None:
    exports.script(started(), TOKEN_USED, jobs={0: running(), 300: FAILED})
    with pytest.raises(ExportFailedError) as caught:
        create(exports)
    assert str(caught.value) == f"{FAILURE} `pulumi up`. [SGE402]"
    assert len(exports.client.sent) == 2
    assert exports.clock.now() < 340
    assert len([second for second in exports.client.described_at if second >= 300]) == 1


def test_a_failure_that_a_poll_shows_without_its_reason_is_described_again_for_the_reason(
    exports: ScriptedExports,
) -> None:
    answer = exports.ending_at(120, TOKEN_USED)
    exports.script(started(), answer, jobs={0: running(), 100: described_job("FAILED"), 119: FAILED})
    with pytest.raises(ExportFailedError) as caught:
        create(exports)
    assert str(caught.value) == f"{FAILURE} `pulumi up`. [SGE402]"
    assert exports.client.described_at[-1] == 120


def test_where_used_tokens_are_refused_a_failure_is_believed_when_the_status_cannot_lag_any_longer(
    exports: ScriptedExports,
) -> None:
    exports.script(started(), TOKEN_USED, jobs={0: FAILED})
    with pytest.raises(ExportFailedError) as caught:
        create(exports)
    assert str(caught.value) == f"{FAILURE} `pulumi up`. [SGE402]"
    assert len(exports.client.sent) == 2
    assert MAX_STATUS_LAG < exports.clock.now() < MAX_STATUS_LAG + 35
    assert len(exports.client.described) < 50  # the longer a wait, the rarer its polls


@pytest.mark.parametrize(
    ("jobs", "spec", "earliest"),
    [
        ({0.0: running(), 30.0: SUCCEEDED}, SPEC, 30.0),
        ({0.0: SUCCEEDED}, SPEC, MAX_STATUS_LAG),
        ({0.0: running(), 300.0: SUCCEEDED}, UNVERIFIED, 300.0),
        ({0.0: running(), 30.0: SUCCEEDED}, UNVERIFIED, MAX_STATUS_LAG),
    ],
)
def test_where_used_tokens_are_refused_a_success_is_taken_with_a_warning(
    exports: ScriptedExports, jobs: dict[float, JobDescription], spec: ExportSpec, earliest: float
) -> None:
    objects = written_objects(3, last=10)
    exports.script(started(), TOKEN_USED, jobs=jobs, objects=objects)
    assert create(exports, spec) == state(objects if spec.verify_objects else None)
    assert exports.warnings == [UNPROVEN]
    assert earliest <= exports.clock.now() < earliest + 40
    assert exports.store.listed == [REQUEST.destination] * len(exports.store.listed) * spec.verify_objects


@pytest.mark.parametrize(
    ("last", "spec", "objects"),
    [(SUCCEEDED, SPEC, []), (SUCCEEDED, UNVERIFIED, OBJECTS), (FAILED, SPEC, OBJECTS), (FAILED, UNVERIFIED, [])],
)
def test_where_nothing_tells_the_outcome_the_error_says_what_to_check(
    exports: ScriptedExports, last: JobDescription, spec: ExportSpec, objects: list[S3Object]
) -> None:
    exports.script(started(), TOKEN_USED, jobs={0: last}, objects=objects)
    with pytest.raises(OutcomeUndeterminedError) as caught:
        create(exports, spec)
    assert str(caught.value) == (
        f"waiting for the export of {ANSWERED_ARN}: the outcome cannot be determined: the job's last export is "
        f"{last.export_status}, which may be another one, and this export's objects do not tell. Check the objects at the "
        "destination, and change triggers to export again. [SGE403]"
    )
    assert MAX_STATUS_LAG < exports.clock.now() < MAX_STATUS_LAG + 35


def test_a_job_that_shows_no_export_is_polled_until_its_status_cannot_lag_any_longer(exports: ScriptedExports) -> None:
    exports.script(started(), started("SUCCEEDED"), jobs={0: NOT_EXPORTED}, objects=OBJECTS)
    assert create(exports) == state()
    assert len(exports.client.sent) == 2
    assert MAX_STATUS_LAG < exports.clock.now() < MAX_STATUS_LAG + 35


def test_a_token_that_the_service_has_forgotten_has_started_another_export_which_is_waited_for(
    exports: ScriptedExports,
) -> None:
    again = exports.ending_at(20, started(seconds=20))
    exports.script(
        started(), again, jobs={0: SUCCEEDED, 20: running(), 320: SUCCEEDED}, objects=written_objects(3, 320)
    )
    expected = ExportState(
        REQUEST, "SUCCEEDED", at(20), ExportManifest.of(written_objects(3, 320)), output_arn=ANSWERED_ARN
    )
    assert create(exports) == expected
    assert len(exports.client.sent) == 2
    assert exports.warnings == []


def test_where_the_service_forgets_tokens_no_further_one_is_asked(exports: ScriptedExports) -> None:
    again = exports.ending_at(20, started(seconds=20))
    exports.script(
        started(), again, jobs={0: SUCCEEDED, 20: running(), 320: SUCCEEDED}, objects=written_objects(3, 320)
    )
    create(exports)
    exports.clock.advance_to(1000)
    exports.script(CONFLICT, started(seconds=1000), jobs={0: running(), 1010: SUCCEEDED})
    assert create(exports, ExportSpec(REQUEST, verify_objects=False, wait_for_completion=False)).status == "IN_PROGRESS"
    assert [request for request, _ in exports.client.sent] == [REQUEST, REQUEST]  # not the other spelling
    exports.script(started(seconds=1020), jobs={0: SUCCEEDED}, objects=written_objects(3, 1025))
    assert create(exports, ExportSpec(REQUEST, triggers="again")).status == "SUCCEEDED"
    assert (len(exports.client.sent), exports.warnings) == (1, [UNPROVEN])


def test_a_success_without_objects_is_told_and_recorded(exports: ScriptedExports) -> None:
    exports.script(started(), started("SUCCEEDED"), jobs={0: SUCCEEDED})
    assert create(exports) == state([])
    assert exports.warnings == [
        f"the export of {ANSWERED_ARN} succeeded, but no objects found at its destination; drift detection disabled"
    ]


@pytest.mark.parametrize(
    ("plan", "counts"),
    [(CreatePlan(), True), (CreatePlan(newer_than=at(0)), False), (CreatePlan(may_adopt=False), False)],
)
def test_objects_of_the_second_of_the_start_count_where_no_earlier_export_can_have_written_them(
    exports: ScriptedExports, plan: CreatePlan, counts: bool
) -> None:
    same_second = [S3Object("output/consolidated/tile_0.tif", 9, "etag", at(0))]
    exports.script(started(), TOKEN_USED, jobs={0: running(), 30: SUCCEEDED}, objects=same_second)
    if counts:
        assert create(exports, plan=plan) == state(same_second)
    else:
        with pytest.raises(OutcomeUndeterminedError):
            create(exports, plan=plan)
