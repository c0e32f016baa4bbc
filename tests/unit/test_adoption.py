"""Which export of an earlier run is adopted or joined instead of starting another one, and what is said and recorded of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pulumi_sagemaker_geospatial._export.lifecycle import CreatedExport, ExportLifecycle
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription
from pulumi_sagemaker_geospatial._runtime.aws_errors import THROTTLED
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object
from pulumi_sagemaker_geospatial.errors import ClientTokenUsedError, WaitTimeoutError

from tests.support.declarations import TOKEN, export_request
from tests.support.recorded_exports import at, described_job, overwritten, written_objects
from tests.support.scripted_service import ANSWERED_ARN, ARN, ScriptedExports, job, refused, running, started

REQUEST = export_request()
#: Declarations whose new exports are only started.
SPEC = ExportSpec(REQUEST, wait_for_completion=False)
USERS = ExportSpec(REQUEST, token=TOKEN, wait_for_completion=False)
UNVERIFIED = ExportSpec(REQUEST, verify_objects=False, wait_for_completion=False)
#: What an earlier export wrote, which was started an hour before the creation.
BEFORE = -3600.0
EARLIER = started("SUCCEEDED", seconds=BEFORE)
OBJECTS = written_objects(3, last=-3300)
FOREIGN = [S3Object("notes.xml", 7, "etag", at(-3000))]
TOKEN_USED = refused("ConflictException", "The client token was used before")
IDLE = described_job("SUCCEEDED")
FORCE = "to force a new export: PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN"


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def create(exports: ScriptedExports, spec: ExportSpec = SPEC, plan: CreatePlan | None = None) -> CreatedExport:
    return exports.lifecycle.create(spec, plan or CreatePlan(), exports.context())


def adopted_state(objects: list[S3Object] | None = OBJECTS, **more: Any) -> ExportState:
    """Return the state of the earlier export as its adoption records it."""
    manifest = None if objects is None else ExportManifest.of(objects)
    recorded: dict[str, Any] = {"observed_late": objects is not None, "output_arn": ANSWERED_ARN, **more}
    return ExportState(REQUEST, "SUCCEEDED", at(BEFORE), manifest, **recorded)


def assert_next_attempt(exports: ScriptedExports, created: CreatedExport, attempt: int = 1) -> None:
    """Assert that nothing was adopted, and that the next attempt has started an export."""
    expected = ExportState(REQUEST, "IN_PROGRESS", at(0), attempt=attempt, output_arn=ANSWERED_ARN)
    assert created == CreatedExport(expected)
    assert exports.tokens == [SPEC.token_of(attempt - 1), SPEC.token_of(attempt)]
    assert exports.progress[-1] == "starting: next token"
    assert exports.adoptions == []


def test_an_export_that_has_succeeded_before_is_adopted_and_said_to_be(exports: ScriptedExports) -> None:
    exports.script(EARLIER, objects=[*OBJECTS, *FOREIGN])
    created = create(exports, plan=CreatePlan(attempt=2))
    assert created == CreatedExport(adopted_state(attempt=2), [*OBJECTS, *FOREIGN])
    assert exports.adoptions == [
        f"adopted an existing export (3 objects, 303 B, exported at 2024-07-01T11:00:00Z); {FORCE}"
    ]
    assert exports.tokens == [SPEC.token_of(2)]
    assert exports.store.listed == [REQUEST.destination]
    assert (exports.warnings, exports.progress, exports.client.described) == ([], [], [])


def test_without_verification_an_earlier_export_is_adopted_unseen(exports: ScriptedExports) -> None:
    exports.script(EARLIER, objects=OBJECTS)
    assert create(exports, UNVERIFIED) == CreatedExport(adopted_state(None), ())
    assert exports.adoptions == [f"adopted an existing export (exported at 2024-07-01T11:00:00Z); {FORCE}"]
    assert exports.store.listed == []


def test_where_the_destination_cannot_be_listed_an_earlier_export_is_adopted_with_a_warning(
    exports: ScriptedExports,
) -> None:
    exports.script(EARLIER)
    exports.store.listing_error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")
    assert create(exports) == CreatedExport(adopted_state(None), ())
    assert exports.warnings == [
        "cannot list the destination of an export (AccessDenied); using the job's status only. Grant s3:ListBucket on it, "
        "or set verify_objects=False [SGE409]"
    ]


def test_adopted_objects_that_somebody_may_have_overwritten_are_told_and_not_certain(exports: ScriptedExports) -> None:
    changed = overwritten(OBJECTS[:1], seconds=-1000)
    exports.script(EARLIER, objects=[*changed, *OBJECTS[1:]])
    state = adopted_state([*changed, *OBJECTS[1:]], ownership_certain=False)
    assert create(exports).state == state
    assert exports.warnings == [
        f"adopting the export of {ANSWERED_ARN}: 1 adopted object modified well after the rest, first "
        f"output/consolidated/tile_0.tif: possibly overwritten; {FORCE}"
    ]


@pytest.mark.parametrize("objects", [[], FOREIGN, written_objects(3, last=-4000)])
def test_an_earlier_export_whose_objects_are_gone_is_made_anew(
    exports: ScriptedExports, objects: list[S3Object]
) -> None:
    exports.script(EARLIER, started(), objects=objects)
    assert_next_attempt(exports, create(exports))


@pytest.mark.parametrize("plan", [CreatePlan(may_adopt=False), CreatePlan(newer_than=at(BEFORE))])
def test_an_earlier_export_that_the_change_is_to_replace_is_not_adopted(
    exports: ScriptedExports, plan: CreatePlan
) -> None:
    exports.script(EARLIER, started(), objects=OBJECTS)
    assert_next_attempt(exports, create(exports, plan=plan))
    assert exports.store.listed == []


def test_earlier_exports_are_adopted_unless_that_is_turned_off(exports: ScriptedExports) -> None:
    exports.script(EARLIER, objects=OBJECTS)
    lifecycle = ExportLifecycle(exports.retrying, exports.store)
    assert lifecycle.create(SPEC, CreatePlan(), exports.context()) == CreatedExport(adopted_state(), OBJECTS)


def test_where_adoption_is_turned_off_an_export_is_made_anew() -> None:
    exports = ScriptedExports(may_adopt=False)
    exports.script(EARLIER, started(), objects=OBJECTS)
    assert_next_attempt(exports, create(exports, plan=CreatePlan(attempt=4)), attempt=5)


def test_where_adoption_is_turned_off_an_export_that_is_running_is_joined_still() -> None:
    exports = ScriptedExports(may_adopt=False)
    exports.script(started(seconds=-60))
    assert create(exports, plan=CreatePlan(attempt=4)).state.attempt == 4


@pytest.mark.parametrize(
    ("plan", "objects", "why"),
    [
        (CreatePlan(newer_than=at(0)), OBJECTS, "its export was made before this change"),
        (CreatePlan(), [], "its export has SUCCEEDED, but its objects are gone"),
    ],
)
def test_a_token_of_the_program_whose_export_cannot_be_adopted_is_an_error(
    exports: ScriptedExports,
    plan: CreatePlan,
    objects: list[S3Object],
    why: str,
) -> None:
    exports.script(EARLIER, objects=objects)
    with pytest.raises(ClientTokenUsedError) as caught:
        create(exports, USERS, plan)
    assert str(caught.value) == (
        f"exporting {ARN}: client_token cannot start another export: {why}. Use a new client_token, or omit it to have one "
        "derived. [SGE310]"
    )


def test_an_export_of_a_token_of_the_program_is_adopted(exports: ScriptedExports) -> None:
    exports.script(EARLIER, objects=OBJECTS)
    assert create(exports, USERS).state == adopted_state()


def from_objects(attempt: int = 0) -> ExportState:
    """Return the state of an export that is known from its objects alone."""
    start = min(each.modified for each in OBJECTS) - timedelta(seconds=1)
    return ExportState(
        REQUEST,
        "SUCCEEDED",
        start,
        ExportManifest.of(OBJECTS),
        attempt=attempt,
        observed_late=True,
        ownership_certain=False,
        output_arn=ARN,
    )


def test_where_a_used_token_is_refused_the_export_is_adopted_by_its_objects_which_are_never_deleted(
    exports: ScriptedExports,
) -> None:
    exports.script(TOKEN_USED, jobs={0: IDLE}, objects=[*OBJECTS, *FOREIGN])
    assert create(exports, plan=CreatePlan(attempt=2)) == CreatedExport(from_objects(2), [*OBJECTS, *FOREIGN])
    assert exports.adoptions == [
        f"adopted an existing export (3 objects, 303 B, exported at 2024-07-01T11:04:57Z); {FORCE}"
    ]
    assert exports.client.sent == [(REQUEST, SPEC.token_of(2))]
    assert exports.client.described == [("GetEarthObservationJob", ARN)]
    assert exports.store.listed == [REQUEST.destination]
    assert (exports.progress, exports.warnings) == ([], [])


@pytest.mark.parametrize(("before", "row"), [(running(), "running"), (job("COMPLETED"), "starting")])
def test_where_a_used_token_is_refused_the_jobs_export_is_waited_for_first(
    exports: ScriptedExports, before: JobDescription, row: str
) -> None:
    exports.script(TOKEN_USED, jobs={0: before, 60: IDLE}, objects=OBJECTS)
    assert create(exports).state == from_objects()
    assert exports.progress == [row]
    assert 60 <= exports.clock.now() < 75


def test_a_wait_for_the_export_of_a_refused_token_says_what_it_was_doing(exports: ScriptedExports) -> None:
    end = "The export may still be running; the next `pulumi up` resumes waiting. [SGE501]"
    exports.script(TOKEN_USED, jobs={0: running()})
    with pytest.raises(WaitTimeoutError) as caught:
        create(exports)
    assert str(caught.value) == f"waiting for the export of {ARN}: timed out; increase custom_timeouts. {end}"
    error = refused(THROTTLED, doing=f"getting the status of {ARN}")
    exports.script(TOKEN_USED, jobs={0: error})
    with pytest.raises(WaitTimeoutError) as caught:
        create(exports)
    assert str(caught.value) == f"exporting {ARN}: timed out; increase custom_timeouts. Last error: {error} {end}"


@pytest.mark.parametrize(
    ("spec", "plan", "status", "objects"),
    [
        (UNVERIFIED, CreatePlan(), "SUCCEEDED", OBJECTS),
        (SPEC, CreatePlan(may_adopt=False), "SUCCEEDED", OBJECTS),
        (SPEC, CreatePlan(), "FAILED", OBJECTS),
        (SPEC, CreatePlan(), "SUCCEEDED", []),
        (SPEC, CreatePlan(), "SUCCEEDED", FOREIGN),
        (SPEC, CreatePlan(newer_than=at(-3300)), "SUCCEEDED", OBJECTS),
    ],
)
def test_where_a_used_token_is_refused_and_its_export_is_not_found_the_next_attempt_begins(
    exports: ScriptedExports,
    spec: ExportSpec,
    plan: CreatePlan,
    status: str,
    objects: list[S3Object],
) -> None:
    exports.script(TOKEN_USED, started(), jobs={0: described_job(status)}, objects=objects)  # type: ignore[arg-type]
    assert_next_attempt(exports, create(exports, spec, plan))


def test_where_the_destination_cannot_be_listed_nothing_is_adopted_for_a_refused_token(
    exports: ScriptedExports,
) -> None:
    exports.script(TOKEN_USED, started(), jobs={0: IDLE})
    exports.store.listing_error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")
    assert_next_attempt(exports, create(exports))


def test_only_objects_newer_than_the_record_are_adopted_for_a_refused_token(exports: ScriptedExports) -> None:
    old = [each for each in written_objects(5, last=-4000) if each.name not in {one.name for one in OBJECTS}]
    exports.script(TOKEN_USED, jobs={0: IDLE}, objects=[*old, *OBJECTS])
    created = create(exports, plan=CreatePlan(newer_than=at(-4000)))
    assert created == CreatedExport(from_objects(), [*old, *OBJECTS])
