"""Listing for many exports at once: the same answers as one by one, in fewer calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import example, given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial import listing
from pulumi_sagemaker_geospatial.listing import Listings, _together

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Bucket:
    """S3's listing, a page of a few keys at a time."""

    page = 3

    def __init__(self, keys: list[str]) -> None:
        self.keys, self.calls = sorted(keys), 0
        self.broken, self.allowed = False, ""

    def get_paginator(self, _operation: str) -> Bucket:
        return self

    def paginate(self, Bucket: str, Prefix: str, StartAfter: str = "") -> Iterator[dict[str, Any]]:
        there = [key for key in self.keys if key.startswith(Prefix) and key > StartAfter]
        for first in range(0, max(1, len(there)), self.page):
            self.calls += 1
            if self.broken or not Prefix.startswith(self.allowed):
                raise ClientError({"Error": {"Code": "SlowDown" if self.broken else "AccessDenied"}}, "ListObjectsV2")
            page = [
                {"Key": key, "Size": 1, "ETag": '"e"', "LastModified": NOW} for key in there[first : first + self.page]
            ]
            yield {"Contents": page, "IsTruncated": first + self.page < len(there)}

    def delete_objects(self, **_: Any) -> None:
        raise AssertionError


parts = st.text("ab-0/", min_size=1, max_size=4)


@given(
    folders=st.lists(parts.map(lambda part: f"{part}/"), min_size=2, max_size=6, unique=True),
    keys=st.lists(st.text("ab-0/x", min_size=1, max_size=8), max_size=30, unique=True),
)
@example(folders=["a/", "a/b/"], keys=["a/b/x"])  # one within the other
def test_together_gives_what_each_alone_gives_or_gives_up(folders: list[str], keys: list[str]) -> None:
    bucket = Bucket(keys)
    found = _together(bucket, "b", folders)
    assert bucket.calls <= 1 + len(folders) // 10
    if found is not None:
        for folder in folders:
            expected = [key.removeprefix(folder) for key in sorted(keys) if key.startswith(folder)]
            assert [each.name for each in found[folder]] == expected


def ask(listings: Listings, bucket: Bucket, folders: list[str]) -> dict[str, Any]:
    answers: dict[str, Any] = {}

    def one(folder: str) -> None:
        try:
            answers[folder] = [each.name for each in listings.folder(bucket, "b", folder)]
        except ClientError as exc:
            answers[folder] = exc

    threads = [threading.Thread(target=one, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return answers


def test_many_folders_are_listed_in_few_calls_once_there_are_many() -> None:
    folders = [f"p/{number:03d}/" for number in range(100)]
    bucket, listings = Bucket([f"{folder}a.tif" for folder in folders]), Listings(threading.BoundedSemaphore(4))
    bucket.page = 1000
    listings.folder(bucket, "b", folders[0])
    assert ask(listings, bucket, folders) == {folder: ["a.tif"] for folder in folders}
    assert bucket.calls < 10


@pytest.mark.parametrize("page", [3, 1000])
def test_every_one_of_many_who_ask_at_once_is_answered(page: int) -> None:
    folders = [f"p/{number:03d}/" for number in range(30)]
    bucket, listings = Bucket([f"{folder}a.tif" for folder in folders]), Listings(threading.BoundedSemaphore(4))
    bucket.page = page
    for _ in range(20):
        assert ask(listings, bucket, folders) == {folder: ["a.tif"] for folder in folders}


def test_two_who_ask_for_one_folder_are_both_answered() -> None:
    bucket, listings = Bucket(["p/a.tif"]), Listings(threading.BoundedSemaphore(4))
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(len(listings.folder(bucket, "b", "p/")))) for _ in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == [1, 1, 1]


def test_an_error_reaches_everybody_and_the_next_listing_works() -> None:
    folders = [f"p/{number:03d}/" for number in range(10)]
    bucket, listings = Bucket([f"{folder}a.tif" for folder in folders]), Listings(threading.BoundedSemaphore(4))
    bucket.broken = True
    answers = ask(listings, bucket, folders)
    assert [type(answer) for answer in answers.values()] == [ClientError] * 10
    assert bucket.calls <= 3  # nobody asks again alone
    bucket.broken = False
    assert ask(listings, bucket, folders) == {folder: ["a.tif"] for folder in folders}


def test_a_crowded_bucket_costs_little_more_than_one_by_one() -> None:
    folders = [f"p/{number:03d}/" for number in range(8)]
    crowd = [f"p/{number:03d}-other/{each}" for number in range(8) for each in range(200)]
    bucket, listings = (
        Bucket([*crowd, *(f"{folder}a.tif" for folder in folders)]),
        Listings(threading.BoundedSemaphore(4)),
    )
    listings.folder(bucket, "b", folders[0])
    assert ask(listings, bucket, folders) == {folder: ["a.tif"] for folder in folders}
    assert bucket.calls <= 1 + 2 * len(folders)


def test_a_listing_waits_for_those_who_are_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "ON_THE_WAY", 30.0)
    folders = [f"p/{number:03d}/" for number in range(10)]
    bucket, listings = Bucket([f"{folder}a.tif" for folder in folders]), Listings(threading.BoundedSemaphore(4))
    bucket.page = 1000
    answers: dict[str, Any] = {}
    asking = threading.Thread(target=lambda: answers.update(ask(listings, bucket, folders)))
    with listings.coming():
        asking.start()
        deadline = time.monotonic() + 10
        while "b" not in listings._open or len(listings._open["b"].folders) < 10:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        assert bucket.calls == 0
    asking.join(10)
    assert (len(answers), bucket.calls) == (10, 1)


def test_a_listing_does_not_wait_for_ever_for_those_who_are_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "ON_THE_WAY", 0.05)
    bucket, listings = Bucket(["p/a.tif"]), Listings(threading.BoundedSemaphore(4))
    with listings.coming():
        assert ask(listings, bucket, ["p/"]) == {"p/": ["a.tif"]}


def test_where_a_policy_allows_only_the_folders_each_is_listed_alone() -> None:
    folders = [f"p{number}/x/" for number in range(5)]
    bucket, listings = Bucket([f"{folder}a.tif" for folder in folders]), Listings(threading.BoundedSemaphore(4))
    bucket.allowed = "p"
    assert ask(listings, bucket, ["q/", *folders])["p3/x/"] == ["a.tif"]
