"""Listing S3 for many exports at once: what is asked for within a moment is listed together.

A hundred exports to one bucket are a few pages, and not a hundred calls. A listing begins after it was asked for, so that
it shows what was written before. Where the folders do not lie close together, each is listed by the one who asked.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from botocore.exceptions import ClientError

from .objects import S3, Stored, listed, stored

#: A listing waits for others so long, in seconds, where the one before was less than `BUSY` ago, …
LINGER, BUSY = 0.1, 1.0
#: … and at most so long where others are on their way.
ON_THE_WAY = 0.5


class _Batch:
    """Folders of one bucket that are listed together, by the first who asked."""

    def __init__(self) -> None:
        self.folders: list[str] = []
        self.found: Mapping[str, list[Stored]] | None = None
        self.error: Exception | None = None
        self.done = threading.Event()


class Listings:
    """The listings of one process, by bucket. ``width`` bounds the calls that are under way at once."""

    def __init__(self, width: AbstractContextManager[Any]) -> None:
        self._width = width
        self._lock = threading.Lock()
        self._coming, self._arrived = 0, threading.Condition(self._lock)
        self._open: dict[str, _Batch] = {}
        self._last: dict[str, float] = {}

    @contextmanager
    def coming(self) -> Iterator[None]:
        """What is done in here is a call of somebody who may ask for a listing next."""
        with self._lock:
            self._coming += 1
        try:
            yield
        finally:
            with self._lock:
                self._coming -= 1
                if not self._coming:
                    self._arrived.notify_all()

    def folder(self, s3: S3, bucket: str, folder: str) -> list[Stored]:
        """All that lies in a folder. Raises botocore's errors, to each who asked."""
        with self._lock:
            batch = self._open.get(bucket)
            leads = batch is None
            if batch is None:
                batch = self._open[bucket] = _Batch()
            batch.folders.append(folder)
            lingers = time.monotonic() - self._last.get(bucket, -math.inf) < BUSY
            self._last[bucket] = time.monotonic()
        if leads:
            if lingers:
                time.sleep(LINGER)
            with self._lock:
                self._arrived.wait_for(lambda: not self._coming, ON_THE_WAY)
            self._list(s3, bucket, batch)
        batch.done.wait()
        if batch.error is not None:
            raise batch.error
        if batch.found is not None:
            return batch.found[folder]
        with self._width:
            return listed(s3, bucket, folder)

    def _list(self, s3: S3, bucket: str, batch: _Batch) -> None:
        with self._lock:
            del self._open[bucket]  # from here on, who asks belongs to the next one
        try:
            with self._width:
                batch.found = _together(s3, bucket, batch.folders)
        except ClientError as exc:
            # A policy may allow each folder, and not what is between them: then each who asked lists its own.
            denied = exc.response.get("Error", {}).get("Code") == "AccessDenied"
            batch.error = None if denied else exc
        except Exception as exc:  # noqa: BLE001 - it belongs to all who asked
            batch.error = exc
        finally:
            batch.done.set()


def _together(s3: S3, bucket: str, folders: list[str]) -> dict[str, list[Stored]] | None:
    """What lies in each folder, from one listing of all that is between them; None where that is too much.

    Too much is more than a page for every ten folders (and one): then too little of it is theirs.
    """
    order = sorted(set(folders))
    if len(order) == 1 or any(inner.startswith(outer) for outer, inner in itertools.pairwise(order)):
        return None
    first, last = order[0], order[-1]
    common = first[: next(index for index, letter in enumerate(last) if not first.startswith(last[: index + 1]))]
    found: dict[str, list[Stored]] = {folder: [] for folder in order}
    # What comes just before the first folder, so that a marker of the folder itself is in the listing.
    before = first[:-1] + chr(ord(first[-1]) - 1) + "\U0010ffff"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=common, StartAfter=before)
    at = 0
    for number, page in enumerate(pages, 1):
        entries: list[Any] = page.get("Contents", [])
        for entry in entries:
            key = entry["Key"]
            while at < len(order) and not key.startswith(order[at]) and order[at] < key:
                at += 1
            if at == len(order):
                return found
            if key.startswith(order[at]):
                found[order[at]].append(stored(entry, order[at]))
        if number > len(order) // 10:
            return None if page.get("IsTruncated") else found
    return found
