"""What is raised where the wait for an export ends without its success: the reason, and whether the export goes on."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._geospatial.responses import JobDescription
from pulumi_sagemaker_geospatial._runtime.aws_errors import SIGN_IN, THROTTLED
from pulumi_sagemaker_geospatial.errors import (
    EXPORT_CONTINUES,
    CancelledError,
    ExportError,
    ExportFailedError,
    JobNotFoundError,
    ResponseMismatchError,
    ServiceCallError,
    UnknownStatusError,
    WaitTimeoutError,
)

from tests.support.declarations import export_request
from tests.support.recorded_exports import described_job
from tests.support.scripted_service import ANSWERED_ARN, ScriptedExports, refused, running, started

REQUEST = export_request()
SUCCEEDED = described_job("SUCCEEDED")
FAILED = described_job("FAILED", {"export_results": {"type": "CLIENT_ERROR", "message": "no disk."}})


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def create(exports: ScriptedExports) -> object:
    return exports.lifecycle.create(ExportSpec(REQUEST), CreatePlan(), exports.context())


@pytest.mark.parametrize(
    ("jobs", "reason"),
    [
        ({0.0: FAILED}, "export_results: CLIENT_ERROR: no disk. Fix the cause"),
        ({0.0: described_job("FAILED")}, "the service gave no details. Fix the cause"),
        ({0.0: SUCCEEDED}, "the service gave no details. Fix the cause"),
        ({0.0: SUCCEEDED, 20.0: refused("AccessDeniedException")}, "the service gave no details. Fix the cause"),
    ],
)
def test_a_failure_that_the_token_tells_has_the_reason_that_the_job_tells(
    exports: ScriptedExports, jobs: dict[float, JobDescription | Exception], reason: str
) -> None:
    exports.script(started(), exports.ending_at(20, started("FAILED")), jobs=jobs)
    with pytest.raises(ExportFailedError) as caught:
        create(exports)
    assert str(caught.value) == (
        f"exporting {ANSWERED_ARN}: the export FAILED: {reason} and rerun `pulumi up`. [SGE402]"
    )
    assert set(exports.client.described) == {("GetEarthObservationJob", ANSWERED_ARN)}


def test_a_failure_whose_reason_cannot_be_had_in_time_is_a_failure_still(exports: ScriptedExports) -> None:
    throttled = refused(THROTTLED)
    exports.script(started(), exports.ending_at(20, started("FAILED")), jobs={0: SUCCEEDED, 20: throttled})
    with pytest.raises(ExportFailedError, match=r"the export FAILED: the service gave no details\. Fix the cause"):
        create(exports)
    assert exports.rows == ["running", "waiting: throttled"]


def test_a_failure_for_a_permission_says_which_one_the_role_lacks(exports: ScriptedExports) -> None:
    denied = {"export_results": {"type": "CLIENT_ERROR", "message": "not authorized to perform s3:PutObject"}}
    exports.script(started(), started("FAILED"), jobs={0: described_job("FAILED", denied)})
    with pytest.raises(ExportFailedError) as caught:
        create(exports)
    assert str(caught.value) == (
        f"exporting {ANSWERED_ARN}: the export FAILED: export_results: CLIENT_ERROR: not authorized to perform "
        "s3:PutObject. Allow execution_role_arn s3:PutObject, as in the policies that "
        "`python -m pulumi_sagemaker_geospatial policies` prints (a bucket or a key of another account has to allow it "
        "too) and rerun `pulumi up`. [SGE402]"
    )


def test_a_refused_question_is_raised_as_it_is_with_a_note_that_the_export_goes_on(exports: ScriptedExports) -> None:
    error = refused("AccessDeniedException")
    exports.script(started(), error, jobs={0: SUCCEEDED})
    with pytest.raises(ServiceCallError) as caught:
        create(exports)
    assert str(caught.value) == f"{error.message} {EXPORT_CONTINUES} [SGE301]"


@pytest.mark.parametrize("error", [refused("AccessDeniedException"), refused(SIGN_IN)])
def test_a_poll_that_is_refused_ends_the_wait_and_not_the_export(
    exports: ScriptedExports, error: ServiceCallError
) -> None:
    exports.script(started(), jobs={0: running(), 50: error})
    with pytest.raises(ServiceCallError) as caught:
        create(exports)
    assert str(caught.value) == f"{error.message} {EXPORT_CONTINUES} [{error.error_id.value}]"


@pytest.mark.parametrize("error", [UnknownStatusError("it is PAUSED."), ResponseMismatchError("another one answers.")])
def test_an_answer_that_is_not_understood_ends_the_wait_and_not_the_export(
    exports: ScriptedExports, error: ExportError
) -> None:
    exports.script(started(), jobs={0: running(), 50: error})
    with pytest.raises(type(error)) as caught:
        create(exports)
    assert str(caught.value) == f"{error.message} {EXPORT_CONTINUES} [{error.error_id.value}]"


def test_a_job_that_is_deleted_during_its_export_is_an_error_without_a_note(exports: ScriptedExports) -> None:
    gone = refused("ResourceNotFoundException")
    exports.script(started(), jobs={0: running(), 50: gone})
    with pytest.raises(JobNotFoundError) as caught:
        create(exports)
    assert str(caught.value) == (
        f"waiting for the export of {ANSWERED_ARN}: the job was deleted. {gone.message} [SGE304]"
    )


def test_a_wait_that_is_over_says_what_it_was_for(exports: ScriptedExports) -> None:
    exports.script(started(), jobs={0: running()})
    with pytest.raises(WaitTimeoutError) as caught:
        create(exports)
    doing = f"waiting for the export of {ANSWERED_ARN}"
    assert str(caught.value) == f"{doing}: timed out; increase custom_timeouts. {EXPORT_CONTINUES} [SGE501]"
    exports.clock.advance(1)
    exports.script(lambda: exports.cancellation.cancel() or started(), jobs={0: running()})  # type: ignore[func-returns-value]
    with pytest.raises(CancelledError) as cancelled:
        create(exports)
    assert str(cancelled.value) == f"{doing}: cancelled. [SGE502]"
    assert exports.client.described == []
