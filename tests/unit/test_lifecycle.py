"""Which calls start an export, which token each has, and what of it is recorded."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial._export.lifecycle import MAX_ATTEMPTS, CreatedExport
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._runtime.aws_errors import THROTTLED
from pulumi_sagemaker_geospatial.errors import (
    EXPORT_CONTINUES,
    ClientTokenUsedError,
    ServiceCallError,
    WaitTimeoutError,
)

from tests.support.declarations import TOKEN, export_request
from tests.support.recorded_exports import at, described_job, written_objects
from tests.support.scripted_service import (
    ANSWERED_ARN,
    ARN,
    ScriptedExports,
    StartAnswer,
    job,
    refused,
    running,
    started,
)

REQUEST = export_request()
#: The same request with the destination spelled without the slash at its end.
OTHER_SPELLING = REQUEST.with_other_spelling()
SPEC = ExportSpec(REQUEST)
STARTED_ONLY = ExportSpec(REQUEST, wait_for_completion=False)
USERS = ExportSpec(REQUEST, token=TOKEN, wait_for_completion=False)
OBJECTS = written_objects(3)
#: An export of five minutes.
FIVE_MINUTES = {0.0: running(), 300.0: described_job("SUCCEEDED")}
CONFLICT, DENIED = refused("ConflictException"), refused("AccessDeniedException")
TOKEN_USED = refused("ConflictException", "The client token was used before")
IN_PROGRESS = ExportState(REQUEST, "IN_PROGRESS", at(0), output_arn=ANSWERED_ARN)
SUCCEEDED = ExportState(REQUEST, "SUCCEEDED", at(0), ExportManifest.of(OBJECTS), output_arn=ANSWERED_ARN)


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def create(exports: ScriptedExports, spec: ExportSpec = SPEC, plan: CreatePlan | None = None) -> CreatedExport:
    return exports.lifecycle.create(spec, plan or CreatePlan(), exports.context())


def test_an_export_is_started_waited_for_and_recorded_with_its_objects(exports: ScriptedExports) -> None:
    exports.script(started(), jobs=FIVE_MINUTES, objects=OBJECTS)
    assert create(exports) == CreatedExport(SUCCEEDED)
    assert exports.client.sent == [(REQUEST, SPEC.token_of(0))]
    assert set(exports.client.described) == {("GetEarthObservationJob", ANSWERED_ARN)}
    assert exports.rows == ["running"]
    assert (exports.adoptions, exports.infos, exports.warnings) == ([], [], [])


def test_an_export_that_is_not_waited_for_is_recorded_as_running(exports: ScriptedExports) -> None:
    exports.script(started())
    assert create(exports, STARTED_ONLY, CreatePlan(attempt=3)) == CreatedExport(
        ExportState(REQUEST, "IN_PROGRESS", at(0), attempt=3, output_arn=ANSWERED_ARN)
    )
    assert exports.client.sent == [(REQUEST, SPEC.token_of(3))]
    assert (exports.client.described, exports.store.listed, exports.progress) == ([], [], [])


def test_nothing_is_started_where_the_bucket_does_not_exist(exports: ScriptedExports) -> None:
    exports.store.region = None
    exports.script(started())
    with pytest.raises(ServiceCallError) as caught:
        create(exports)
    assert str(caught.value) == (
        "the bucket s3://[bucket of output_config.s3_data.s3_uri] does not exist. No export to it was started: correct "
        "output_config.s3_data.s3_uri, or create the bucket. [SGE404]"
    )
    assert exports.client.sent == []


def test_a_check_of_the_destination_tells_whether_s3_knows_the_bucket(exports: ScriptedExports) -> None:
    assert exports.lifecycle.check_destination(SPEC, exports.context())
    unknown = ScriptedExports()
    unknown.store.region = ""
    assert not unknown.lifecycle.check_destination(SPEC, unknown.context())


def test_a_check_of_the_destination_that_is_interrupted_does_not_say_that_an_export_goes_on(
    exports: ScriptedExports,
) -> None:
    with pytest.raises(WaitTimeoutError) as caught:
        exports.lifecycle.create(SPEC, CreatePlan(), exports.context(timeout=0))
    expected = "checking the destination's bucket: timed out; increase custom_timeouts. [SGE501]"
    assert str(caught.value) == expected


def test_a_refusal_that_is_not_about_the_token_is_raised_as_it_is(exports: ScriptedExports) -> None:
    exports.script(DENIED)
    with pytest.raises(ServiceCallError) as caught:
        create(exports)
    assert caught.value is DENIED
    assert exports.tokens == [SPEC.token_of(0)]


def test_a_token_whose_export_has_failed_is_followed_by_the_next_one(exports: ScriptedExports) -> None:
    exports.script(started("FAILED", seconds=-900), started("FAILED", seconds=-600), started())
    created = create(exports, STARTED_ONLY, CreatePlan(attempt=1))
    assert (created.state.status, created.state.attempt) == ("IN_PROGRESS", 3)
    assert exports.tokens == [SPEC.token_of(attempt) for attempt in (1, 2, 3)]
    assert exports.progress == ["starting: next token"] * 2


def test_a_creation_gives_up_after_a_hundred_used_tokens(exports: ScriptedExports) -> None:
    exports.script(started("FAILED", seconds=-900))
    with pytest.raises(ClientTokenUsedError) as caught:
        create(exports, plan=CreatePlan(attempt=5))
    assert str(caught.value) == (
        f"exporting {ARN}: gave up after 100 used tokens; change triggers to a value that they did not have before, or "
        "set client_token. [SGE310]"
    )
    assert exports.tokens == [SPEC.token_of(attempt) for attempt in range(5, 5 + MAX_ATTEMPTS)]


def test_a_token_of_the_program_whose_export_has_failed_is_an_error(exports: ScriptedExports) -> None:
    exports.script(started("FAILED", seconds=-900))
    with pytest.raises(ClientTokenUsedError) as caught:
        create(exports, USERS)
    assert str(caught.value) == (
        f"exporting {ARN}: client_token cannot start another export: its export has FAILED. Use a new client_token, or "
        "omit it to have one derived. [SGE310]"
    )
    assert exports.tokens == [TOKEN]


def test_an_export_that_runs_under_the_other_spelling_of_its_destination_is_joined(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, started(seconds=-60), jobs={0: running()})
    created = create(exports, STARTED_ONLY, CreatePlan(attempt=2))
    assert created.state == ExportState(OTHER_SPELLING, "IN_PROGRESS", at(-60), attempt=2, output_arn=ANSWERED_ARN)
    other = ExportSpec(OTHER_SPELLING)
    assert exports.client.sent == [(REQUEST, SPEC.token_of(2)), (OTHER_SPELLING, other.token_of(2))]


@pytest.mark.parametrize("answer", [CONFLICT, TOKEN_USED])
def test_another_export_of_the_job_that_is_not_of_the_other_spelling_is_waited_for(
    exports: ScriptedExports, answer: StartAnswer
) -> None:
    exports.script(CONFLICT, answer, exports.ending_at(0, started()), jobs=FIVE_MINUTES)
    assert create(exports, STARTED_ONLY).state == IN_PROGRESS
    assert [request for request, _ in exports.client.sent] == [REQUEST, OTHER_SPELLING, REQUEST]
    assert exports.rows == ["queued: job is busy"]
    assert exports.clock.now() >= 300


def test_a_refusal_of_the_other_spelling_is_raised_as_it_is(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, DENIED, jobs={0: running()})
    with pytest.raises(ServiceCallError) as caught:
        create(exports)
    assert caught.value is DENIED


def test_the_other_spelling_is_not_asked_for_while_no_export_of_the_job_is_running(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, started(), jobs={0: described_job("SUCCEEDED")})
    assert create(exports, STARTED_ONLY).state == IN_PROGRESS
    assert [request for request, _ in exports.client.sent] == [REQUEST, REQUEST]


def test_a_token_of_the_program_is_not_sent_with_the_other_spelling_while_another_export_is_running(
    exports: ScriptedExports,
) -> None:
    exports.script(CONFLICT, started(), jobs=FIVE_MINUTES)
    assert create(exports, USERS).state == IN_PROGRESS
    assert exports.client.sent == [(REQUEST, TOKEN)] * 2


def test_a_used_token_of_the_program_is_sent_again_with_the_other_spelling(exports: ScriptedExports) -> None:
    exports.script(TOKEN_USED, started(seconds=-60))
    state = ExportState(OTHER_SPELLING, "IN_PROGRESS", at(-60), output_arn=ANSWERED_ARN)
    assert create(exports, USERS) == CreatedExport(state)
    assert exports.client.sent == [(REQUEST, TOKEN), (OTHER_SPELLING, TOKEN)]


@pytest.mark.parametrize("answer", [TOKEN_USED, CONFLICT])
def test_a_token_of_the_program_that_is_used_in_both_spellings_is_an_error_with_the_services_words(
    exports: ScriptedExports, answer: StartAnswer
) -> None:
    exports.script(TOKEN_USED, answer)
    with pytest.raises(ClientTokenUsedError) as caught:
        create(exports, USERS)
    assert str(caught.value) == (
        f"exporting {ARN}: client_token cannot start another export: the service reports ConflictException: The client "
        "token was used before. Use a new client_token, or omit it to have one derived. [SGE310]"
    )
    assert exports.client.sent == [(REQUEST, TOKEN), (OTHER_SPELLING, TOKEN)]


def test_a_token_of_the_program_is_not_sent_again_after_another_refusal(exports: ScriptedExports) -> None:
    exports.script(DENIED)
    with pytest.raises(ServiceCallError):
        create(exports, USERS)
    assert exports.tokens == [TOKEN]


def test_a_second_export_of_one_job_waits_for_the_first_one_within_its_own_timeout(exports: ScriptedExports) -> None:
    elsewhere = ExportSpec(export_request(prefix="elsewhere"), wait_for_completion=False)

    def start_while_another_one_comes() -> object:
        with pytest.raises(WaitTimeoutError) as caught:
            exports.lifecycle.create(elsewhere, CreatePlan(), exports.context(timeout=100))
        assert str(caught.value) == (
            f"waiting for another export of {ARN}: timed out; increase custom_timeouts. {EXPORT_CONTINUES} [SGE501]"
        )
        assert exports.progress == ["queued: job is busy"]
        assert exports.clock.now() == 100
        return started()

    exports.script(start_while_another_one_comes, started())  # type: ignore[arg-type]
    assert create(exports, STARTED_ONLY).state == IN_PROGRESS
    assert len(exports.client.sent) == 1
    assert create(exports, elsewhere).state.status == "IN_PROGRESS"


def test_exports_of_two_jobs_do_not_wait_for_each_other(exports: ScriptedExports) -> None:
    river = ExportSpec(export_request("river0000000"), wait_for_completion=False)

    def start_while_another_one_comes() -> object:
        assert create(exports, river).state.status == "IN_PROGRESS"
        return started()

    exports.script(start_while_another_one_comes, started())  # type: ignore[arg-type]
    assert create(exports, STARTED_ONLY).state == IN_PROGRESS
    assert (len(exports.client.sent), exports.progress) == (2, [])


def test_a_job_that_is_running_is_waited_for_before_its_export(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, started(), jobs={0: job("IN_PROGRESS"), 60: job("COMPLETED")})
    assert create(exports, STARTED_ONLY).state == IN_PROGRESS
    assert exports.rows == ["job is IN_PROGRESS", "job is COMPLETED", "queued: job is busy"]


def test_a_throttled_start_of_the_other_spelling_is_repeated(exports: ScriptedExports) -> None:
    exports.script(TOKEN_USED, refused(THROTTLED), started("IN_PROGRESS"))
    assert create(exports, USERS).state.status == "IN_PROGRESS"
    assert [request for request, _ in exports.client.sent] == [REQUEST, OTHER_SPELLING, OTHER_SPELLING]
