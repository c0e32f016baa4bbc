"""Listing what lies at a destination, and what the warning says about one that cannot be listed."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from pulumi_sagemaker_geospatial._export.listing import try_list_destination, try_list_folder
from pulumi_sagemaker_geospatial._runtime.aws_errors import StsUnreachableError
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder, S3Object
from pulumi_sagemaker_geospatial.error_ids import ErrorId
from pulumi_sagemaker_geospatial.errors import ServiceCallError, WaitTimeoutError

from tests.support.clocks import FakeClock
from tests.support.declarations import export_request
from tests.support.recorded_exports import written_objects
from tests.support.scripted_service import ARN, ScriptedStore

SETTINGS = "aws:endpoints (s3) and AWS_ENDPOINT_URL_S3"
PERMISSION = "Grant s3:ListBucket on it, or set verify_objects=False"
NO_ANSWER = f"S3 does not answer: check the network, {SETTINGS}"
UNREACHABLE = EndpointConnectionError(endpoint_url="http://localhost:9")


class FailingStore:
    """Answers each listing with an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def list_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        raise self.error


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ListObjectsV2")


@pytest.mark.parametrize(
    ("error", "reason", "remedy"),
    [
        (refusal("AccessDenied"), "AccessDenied", PERMISSION),
        (UNREACHABLE, "Unreachable", NO_ANSWER),
        (ReadTimeoutError(endpoint_url="http://localhost:9"), "Unreachable", NO_ANSWER),
        (
            ResponseParserError("not XML"),
            "UnexpectedResponse",
            f"What answers is not S3: check {SETTINGS}, and any proxy between this machine and AWS",
        ),
        (refusal("SlowDown"), "SlowDown", "S3 throttles the calls: run `pulumi refresh` later"),
        (refusal("InternalError"), "InternalError", "S3 has a fault: run `pulumi refresh` later"),
        (
            refusal("PermanentRedirect"),
            "PermanentRedirect",
            "Check the bucket and the stack's aws: config, or set verify_objects=False",
        ),
        (
            StsUnreachableError(error=UNREACHABLE),
            "Unreachable",
            "The credentials cannot be had: check the network, aws:endpoints (sts) and AWS_ENDPOINT_URL_STS",
        ),
        (
            ServiceCallError("signing in to AWS failed: x. Check y.", "SignIn", error_id=ErrorId.SIGN_IN),
            "SignIn",
            "signing in to AWS failed: x. Check y",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_the_warning_says_what_to_do_about_its_reason(error: Exception, reason: str, remedy: str) -> None:
    warnings: list[str] = []
    ctx = OperationContext(clock=FakeClock(), log_warning_once=warnings.append)
    assert try_list_destination(FailingStore(error), export_request(), ctx) is None
    begin = f"cannot list the destination of an export ({reason}); using the job's status only."
    assert warnings == [f"{begin} {remedy} [SGE409]"]


def test_expired_credentials_are_told_as_such() -> None:
    warnings: list[str] = []
    ctx = OperationContext(clock=FakeClock(), log_warning_once=warnings.append)
    try_list_destination(FailingStore(refusal("ExpiredToken")), export_request(), ctx)
    assert "Check the credentials" in warnings[0]
    assert "ListBucket" not in warnings[0]


def test_everything_at_the_destination_is_listed_or_in_a_folder_of_it() -> None:
    store, request = ScriptedStore(FakeClock(), written_objects(3, last=0)), export_request()
    ctx = OperationContext(clock=store.clock)
    folder = Folder(request.bucket, f"{request.folder}output/", request.region)
    assert try_list_destination(store, request, ctx) == store.objects
    assert try_list_folder(store, request, folder, ctx) == store.objects
    assert store.listed == [request.destination, folder]


def test_nothing_lies_in_a_bucket_that_does_not_exist() -> None:
    warnings: list[str] = []
    ctx = OperationContext(clock=FakeClock(), log_warning_once=warnings.append)
    assert try_list_destination(FailingStore(refusal("NoSuchBucket")), export_request(), ctx) == []
    assert warnings == []


def test_a_listing_whose_time_is_over_says_what_it_was_doing() -> None:
    store = ScriptedStore(FakeClock())
    with pytest.raises(WaitTimeoutError) as caught:
        try_list_destination(store, export_request(), OperationContext(clock=store.clock, deadline=0))
    doing = f"listing the objects of the export of {ARN}"
    assert str(caught.value) == f"{doing}: timed out; increase custom_timeouts. [SGE501]"


@pytest.mark.parametrize(("code", "calls"), [("SlowDown", 5), ("InternalError", 5), ("AccessDenied", 1)])
def test_a_listing_is_repeated_after_a_fault_that_may_pass(code: str, calls: int) -> None:
    store = ScriptedStore(FakeClock(), listing_error=refusal(code))
    assert try_list_destination(store, export_request(), OperationContext(clock=store.clock)) is None
    assert len(store.listed) == calls
