"""Exports side by side, on threads: those of one job wait for each other, those of two jobs do not."""

from __future__ import annotations

import threading

import moto_sagemaker_geospatial as geospatial
from pulumi_sagemaker_geospatial import CancelledError, WaitTimeoutError
from pulumi_sagemaker_geospatial._export.spec import ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._runtime.clock import MonotonicClock

from tests.support.aws_names import job_arn
from tests.support.emulated_account import JOB, export_request
from tests.support.lifecycle_harness import LifecycleHarness
from tests.support.threads import Background
from tests.support.waiting import wait_until

EXPORT = "ExportEarthObservationJob"
LONG = 1e6  # seconds of the accelerated clock that no test lasts


def create(exports: LifecycleHarness, job: str = JOB, prefix: str = "lake", timeout: float = LONG) -> Background:
    spec = ExportSpec(export_request(job, prefix))
    return Background(lambda: exports.create(spec, timeout=timeout))


def test_two_exports_of_a_job_run_one_after_the_other(threaded_exports: LifecycleHarness) -> None:
    exports = threaded_exports
    exports.control.configure(export_seconds=0.3)
    both = [create(exports), create(exports, prefix="river")]
    results = [each.result() for each in both]
    assert [each.status for each in results if isinstance(each, ExportState)] == ["SUCCEEDED"] * 2
    calls = [call for call in exports.control.calls if call["operation"] == EXPORT]
    first_calls = {call["token"]: call for call in reversed(calls)}.values()
    first, second = sorted(call["time"] for call in first_calls)
    assert second - first >= 0.3
    assert {call["status"] for call in calls} == {200}  # the second one never met the first
    assert "queued: job is busy" in exports.progress


def test_exports_of_two_jobs_run_side_by_side(threaded_exports: LifecycleHarness) -> None:
    exports = threaded_exports
    geospatial.add_job("river0000000")
    exports.control.configure(export_seconds=3600)
    both = [create(exports), create(exports, "river0000000")]
    wait_until(lambda: exports.started() == exports.started("river0000000") == 1, "the other export")
    exports.cancel()
    assert [type(each.result()) for each in both] == [CancelledError] * 2


def test_an_export_that_waits_for_another_one_keeps_its_own_timeout(threaded_exports: LifecycleHarness) -> None:
    exports = threaded_exports
    exports.control.configure(export_seconds=3600)
    first = create(exports)
    wait_until(lambda: exports.started() == 1, "the other export")
    second = create(exports, prefix="river", timeout=100).result()
    assert isinstance(second, WaitTimeoutError)
    assert str(second).startswith(f"waiting for another export of {job_arn(JOB)}: timed out")
    exports.cancel()
    assert isinstance(first.result(), CancelledError)
    assert exports.started() == 1


def test_a_cancellation_wakes_an_export_that_waits_for_another_one(threaded_exports: LifecycleHarness) -> None:
    exports = threaded_exports
    exports.control.configure(export_seconds=3600)
    both = [create(exports), create(exports, prefix="river")]
    wait_until(lambda: "queued: job is busy" in exports.progress, "the other export")
    exports.cancel()
    assert [type(each.result()) for each in both] == [CancelledError] * 2


def test_the_machines_clock_ends_a_wait_when_its_event_is_set() -> None:
    event, clock = threading.Event(), MonotonicClock()
    assert not clock.wait(event, 0.01)
    event.set()
    assert clock.wait(event, 60)
