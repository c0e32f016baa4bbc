"""The S3 client: what it reads from listings, what it sends to delete, and the folders that it compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._runtime.aws_session import AwsSession
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3 import S3Client
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder, S3Object, parse_object
from pulumi_sagemaker_geospatial.errors import CancelledError

from tests.support.aws_names import BUCKET, REGION
from tests.support.calls import InlineCallRunner
from tests.support.recorded_exports import START, written_objects

FOLDER = Folder(BUCKET, "lake/lake00000000/", REGION)
CONTEXT = OperationContext()


class FakeS3:
    """A boto3 client of S3 with prepared pages, which does not delete the keys in ``refused``."""

    def __init__(self, pages: Iterable[dict[str, Any]] = (), refused: Iterable[str] = ()) -> None:
        self.pages, self.refused = list(pages), set(refused)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def get_paginator(self, operation: str) -> FakeS3:
        self.calls.append((operation, {}))
        return self

    def paginate(self, **parameters: Any) -> list[dict[str, Any]]:
        self.calls[-1] = (self.calls[-1][0], parameters)
        return self.pages

    def delete_objects(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append(("delete_objects", parameters))
        keys = [each["Key"] for each in parameters["Delete"]["Objects"]]
        errors = [{"Key": key, "Code": "AccessDenied", "Message": "no"} for key in keys if key in self.refused]
        return {"Errors": errors}


class FakeSession:
    """A session with one client, which keeps what was asked for."""

    def __init__(self, s3: FakeS3) -> None:
        self.s3, self.asked = s3, list[tuple[str, str]]()

    def client(self, service: str, region: str, ctx: OperationContext) -> FakeS3:
        self.asked.append((service, region))
        return self.s3


def client_of(s3: FakeS3) -> S3Client:
    return S3Client(cast(AwsSession, FakeSession(s3)), InlineCallRunner())


def entry(key: str, **more: Any) -> dict[str, Any]:
    return {"Key": key, "Size": 7, "ETag": '"abc"', "LastModified": START, **more}


def listing_of(pages: list[dict[str, Any]]) -> list[S3Object]:
    return client_of(FakeS3(pages)).list_objects(FOLDER, CONTEXT, "listing")


def test_an_entry_of_a_listing_is_read_relative_to_its_folder_in_whole_utc_seconds() -> None:
    local = datetime(2024, 7, 1, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    found = parse_object(entry("lake/a/b.tif", LastModified=local, VersionId="v1"), "lake/a/")
    assert found == S3Object("b.tif", 7, "abc", START, "v1")
    assert found.modified.tzinfo is timezone.utc


@pytest.mark.parametrize("missing", ["Key", "Size", "ETag", "LastModified"])
def test_an_entry_without_a_field_raises_key_error(missing: str) -> None:
    damaged = {name: value for name, value in entry("a").items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        parse_object(damaged, "")


def test_a_listing_is_read_over_all_of_its_pages() -> None:
    pages: list[dict[str, Any]] = [
        {"Contents": [entry(f"{FOLDER.prefix}a")]},
        {},
        {"Contents": [entry(f"{FOLDER.prefix}b")]},
    ]
    assert [each.name for each in listing_of(pages)] == ["a", "b"]


def test_a_listing_asks_for_the_folder_in_its_region() -> None:
    s3 = FakeS3()
    session = FakeSession(s3)
    S3Client(cast(AwsSession, session), InlineCallRunner()).list_objects(FOLDER, CONTEXT, "listing")
    assert session.asked == [("s3", REGION)]
    assert s3.calls == [("list_objects_v2", {"Bucket": BUCKET, "Prefix": FOLDER.prefix})]


def test_only_current_versions_are_listed_for_deletion() -> None:
    versions = [
        entry(f"{FOLDER.prefix}a", VersionId="new", IsLatest=True),
        entry(f"{FOLDER.prefix}a", VersionId="old", IsLatest=False),
    ]
    s3 = FakeS3([{"Versions": versions, "DeleteMarkers": [entry("x")]}, {"DeleteMarkers": []}])
    found = client_of(s3).list_current_versions(FOLDER, CONTEXT, "listing")
    assert [(each.name, each.version) for each in found] == [("a", "new")]


def test_a_cancelled_operation_makes_no_call() -> None:
    s3, ctx = FakeS3(), OperationContext()
    ctx.cancellation.cancel()
    with pytest.raises(CancelledError):
        client_of(s3).list_objects(FOLDER, ctx, "listing")
    assert s3.calls == []


@pytest.mark.parametrize(
    ("count", "batches"), [(0, []), (1, [1]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000, 1000, 500])]
)
def test_a_call_deletes_at_most_a_thousand_objects(count: int, batches: list[int]) -> None:
    s3 = FakeS3()
    objects = written_objects(count)
    assert client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting") == []
    assert [len(call["Delete"]["Objects"]) for _, call in s3.calls] == batches
    deleted = [key["Key"] for _, call in s3.calls for key in call["Delete"]["Objects"]]
    assert deleted == [FOLDER.prefix + each.name for each in objects]


def test_objects_that_s3_does_not_delete_are_returned_by_their_name_in_the_folder() -> None:
    objects = written_objects(3)
    s3 = FakeS3(refused={FOLDER.prefix + objects[1].name})
    assert client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting") == [
        (objects[1].name, "AccessDenied: no")
    ]


@pytest.mark.parametrize("version", ["v1", "null"])
def test_an_object_is_deleted_by_its_version(version: str) -> None:
    s3 = FakeS3()
    objects = [S3Object("a", 1, "e", START, version)]
    client_of(s3).delete_versions(Folder(BUCKET, "", REGION), objects, CONTEXT, "deleting")
    [(_, call)] = s3.calls
    assert call["Delete"] == {"Objects": [{"Key": "a", "VersionId": version}], "Quiet": True}


prefixes = st.lists(st.sampled_from(["a", "b", "ab"]), max_size=3).map(
    lambda parts: "".join(f"{part}/" for part in parts)
)


@given(prefixes, prefixes)
def test_folders_overlap_where_one_lies_in_the_other(one: str, other: str) -> None:
    parts: Callable[[str], list[str]] = lambda prefix: prefix.split("/")[:-1]  # noqa: E731
    shorter, longer = sorted([parts(one), parts(other)], key=len)
    expected = longer[: len(shorter)] == shorter
    assert Folder("x", one, REGION).overlaps(Folder("x", other, REGION)) == expected
    assert not Folder("x", one, REGION).overlaps(Folder("y", other, REGION))
