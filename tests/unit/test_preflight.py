"""How often the bucket of a destination is looked up."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError
from pulumi_sagemaker_geospatial._export.preflight import (
    RECHECK_MISSING_AFTER,
    RECHECK_UNKNOWN_AFTER,
    DestinationChecks,
)
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder
from pulumi_sagemaker_geospatial.errors import ServiceCallError

from tests.support.clocks import FakeClock
from tests.support.declarations import export_request

REQUEST = export_request()


class FakeStore:
    """Looks buckets up in one answer, and counts how often."""

    def __init__(self, region: str | Exception | None) -> None:
        self.region, self.count = region, 0

    def find_bucket_region(self, folder: Folder, ctx: OperationContext, doing: str) -> str | None:
        self.count += 1
        if isinstance(self.region, Exception):
            raise self.region
        return self.region


def test_a_bucket_that_was_found_is_looked_up_once() -> None:
    store, ctx = FakeStore(REQUEST.region), OperationContext(clock=(clock := FakeClock()))
    checks = DestinationChecks(store)
    for _ in range(3):
        checks.check(REQUEST, ctx)
        clock.advance(10 * RECHECK_UNKNOWN_AFTER)
    assert store.count == 1


def test_a_bucket_that_is_created_later_in_the_same_run_is_found() -> None:
    store, ctx = FakeStore(None), OperationContext(clock=(clock := FakeClock()))
    checks = DestinationChecks(store)
    for _ in range(100):
        with pytest.raises(ServiceCallError, match="does not exist"):
            checks.check(REQUEST, ctx)
    assert store.count == 1
    store.region = REQUEST.region
    clock.advance(RECHECK_MISSING_AFTER)
    checks.check(REQUEST, ctx)
    assert store.count == 2


def test_a_lookup_that_failed_is_made_again_later() -> None:
    store, ctx = (
        FakeStore(EndpointConnectionError(endpoint_url="http://s3")),
        OperationContext(clock=(clock := FakeClock())),
    )
    checks = DestinationChecks(store)
    checks.check(REQUEST, ctx)
    clock.advance(RECHECK_MISSING_AFTER)
    checks.check(REQUEST, ctx)
    assert store.count == 1
    store.region = "eu-central-1"
    clock.advance(RECHECK_UNKNOWN_AFTER)
    with pytest.raises(ServiceCallError, match="is in eu-central-1"):
        checks.check(REQUEST, ctx)
