"""The S3 client: what it reads from listings, what it sends to delete, and the folders that it compares."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._runtime.aws_session import AwsSession
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3 import Deletion, S3Client
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder, S3Object, parse_object
from pulumi_sagemaker_geospatial.errors import CancelledError

from tests.support.aws_names import BUCKET, REGION
from tests.support.calls import InlineCallRunner
from tests.support.recorded_exports import START, written_objects

FOLDER = Folder(BUCKET, "lake/lake00000000/", REGION)
CONTEXT = OperationContext()


class FakeS3:
    """A boto3 client of S3 with prepared pages, which does not delete the keys in ``refused``."""

    def __init__(self, pages: Iterable[dict[str, Any]] = (), refused: Iterable[str] = (), may_get: bool = True) -> None:
        self.pages, self.refused, self.may_get = list(pages), set(refused), may_get
        self.changed_etags: set[str] = set()
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def list_objects_v2(self, **parameters: Any) -> dict[str, Any]:
        return self.page("list_objects_v2", parameters, "ContinuationToken", "NextContinuationToken")

    def list_object_versions(self, **parameters: Any) -> dict[str, Any]:
        return self.page("list_object_versions", parameters, "KeyMarker", "NextKeyMarker")

    def page(self, operation: str, parameters: dict[str, Any], marker: str, next_marker: str) -> dict[str, Any]:
        self.calls.append((operation, parameters))
        index = int(parameters.get(marker, 0))
        last = index >= len(self.pages) - 1
        page = self.pages[index] if self.pages else {}
        following = {"IsTruncated": not last, **({} if last else {next_marker: f"{index + 1}"})}
        return {"Name": BUCKET, **following, **page}

    def delete_objects(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append(("delete_objects", parameters))
        entries = parameters["Delete"]["Objects"]
        code = {each["Key"]: "PreconditionFailed" for each in entries if each.get("ETag") in self.changed_etags}
        code |= {each["Key"]: "AccessDenied" for each in entries if each["Key"] in self.refused}
        code |= {each["Key"]: "AccessDenied" for each in entries if "ETag" in each and not self.may_get}
        errors = [{"Key": key, "Code": code, "Message": "no"} for key, code in code.items()]
        return {"Deleted": [{"Key": each["Key"]} for each in entries if each["Key"] not in code], "Errors": errors}


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


def versions_of(objects: list[S3Object], folder: Folder = FOLDER) -> list[dict[str, Any]]:
    """Pages of a listing of versions with these objects, a thousand on each."""
    entries = [
        {
            "Key": folder.prefix + each.name,
            "Size": each.size,
            "ETag": f'"{each.etag}"',
            "LastModified": each.modified,
            "VersionId": each.version,
            "IsLatest": True,
        }
        for each in objects
    ]
    return [{"Versions": entries[first : first + 1000]} for first in range(0, len(entries), 1000)]


def deleted_by(s3: FakeS3) -> list[list[dict[str, Any]]]:
    return [call["Delete"]["Objects"] for operation, call in s3.calls if operation == "delete_objects"]


@pytest.mark.parametrize(
    ("count", "batches"), [(0, []), (1, [1]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000, 1000, 500])]
)
def test_a_call_deletes_at_most_a_thousand_objects(count: int, batches: list[int]) -> None:
    objects = written_objects(count)
    s3 = FakeS3(versions_of(objects))
    assert client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting") == Deletion()
    assert [len(batch) for batch in deleted_by(s3)] == batches
    deleted = [key["Key"] for batch in deleted_by(s3) for key in batch]
    assert deleted == [FOLDER.prefix + each.name for each in objects]


def test_objects_that_s3_does_not_delete_are_returned_by_their_name_in_the_folder() -> None:
    objects = written_objects(3)
    s3 = FakeS3(versions_of(objects), refused={FOLDER.prefix + objects[1].name})
    deletion = client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting")
    assert deletion.failed == [(objects[1].name, "AccessDenied: no")]


@pytest.mark.parametrize("change", [{"etag": "other"}, {"size": 9}, {"modified": START + timedelta(days=1)}])
def test_an_object_that_was_overwritten_since_it_was_listed_is_kept(change: dict[str, Any]) -> None:
    objects = written_objects(2)
    s3 = FakeS3(versions_of([objects[0], replace(objects[1], **change)]))
    deletion = client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting")
    assert deletion.overwritten == [objects[1].name]
    assert [[each["Key"] for each in batch] for batch in deleted_by(s3)] == [[FOLDER.prefix + objects[0].name]]


def test_an_object_that_is_overwritten_before_s3_compares_its_etag_is_kept() -> None:
    objects = [S3Object("a", 1, "e", START, "null")]
    s3 = FakeS3(versions_of(objects))
    s3.changed_etags = {'"e"'}
    assert client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting") == Deletion(overwritten=["a"])


@pytest.mark.parametrize(("version", "condition"), [("v1", {}), ("null", {"ETag": '"e"'})])
def test_an_object_is_deleted_by_its_version_or_on_the_condition_of_its_etag(
    version: str, condition: dict[str, str]
) -> None:
    objects = [S3Object("a", 1, "e", START, version)]
    s3 = FakeS3(versions_of(objects))
    client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting")
    assert deleted_by(s3) == [[{"Key": f"{FOLDER.prefix}a", "VersionId": version, **condition}]]


def test_without_the_permission_to_compare_etags_objects_are_deleted_all_the_same() -> None:
    objects = [S3Object("a", 1, "e", START, "null")]
    s3 = FakeS3(versions_of(objects), may_get=False)
    assert client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting") == Deletion(unconditional=True)
    assert deleted_by(s3)[1] == [{"Key": f"{FOLDER.prefix}a", "VersionId": "null"}]


def test_a_deletion_whose_response_tells_nothing_is_an_error() -> None:
    objects = [S3Object("a", 1, "e", START, "v1")]
    s3 = FakeS3(versions_of(objects))
    s3.delete_objects = lambda **parameters: {}  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="does not tell of each object"):
        client_of(s3).delete_versions(FOLDER, objects, CONTEXT, "deleting")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ({"Name": None}, "not a listing"),
        ({"IsTruncated": None}, "not a listing"),
        ({"KeyCount": 2, "Contents": []}, "another number of objects"),
        ({"IsTruncated": True, "NextContinuationToken": None}, "truncated"),
        ({"IsTruncated": True, "NextContinuationToken": "0"}, "listed before"),
    ],
)
def test_a_page_that_is_no_page_of_a_listing_is_an_error(page: dict[str, Any], reason: str) -> None:
    s3 = FakeS3()
    answer = {"Name": BUCKET, "IsTruncated": False, **page}
    s3.pages = [{}]
    s3.list_objects_v2 = lambda **parameters: {  # type: ignore[method-assign]
        name: value for name, value in answer.items() if value is not None
    }
    with pytest.raises(ValueError, match=reason):
        client_of(s3).list_objects(FOLDER, CONTEXT, "listing")


def test_two_continuation_tokens_that_take_turns_are_an_error() -> None:
    s3, tokens = FakeS3(), itertools.cycle("ab")
    s3.list_objects_v2 = lambda **parameters: {  # type: ignore[method-assign]
        "Name": BUCKET,
        "IsTruncated": True,
        "NextContinuationToken": next(tokens),
    }
    with pytest.raises(ValueError, match="listed before"):
        client_of(s3).list_objects(FOLDER, CONTEXT, "listing")


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
