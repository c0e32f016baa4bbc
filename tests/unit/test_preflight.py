"""How often the bucket of a destination is looked up."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pulumi_sagemaker_geospatial._export.preflight import (
    RECHECK_MISSING_AFTER,
    RECHECK_UNKNOWN_AFTER,
    DestinationChecks,
)
from pulumi_sagemaker_geospatial._export.spec import ExportSpec
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3 import Bucket
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder
from pulumi_sagemaker_geospatial.errors import ServiceCallError

from tests.support.clocks import FakeClock
from tests.support.declarations import export_request

REQUEST = export_request()
SPEC = ExportSpec(REQUEST)
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")


class FakeStore:
    """Looks buckets up in one answer, and counts how often."""

    def __init__(self, region: str | Exception | None) -> None:
        self.region, self.count, self.listings = region, 0, 0
        self.listing_error: Exception | None = None
        self.is_refused = False

    def find_bucket(self, folder: Folder, ctx: OperationContext, doing: str) -> Bucket | None:
        self.count += 1
        if isinstance(self.region, Exception):
            raise self.region
        return None if self.region is None else Bucket(self.region, self.is_refused)

    def has_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> bool:
        self.listings += 1
        if self.listing_error:
            raise self.listing_error
        return True


def test_a_bucket_that_was_found_is_looked_up_once() -> None:
    store, ctx = FakeStore(REQUEST.region), OperationContext(clock=(clock := FakeClock()))
    checks = DestinationChecks(store)
    for _ in range(3):
        checks.check(SPEC, ctx)
        clock.advance(10 * RECHECK_UNKNOWN_AFTER)
    assert (store.count, store.listings) == (1, 0)


@pytest.mark.parametrize(
    ("error", "verify_objects", "is_warned"),
    [
        (None, True, False),
        (DENIED, True, True),
        (DENIED, False, False),
        (EndpointConnectionError(endpoint_url="http://s3"), True, False),
    ],
)
def test_a_caller_who_may_not_list_the_destination_is_warned_before_the_export(
    error: Exception | None, verify_objects: bool, is_warned: bool
) -> None:
    store = FakeStore(REQUEST.region)
    store.is_refused, store.listing_error = True, error
    warnings: list[str] = []
    ctx = OperationContext(clock=FakeClock(), log_warning_once=warnings.append)
    checks = DestinationChecks(store)
    for _ in range(2):
        checks.check(ExportSpec(REQUEST, verify_objects=verify_objects), ctx)
    assert store.listings == verify_objects
    assert [each.partition(" (")[0] for each in warnings] == ["cannot list the destination of an export"] * is_warned


def test_a_bucket_that_is_created_later_in_the_same_run_is_found() -> None:
    store, ctx = FakeStore(None), OperationContext(clock=(clock := FakeClock()))
    checks = DestinationChecks(store)
    for _ in range(100):
        with pytest.raises(ServiceCallError, match="does not exist"):
            checks.check(SPEC, ctx)
    assert store.count == 1
    store.region = REQUEST.region
    clock.advance(RECHECK_MISSING_AFTER)
    checks.check(SPEC, ctx)
    assert store.count == 2


def test_a_lookup_that_failed_is_made_again_later() -> None:
    store, ctx = (
        FakeStore(EndpointConnectionError(endpoint_url="http://s3")),
        OperationContext(clock=(clock := FakeClock())),
    )
    checks = DestinationChecks(store)
    checks.check(SPEC, ctx)
    clock.advance(RECHECK_MISSING_AFTER)
    checks.check(SPEC, ctx)
    assert store.count == 1
    store.region = "eu-central-1"
    clock.advance(RECHECK_UNKNOWN_AFTER)
    with pytest.raises(ServiceCallError, match="is in eu-central-1"):
        checks.check(SPEC, ctx)
