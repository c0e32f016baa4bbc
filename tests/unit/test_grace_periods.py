"""For how long a refused role, an address that never answered and an answer of something else are tried again."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial._geospatial.error_rules import IAM_PROPAGATION_TIMEOUT
from pulumi_sagemaker_geospatial._geospatial.kinds import VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription
from pulumi_sagemaker_geospatial._runtime.aws_errors import (
    SERVER_FAULT,
    THROTTLED,
    UNEXPECTED_RESPONSE,
    UNREACHABLE,
    UNREACHABLE_TIMEOUT,
)
from pulumi_sagemaker_geospatial.errors import CancelledError, ServiceCallError, WaitTimeoutError

from tests.support.aws_names import ACCOUNT, job_arn
from tests.support.declarations import TOKEN, export_request
from tests.support.recorded_exports import described_job
from tests.support.scripted_service import ARN, ScriptedExports, refused, started

REQUEST = export_request()
OTHER_ROLE = export_request(execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/another")
IDLE = described_job("SUCCEEDED")
ROLE_REFUSED = refused("AccessDeniedException", "cannot assume the role")
NO_ANSWER = refused(UNREACHABLE)


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def start(exports: ScriptedExports, request: object = REQUEST) -> object:
    return exports.retrying.start(request, TOKEN, exports.context())  # type: ignore[arg-type]


def test_a_role_that_iam_may_not_have_propagated_is_tried_again_and_explained(exports: ScriptedExports) -> None:
    exports.script(ROLE_REFUSED, exports.ending_at(IAM_PROPAGATION_TIMEOUT - 0.1, ROLE_REFUSED), started())
    assert start(exports) == started()
    assert exports.progress == ["waiting: role not usable"] * 2
    assert set(exports.infos) == {
        "execution_role_arn is refused: cannot assume the role. Trying again for 120 s, as IAM takes that long to "
        "propagate a new role [SGE302]"
    }


def test_a_role_that_is_refused_for_two_minutes_is_an_error(exports: ScriptedExports) -> None:
    exports.script(ROLE_REFUSED, exports.ending_at(IAM_PROPAGATION_TIMEOUT, ROLE_REFUSED), started())
    with pytest.raises(ServiceCallError) as caught:
        start(exports)
    assert caught.value is ROLE_REFUSED
    assert (len(exports.client.sent), exports.client.described) == (2, [])


def test_a_role_that_the_service_calls_not_valid_is_tried_again_where_the_job_is_completed(
    exports: ScriptedExports,
) -> None:
    error = refused("ValidationException", "cannot assume the role")
    exports.script(error, started(), jobs={0: IDLE})
    assert start(exports) == started()
    assert exports.progress == ["waiting: role not usable"]


def refuse_role_until(exports: ScriptedExports, second: float) -> None:
    """Let the export of another job be refused for its role at second 0, and cancelled at this one."""
    exports.script(ROLE_REFUSED, exports.ending_at(second, CancelledError("by the operator")))
    with pytest.raises(CancelledError):
        start(exports)


@pytest.mark.parametrize(
    ("second", "is_final"), [(IAM_PROPAGATION_TIMEOUT - 0.1, False), (IAM_PROPAGATION_TIMEOUT, True)]
)
def test_exports_with_one_role_wait_for_it_together(exports: ScriptedExports, second: float, is_final: bool) -> None:
    refuse_role_until(exports, 100)
    exports.script(exports.ending_at(second, ROLE_REFUSED), started())
    if is_final:
        with pytest.raises(ServiceCallError) as caught:
            start(exports)
        assert caught.value is ROLE_REFUSED
    else:
        assert start(exports) == started()


def test_an_export_with_another_role_has_two_minutes_of_its_own(exports: ScriptedExports) -> None:
    refuse_role_until(exports, 100)
    exports.script(exports.ending_at(130, ROLE_REFUSED), exports.ending_at(219, ROLE_REFUSED), started())
    assert start(exports, OTHER_ROLE) == started()


def test_a_role_that_was_accepted_once_has_two_minutes_again(exports: ScriptedExports) -> None:
    exports.script(ROLE_REFUSED, started())
    start(exports)
    exports.clock.advance_to(150)
    exports.script(ROLE_REFUSED, started())
    assert start(exports) == started()


def read(exports: ScriptedExports, timeout: float = 7200.0) -> JobDescription:
    return exports.retrying.describe(REQUEST, exports.context(timeout), "looking at")


@pytest.mark.parametrize("error", [NO_ANSWER, refused(UNEXPECTED_RESPONSE)])
def test_a_read_that_no_aws_answers_is_tried_for_a_minute(exports: ScriptedExports, error: ServiceCallError) -> None:
    exports.script(jobs={0: error, UNREACHABLE_TIMEOUT - 0.1: IDLE})
    assert read(exports).export_status == "SUCCEEDED"
    exports = ScriptedExports()
    exports.script(jobs={0: error})
    with pytest.raises(ServiceCallError) as caught:
        read(exports)
    assert caught.value is error
    assert UNREACHABLE_TIMEOUT <= exports.clock.now() < UNREACHABLE_TIMEOUT + 31


def test_a_start_that_nothing_answers_is_tried_for_a_minute(exports: ScriptedExports) -> None:
    exports.script(NO_ANSWER, exports.ending_at(UNREACHABLE_TIMEOUT - 0.1, NO_ANSWER), started())
    assert start(exports) == started()
    exports = ScriptedExports()
    exports.script(NO_ANSWER, exports.ending_at(UNREACHABLE_TIMEOUT, NO_ANSWER), started())
    with pytest.raises(ServiceCallError) as caught:
        start(exports)
    assert caught.value is NO_ANSWER


def test_a_call_that_takes_a_minute_to_fail_is_not_repeated(exports: ScriptedExports) -> None:
    exports.script(exports.ending_at(UNREACHABLE_TIMEOUT, NO_ANSWER), started())
    with pytest.raises(ServiceCallError):
        start(exports)
    assert len(exports.client.sent) == 1


def test_a_read_that_takes_a_minute_to_fail_is_not_repeated(exports: ScriptedExports) -> None:
    calls = list[str]()

    def call(*arguments: object) -> str:
        calls.append("call")
        exports.clock.advance(UNREACHABLE_TIMEOUT)
        raise NO_ANSWER

    with pytest.raises(ServiceCallError):
        exports.retrying.read_with_retries(call, REQUEST.kind, ARN, exports.context(), "listing")
    assert calls == ["call"]


def test_each_kind_of_failure_has_a_grace_period_of_its_own(exports: ScriptedExports) -> None:
    exports.script(ROLE_REFUSED, exports.ending_at(UNREACHABLE_TIMEOUT, ROLE_REFUSED), NO_ANSWER, started())
    assert start(exports) == started()


@pytest.mark.parametrize("code", [UNREACHABLE, THROTTLED, SERVER_FAULT])
def test_a_service_that_has_answered_in_this_process_is_waited_for_until_the_timeout(
    exports: ScriptedExports, code: str
) -> None:
    exports.client.has_answered = True
    exports.script(error := refused(code), jobs={0: error})
    with pytest.raises(WaitTimeoutError) as caught:
        start(exports)
    assert f"starting the export of {ARN}: timed out; increase custom_timeouts. Last error: {error} " in str(
        caught.value
    )
    with pytest.raises(WaitTimeoutError) as caught:
        read(exports)
    assert f"looking at {ARN}: timed out; increase custom_timeouts. Last error: {error} " in str(caught.value)


def test_that_the_service_has_answered_makes_no_other_refusal_pass(exports: ScriptedExports) -> None:
    exports.client.has_answered = True
    error = refused("AccessDeniedException")
    exports.script(error, started(), jobs={0: error, 1: IDLE})
    with pytest.raises(ServiceCallError):
        start(exports)
    with pytest.raises(ServiceCallError):
        read(exports)


@pytest.mark.parametrize(
    ("code", "row"),
    [
        (THROTTLED, "waiting: throttled"),
        (SERVER_FAULT, "waiting: service fault"),
        (UNREACHABLE, "waiting: no connection"),
        (UNEXPECTED_RESPONSE, "waiting: bad response"),
    ],
)
def test_a_read_that_fails_is_repeated_and_shown_in_the_row(exports: ScriptedExports, code: str, row: str) -> None:
    exports.script(jobs={0: refused(code), 1: IDLE})
    assert read(exports).export_status == "SUCCEEDED"
    assert exports.rows == [row]


@pytest.mark.parametrize("code", ["ConflictException", "ServiceQuotaExceededException", "AccessDeniedException"])
def test_a_refusal_of_a_read_is_raised_as_it_is(exports: ScriptedExports, code: str) -> None:
    exports.script(jobs={0: (error := refused(code)), 1: IDLE})
    with pytest.raises(ServiceCallError) as caught:
        read(exports)
    assert caught.value is error
    assert len(exports.client.described) == 1


def test_a_read_asks_for_the_job_of_the_export_and_hides_what_is_secret(exports: ScriptedExports) -> None:
    said = JobDescription("FAILED", f"no role {REQUEST.execution_role_arn}", None, None)
    exports.script(jobs={0: said})
    assert read(exports).error == "no role [execution_role_arn]"
    details = exports.retrying.get_job(REQUEST, exports.context(), "describing")
    assert details == {"Arn": ARN, "Status": "FAILED", "ErrorDetails": "no role [execution_role_arn]"}
    assert exports.client.described == [("GetEarthObservationJob", ARN)] * 2


def test_a_job_that_no_export_is_declared_for_is_described_by_its_kind_and_arn(exports: ScriptedExports) -> None:
    arn = job_arn("river0000000", VECTOR_ENRICHMENT.arn_type)
    said = JobDescription("FAILED", f"no role {REQUEST.execution_role_arn}", None, None)
    exports.script(jobs={0: said})
    found = exports.retrying.describe_unmanaged(VECTOR_ENRICHMENT, arn, exports.context())
    assert (found.status, found.error) == ("FAILED", said.error)
    assert exports.client.described == [("GetVectorEnrichmentJob", arn)]


def test_a_read_whose_time_is_over_says_what_it_was_doing(exports: ScriptedExports) -> None:
    end = "timed out; increase custom_timeouts. The export may still be running; the next `pulumi up` resumes waiting."
    with pytest.raises(WaitTimeoutError) as caught:
        exports.retrying.describe_unmanaged(REQUEST.kind, ARN, exports.context(timeout=0))
    assert str(caught.value) == f"getting the status of {ARN}: {end} [SGE501]"
    with pytest.raises(WaitTimeoutError) as caught:
        exports.retrying.get_job(REQUEST, exports.context(timeout=0), "describing")
    assert str(caught.value) == f"describing {ARN}: {end} [SGE501]"
