"""Polling a job: how often, what is shown while polls fail, and how the wait ends."""

from __future__ import annotations

import itertools

import pytest
from pulumi_sagemaker_geospatial._runtime.aws_errors import UNEXPECTED_RESPONSE, UNREACHABLE
from pulumi_sagemaker_geospatial.errors import JobNotFoundError, ServiceCallError, WaitTimeoutError

from tests.support.declarations import export_request
from tests.support.recorded_exports import described_job
from tests.support.scripted_service import ARN, POLL_INTERVAL, ScriptedExports, refused, running

REQUEST = export_request()
IDLE = described_job("SUCCEEDED")
TIMED_OUT = "timed out; increase custom_timeouts."
CONTINUES = "The export may still be running; the next `pulumi up` resumes waiting. [SGE501]"


@pytest.fixture
def exports() -> ScriptedExports:
    return ScriptedExports()


def poll(exports: ScriptedExports, timeout: float = 7200.0, waiting_since: float | None = None) -> object:
    """Poll the job until its export has SUCCEEDED."""
    return exports.retrying.poll_until(
        REQUEST, lambda seen: seen.export_status == "SUCCEEDED", exports.context(timeout), "looking at", waiting_since
    ).export_status


def test_a_job_is_polled_at_the_configured_interval_at_first_and_at_longer_ones_later(exports: ScriptedExports) -> None:
    exports.clock.advance(1000)
    exports.script(jobs={0: running(), 1300: IDLE})
    assert poll(exports) == "SUCCEEDED"
    gaps = [after - before for before, after in itertools.pairwise([1000.0, *exports.client.described_at])]
    assert gaps[:3] == pytest.approx([POLL_INTERVAL] * 3, rel=0.11)
    assert gaps[-1] > 20


def test_a_wait_that_goes_on_keeps_its_polling_interval(exports: ScriptedExports) -> None:
    exports.clock.advance(1000)
    exports.script(jobs={0: IDLE})
    assert poll(exports, waiting_since=0.0) == "SUCCEEDED"
    assert 1030 <= exports.client.described_at[0] <= 1033


def test_a_poll_that_fails_is_repeated_and_its_error_told_at_the_timeout(exports: ScriptedExports) -> None:
    error = refused(UNEXPECTED_RESPONSE)
    exports.script(jobs={0: running(), 50: error})
    with pytest.raises(WaitTimeoutError) as caught:
        poll(exports, timeout=600)
    assert str(caught.value) == f"looking at {ARN}: {TIMED_OUT} Last error: {error} {CONTINUES}"
    assert exports.rows == ["waiting: bad response"]


def test_a_poll_that_failed_is_forgotten_after_one_that_did_not(exports: ScriptedExports) -> None:
    exports.script(jobs={0: refused(UNREACHABLE), 50: running()})
    with pytest.raises(WaitTimeoutError) as caught:
        poll(exports, timeout=600)
    assert str(caught.value) == f"looking at {ARN}: {TIMED_OUT} {CONTINUES}"
    assert exports.rows == ["waiting: no connection"]


def test_a_refusal_of_a_poll_is_raised_as_it_is(exports: ScriptedExports) -> None:
    error = refused("AccessDeniedException")
    exports.script(jobs={0: running(), 50: error})
    with pytest.raises(ServiceCallError) as caught:
        poll(exports, timeout=3600)
    assert caught.value is error


def test_a_job_that_is_deleted_while_it_is_polled_is_an_error_that_says_so(exports: ScriptedExports) -> None:
    gone = refused("ResourceNotFoundException", "no such job", doing=f"getting the status of {ARN}")
    exports.script(jobs={0: running(), 50: gone})
    with pytest.raises(JobNotFoundError) as caught:
        poll(exports)
    assert str(caught.value) == f"looking at {ARN}: the job was deleted. {gone.message} [SGE304]"
    assert caught.value.code == "ResourceNotFoundException"
