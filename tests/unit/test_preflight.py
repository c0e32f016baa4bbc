"""The check of a destination's bucket before an export is started: what is asked, how often, for how long, and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pulumi_sagemaker_geospatial._export.preflight import (
    CHECK_TIMEOUT,
    RECHECK_MISSING_AFTER,
    RECHECK_UNKNOWN_AFTER,
    DestinationChecks,
    is_occupied,
)
from pulumi_sagemaker_geospatial._export.spec import ExportSpec
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3 import Bucket
from pulumi_sagemaker_geospatial.errors import CancelledError, ServiceCallError, WaitTimeoutError

from tests.support.aws_names import BUCKET, REGION, output_config
from tests.support.clocks import FakeClock
from tests.support.declarations import export_request
from tests.support.scripted_s3 import ScriptedS3, no_answer, s3_error

REQUEST = export_request(__sec=[])
SPEC = ExportSpec(REQUEST)
FOLDER = REQUEST.destination
ELSEWHERE = ExportSpec(export_request(output_config={"s3_data": {"s3_uri": "s3://elsewhere/lake/"}}))
UNREACHABLE = EndpointConnectionError(endpoint_url="http://s3")
CHECKING = "checking the destination's bucket"
LISTING = "checking whether the destination can be listed"
LOOKING = "looking for an earlier export at the destination"
DENIED_WARNING = (
    "cannot list the destination of an export (AccessDenied); using the job's status only. Grant s3:ListBucket on it, or "
    "set verify_objects=False [SGE409]"
)


class Checks:
    """The checks of one process, on a script of S3."""

    def __init__(self, *buckets: Any) -> None:
        self.store, self.clock = ScriptedS3(), FakeClock()
        self.store.answers["find_bucket"] = list(buckets)
        self.warnings: list[str] = []
        self.context = OperationContext(clock=self.clock, log_warning_once=self.warnings.append)
        self.checks = DestinationChecks(self.store)

    def check(self, spec: ExportSpec = SPEC) -> bool:
        return self.checks.check(spec, self.context)

    def error(self, spec: ExportSpec = SPEC) -> ServiceCallError:
        with pytest.raises(ServiceCallError) as raised:
            self.check(spec)
        return raised.value


def test_a_bucket_that_was_found_is_looked_up_once() -> None:
    process = Checks(Bucket(REGION))
    for _ in range(3):
        assert process.check() is True
        process.clock.advance(10 * RECHECK_UNKNOWN_AFTER)
    assert process.store.calls == [("find_bucket", FOLDER, CHECKING)]


def test_each_bucket_is_looked_up() -> None:
    process = Checks(Bucket(REGION), None)
    assert process.check() is True
    process.error(ELSEWHERE)
    assert process.check() is True
    assert [call[1].bucket for call in process.store.calls] == [BUCKET, "elsewhere"]


def test_the_check_of_a_bucket_does_not_wait_for_that_of_another_one() -> None:
    process = Checks()
    process.context = replace(process.context, deadline=5.0)

    def find_slowly(ctx: OperationContext) -> Bucket:
        process.store.answers["find_bucket"] = [Bucket(REGION)]
        assert process.check(ELSEWHERE) is True
        return Bucket(REGION)

    process.store.answers["find_bucket"] = [find_slowly]
    assert process.check() is True
    assert [call[1].bucket for call in process.store.calls] == [BUCKET, "elsewhere"]


def test_a_bucket_that_does_not_exist_is_an_error_before_anything_is_started() -> None:
    error = Checks(None).error()
    assert str(error) == (
        f"the bucket s3://{BUCKET} does not exist. No export to it was started: correct output_config.s3_data.s3_uri, or "
        "create the bucket. [SGE404]"
    )
    assert error.code == "NoSuchBucket"


def test_a_bucket_in_another_region_is_an_error_before_anything_is_started() -> None:
    process = Checks(Bucket("eu-central-1"))
    error = process.error()
    assert str(error) == (
        f"the bucket s3://{BUCKET} is in eu-central-1, but the job is in {REGION}. No export to it was started: use a bucket "
        "in the job's region. [SGE405]"
    )
    assert error.code == "WrongRegion"
    process.error()
    assert process.store.count("find_bucket") == 1


@pytest.mark.parametrize("bucket", [None, Bucket("eu-central-1")])
def test_the_errors_do_not_tell_a_secret_bucket(bucket: Bucket | None) -> None:
    secret = export_request(output_config=output_config("lake"), __sec=["output_config"])
    message = str(Checks(bucket).error(ExportSpec(secret)))
    assert message.startswith("the bucket s3://[bucket of output_config.s3_data.s3_uri] ")


@pytest.mark.parametrize(
    ("answer", "verify_objects", "warnings"),
    [
        (True, True, []),
        (s3_error("AccessDenied"), True, [DENIED_WARNING]),
        (s3_error("AccessDenied"), False, []),
        (UNREACHABLE, True, []),
        (no_answer, True, []),
    ],
)
def test_a_caller_who_may_not_list_the_destination_is_warned_before_the_export(
    answer: Any, verify_objects: bool, warnings: list[str]
) -> None:
    process = Checks(Bucket(REGION, is_refused=True))
    process.store.answers["has_objects"] = [answer]
    for _ in range(2):
        assert process.check(replace(SPEC, verify_objects=verify_objects)) is True
    listing = [("has_objects", FOLDER, LISTING)] * verify_objects
    assert process.store.calls == [("find_bucket", FOLDER, CHECKING), *listing]
    assert process.warnings == warnings


def test_a_bucket_that_may_be_read_is_not_listed() -> None:
    process = Checks(Bucket(REGION))
    process.check()
    assert process.store.count("has_objects") == 0


def test_a_bucket_that_is_created_later_in_the_same_run_is_found() -> None:
    process = Checks(None, Bucket(REGION))
    for _ in range(100):
        process.error()
    process.clock.advance(RECHECK_MISSING_AFTER - 0.1)
    process.error()
    assert process.store.count("find_bucket") == 1
    process.clock.advance(0.1)
    assert process.check() is True
    assert process.store.count("find_bucket") == 2


@pytest.mark.parametrize("unknown", [UNREACHABLE, s3_error("AccessDenied"), Bucket("")])
def test_a_bucket_of_which_s3_does_not_tell_is_no_mistake_and_is_looked_up_again_later(unknown: Any) -> None:
    process = Checks(unknown, Bucket("eu-central-1"))
    for seconds in (0.0, RECHECK_MISSING_AFTER, RECHECK_UNKNOWN_AFTER - RECHECK_MISSING_AFTER - 0.1):
        process.clock.advance(seconds)
        assert process.check() is False
    assert process.store.count("find_bucket") == 1
    process.clock.advance(0.1)
    assert process.error().code == "WrongRegion"


def test_a_check_takes_ten_seconds_at_most_and_finds_no_mistake_then() -> None:
    process = Checks(no_answer)
    process.clock.advance(100)
    assert process.check() is False
    assert process.clock.now() == 100 + CHECK_TIMEOUT
    assert process.warnings == []
    assert process.check() is False
    assert process.store.count("find_bucket") == 1


@pytest.mark.parametrize("deadline", [3.0, CHECK_TIMEOUT])
def test_a_check_ends_with_its_operation(deadline: float) -> None:
    process = Checks(no_answer)
    process.context = replace(process.context, deadline=deadline)
    with pytest.raises(WaitTimeoutError, match=r"^calling S3: timed out; increase custom_timeouts\. \[SGE501\]$"):
        process.check()
    assert process.clock.now() == deadline


def test_an_operation_that_has_to_return_looks_nothing_up() -> None:
    process = Checks(Bucket(REGION))
    process.context.cancellation.cancel()
    with pytest.raises(CancelledError, match=f"^{CHECKING}: cancelled"):
        process.check()
    assert process.store.calls == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(True, True), (False, False), (s3_error("AccessDenied"), False), (UNREACHABLE, False), (no_answer, False)],
)
def test_a_destination_is_occupied_where_s3_shows_something_there(answer: Any, expected: bool) -> None:
    store, clock = ScriptedS3(), FakeClock()
    store.answers["has_objects"] = [answer]
    assert is_occupied(store, FOLDER, OperationContext(clock=clock)) is expected
    assert store.calls == [("has_objects", FOLDER, LOOKING)]
    assert store.contexts[0].deadline == CHECK_TIMEOUT
    assert clock.now() == (CHECK_TIMEOUT if answer is no_answer else 0.0)


def test_looking_for_an_earlier_export_ends_with_its_operation() -> None:
    store = ScriptedS3()
    store.answers["has_objects"] = [no_answer]
    with pytest.raises(WaitTimeoutError, match=r"^calling S3: timed out; increase custom_timeouts\. \[SGE501\]$"):
        is_occupied(store, FOLDER, OperationContext(deadline=3.0, clock=FakeClock()))
