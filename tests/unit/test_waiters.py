"""What starting an export waits for and for how long, what the row shows meanwhile, and how the wait ends."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial._runtime.aws_errors import (
    SERVER_FAULT,
    SIGN_IN,
    THROTTLED,
    UNEXPECTED_RESPONSE,
    UNREACHABLE,
)
from pulumi_sagemaker_geospatial.errors import (
    CancelledError,
    JobNotExportableError,
    ServiceCallError,
    WaitTimeoutError,
)

from tests.support.declarations import TOKEN, export_request
from tests.support.recorded_exports import described_job
from tests.support.scripted_service import ARN, ScriptedExports, job, refused, running, started

REQUEST = export_request()
#: The call that describes the job.
DESCRIPTION = ("GetEarthObservationJob", ARN)
IDLE = described_job("SUCCEEDED")
CONFLICT, VALIDATION = refused("ConflictException"), refused("ValidationException", "the job is not ready")
TIMED_OUT = "timed out; increase custom_timeouts."
CONTINUES = "The export may still be running; the next `pulumi up` resumes waiting. [SGE501]"


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def start(exports: ScriptedExports, timeout: float = 7200.0) -> object:
    return exports.retrying.start(REQUEST, TOKEN, exports.context(timeout))


def test_an_export_is_started_with_one_call(exports: ScriptedExports) -> None:
    exports.script(started())
    assert start(exports) == started()
    assert exports.client.sent == [(REQUEST, TOKEN)]
    assert (exports.client.described, exports.progress, exports.infos) == ([], [], [])


@pytest.mark.parametrize(
    ("code", "row", "descriptions"),
    [
        (THROTTLED, "waiting: throttled", 0),
        (SERVER_FAULT, "waiting: service fault", 0),
        ("ServiceQuotaExceededException", "queued: quota", 0),
        (UNREACHABLE, "waiting: no connection", 0),
        ("ConflictException", "queued: job is busy", 2),
    ],
)
def test_what_may_pass_is_tried_again_and_shown_in_the_row(
    exports: ScriptedExports, code: str, row: str, descriptions: int
) -> None:
    exports.script(refused(code), refused(code), started(), jobs={0: IDLE})
    assert start(exports) == started()
    assert exports.client.sent == [(REQUEST, TOKEN)] * 3
    assert exports.progress == [row, row]
    assert exports.client.described == [DESCRIPTION] * descriptions


@pytest.mark.parametrize("code", [THROTTLED, SERVER_FAULT, "ServiceQuotaExceededException", "ConflictException"])
def test_what_may_pass_is_tried_until_the_timeout(exports: ScriptedExports, code: str) -> None:
    error = refused(code)
    exports.script(error, jobs={0: IDLE})
    with pytest.raises(WaitTimeoutError) as caught:
        start(exports, timeout=3600)
    assert str(caught.value) == f"starting the export of {ARN}: {TIMED_OUT} Last error: {error} {CONTINUES}"
    assert exports.clock.now() == 3600


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", "because"),
        ("ResourceNotFoundException", "because"),
        ("ConflictException", "the client token was used"),
        ("ValidationException", "Cross-account pass role is not allowed"),
        (UNEXPECTED_RESPONSE, "because"),
        (SIGN_IN, "because"),
        ("TeapotException", "because"),
    ],
)
def test_a_final_refusal_is_raised_as_it_is_after_one_call(exports: ScriptedExports, code: str, message: str) -> None:
    error = refused(code, message)
    exports.script(error)
    with pytest.raises(ServiceCallError) as caught:
        start(exports)
    assert caught.value is error
    assert exports.client.sent == [(REQUEST, TOKEN)]
    assert (exports.client.described, exports.progress) == ([], [])


def test_a_request_that_is_not_valid_is_final_where_the_job_is_completed(exports: ScriptedExports) -> None:
    exports.script(VALIDATION, jobs={0: IDLE})
    with pytest.raises(ServiceCallError) as caught:
        start(exports)
    assert caught.value is VALIDATION
    assert exports.client.described == [DESCRIPTION]


@pytest.mark.parametrize(("error", "after"), [(CONFLICT, "queued: job is busy"), (VALIDATION, "waiting: service")])
@pytest.mark.parametrize("status", ["INITIALIZING", "IN_PROGRESS"])
def test_a_job_that_is_not_completed_yet_is_waited_for(
    exports: ScriptedExports, error: ServiceCallError, status: str, after: str
) -> None:
    exports.script(error, started(), jobs={0: job(status), 600: job("COMPLETED")})
    assert start(exports) == started()
    assert exports.rows == [f"job is {status}", "job is COMPLETED", after]
    assert set(exports.client.described) == {DESCRIPTION}
    assert 600 <= exports.clock.now() < 640


def test_the_row_shows_at_once_that_the_job_is_waited_for(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, jobs={0: job("IN_PROGRESS")})
    with pytest.raises(WaitTimeoutError) as caught:
        start(exports, timeout=1)
    assert str(caught.value) == f"waiting for the job {ARN}: {TIMED_OUT} {CONTINUES}"
    assert exports.progress == ["job is IN_PROGRESS"]


@pytest.mark.parametrize("statuses", [{0: "FAILED"}, {0: "STOPPING"}, {0: "IN_PROGRESS", 30: "STOPPED"}])
@pytest.mark.parametrize(("error", "why"), [(None, ""), ("CLIENT_ERROR: no images", ": CLIENT_ERROR: no images")])
def test_a_job_that_will_never_be_completed_is_an_error(
    exports: ScriptedExports, statuses: dict[float, str], error: str | None, why: str
) -> None:
    exports.script(CONFLICT, jobs={second: job(status, error) for second, status in statuses.items()})
    with pytest.raises(JobNotExportableError) as caught:
        start(exports)
    assert str(caught.value) == (
        f"exporting {ARN}: the job is {list(statuses.values())[-1]}{why}. Only a COMPLETED job can be exported; run a new "
        "job and use its ARN, or remove this export. [SGE401]"
    )
    assert exports.client.sent == [(REQUEST, TOKEN)]


def test_what_the_program_keeps_secret_is_not_in_the_message_of_a_failed_job(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, jobs={0: job("FAILED", f"no role {REQUEST.execution_role_arn}")})
    with pytest.raises(JobNotExportableError, match=r"the job is FAILED: no role \[execution_role_arn\]\. Only"):
        start(exports)
    exports.script(CONFLICT, jobs={0: job("IN_PROGRESS"), 30: job("FAILED", f"no role {REQUEST.execution_role_arn}")})
    with pytest.raises(JobNotExportableError, match=r"the job is FAILED: no role \[execution_role_arn\]\. Only"):
        start(exports)


def test_another_export_of_the_job_is_waited_for(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, started(), jobs={0: running(), 300: described_job("FAILED")})
    assert start(exports) == started()
    assert exports.client.sent == [(REQUEST, TOKEN)] * 2
    assert exports.rows == ["queued: job is busy"]
    assert 300 <= exports.clock.now() < 340


def test_the_wait_for_another_export_ends_at_the_timeout(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, jobs={0: running()})
    with pytest.raises(WaitTimeoutError) as caught:
        start(exports, timeout=100)
    assert str(caught.value) == f"waiting for another export of {ARN}: {TIMED_OUT} {CONTINUES}"
    assert exports.progress == ["queued: job is busy"]


def test_where_another_export_of_the_job_runs_the_caller_may_know_that_it_is_the_one(exports: ScriptedExports) -> None:
    exports.script(CONFLICT, jobs={0: running()})
    found = exports.retrying.start(REQUEST, TOKEN, exports.context(), lambda: started(seconds=-60))
    assert found == started(seconds=-60)
    assert (len(exports.client.sent), len(exports.client.described), exports.progress) == (1, 1, [])


@pytest.mark.parametrize("job_status", [IDLE, job("COMPLETED"), job("IN_PROGRESS")])
def test_the_caller_is_not_asked_where_no_other_export_runs(exports: ScriptedExports, job_status: object) -> None:
    def ask() -> None:
        raise AssertionError("no export is running")

    exports.script(CONFLICT, started(), jobs={0: job_status, 1: job("COMPLETED")})  # type: ignore[dict-item]
    assert exports.retrying.start(REQUEST, TOKEN, exports.context(), ask) == started()


def test_a_job_that_cannot_be_described_is_described_again(exports: ScriptedExports) -> None:
    throttled = refused(THROTTLED, doing=f"getting the status of {ARN}")
    exports.script(VALIDATION, jobs={0: throttled})
    with pytest.raises(WaitTimeoutError) as caught:
        start(exports, timeout=300)
    assert str(caught.value) == f"starting the export of {ARN}: {TIMED_OUT} Last error: {throttled} {CONTINUES}"
    assert set(exports.progress) == {"waiting: throttled"}
    assert len(exports.client.sent) == 1


def test_a_cancelled_start_says_what_it_was_doing(exports: ScriptedExports) -> None:
    exports.cancellation.cancel()
    with pytest.raises(CancelledError) as caught:
        start(exports)
    assert str(caught.value) == f"starting the export of {ARN}: cancelled. [SGE502]"


def test_a_token_is_asked_with_one_call(exports: ScriptedExports) -> None:
    exports.script(started("FAILED"))
    assert exports.retrying.ask_token(REQUEST, TOKEN, exports.context()) == started("FAILED")
    assert exports.client.sent == [(REQUEST, TOKEN)]


@pytest.mark.parametrize("code", ["ConflictException", "ServiceQuotaExceededException"])
def test_a_token_that_is_asked_has_no_answer_while_another_export_is_in_its_way(
    exports: ScriptedExports, code: str
) -> None:
    exports.script(refused(code))
    assert exports.retrying.ask_token(REQUEST, TOKEN, exports.context()) is None
    assert (len(exports.client.sent), exports.client.described, exports.progress) == (1, [], [])


@pytest.mark.parametrize(
    ("code", "row"),
    [
        (THROTTLED, "waiting: throttled"),
        (SERVER_FAULT, "waiting: service fault"),
        (UNREACHABLE, "waiting: no connection"),
        (UNEXPECTED_RESPONSE, "waiting: bad response"),
    ],
)
def test_a_token_is_asked_again_after_a_fault_until_the_timeout(exports: ScriptedExports, code: str, row: str) -> None:
    exports.script(refused(code), started("SUCCEEDED"))
    assert exports.retrying.ask_token(REQUEST, TOKEN, exports.context()) == started("SUCCEEDED")
    assert (exports.client.sent, exports.progress) == ([(REQUEST, TOKEN)] * 2, [row])
    exports.script(error := refused(code))
    with pytest.raises(WaitTimeoutError) as caught:
        exports.retrying.ask_token(REQUEST, TOKEN, exports.context(timeout=3600))
    assert str(caught.value) == (
        f"asking for the outcome of the export of {ARN}: {TIMED_OUT} Last error: {error} {CONTINUES}"
    )


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_refusal_of_a_token_that_is_asked_is_raised_as_it_is(exports: ScriptedExports, code: str) -> None:
    exports.script(error := refused(code))
    with pytest.raises(ServiceCallError) as caught:
        exports.retrying.ask_token(REQUEST, TOKEN, exports.context())
    assert caught.value is error
    assert len(exports.client.sent) == 1
