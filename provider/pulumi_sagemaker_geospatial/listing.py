"""Listing S3 for many exports at once: what is asked for while a listing runs is listed together by the next one.

A hundred exports to one bucket are a few pages, and not a hundred calls. A listing begins after it was asked for, so that
it shows what was written before; and no more calls are made than one listing an export would take.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .objects import S3, Stored, listed, stored

#: Listings of one bucket that run side by side.
SIDE_BY_SIDE = 2
#: A listing waits for others so long, in seconds, where the one before was less than `BUSY` ago.
LINGER, BUSY = 0.1, 1.0


@dataclass
class _Asked:
    folder: str
    objects: list[Stored] | None = None
    leads: bool = False
    error: Exception | None = None
    woken: threading.Event = field(default_factory=threading.Event)


class Listings:
    """The listings of one process, by bucket."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[_Asked]] = {}
        self._running: dict[str, int] = {}
        self._listed: dict[str, float] = {}

    def folder(self, s3: S3, bucket: str, folder: str) -> list[Stored]:
        """All that lies in a folder. Raises botocore's errors, to each who asked."""
        asked = _Asked(folder)
        with self._lock:
            self._waiting.setdefault(bucket, []).append(asked)
            asked.leads = self._running.get(bucket, 0) < SIDE_BY_SIDE
            if asked.leads:
                self._running[bucket] = self._running.get(bucket, 0) + 1
        if not asked.leads:
            asked.woken.wait()
        if asked.leads:
            self._lead(s3, bucket)
        if asked.error is not None:
            raise asked.error
        return asked.objects or []

    def _lead(self, s3: S3, bucket: str) -> None:
        """List for all who wait, and hand the lead on to one who came meanwhile."""
        if time.monotonic() - self._listed.get(bucket, -math.inf) < BUSY:
            time.sleep(LINGER)
        with self._lock:
            self._listed[bucket] = time.monotonic()
            together, self._waiting[bucket] = self._waiting[bucket], []
        try:
            found = _together(s3, bucket, [each.folder for each in together])
            for each in together:
                # What did not come together is listed alone.
                each.objects = found.get(each.folder) if found is not None else listed(s3, bucket, each.folder)
        except Exception as exc:  # noqa: BLE001 - it belongs to all who asked
            for each in together:
                each.error = exc
        with self._lock:
            heirs = self._waiting[bucket]
            if heirs:
                heirs[0].leads = True
                heirs[0].woken.set()
            else:
                self._running[bucket] -= 1
        for each in together:
            each.woken.set()


def _together(s3: S3, bucket: str, folders: list[str]) -> dict[str, list[Stored]] | None:
    """What lies in each folder, from one listing of all that is between them; None where that is too much."""
    order = sorted(folders)
    if len(order) == 1 or any(inner.startswith(outer) for outer, inner in itertools.pairwise(order)):
        return None
    first, last = order[0], order[-1]
    common = first[: next(index for index, letter in enumerate(last) if not first.startswith(last[: index + 1]))]
    found: dict[str, list[Stored]] = {folder: [] for folder in order}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=common, StartAfter=first)
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
        if number >= len(folders):
            return None if page.get("IsTruncated") else found
    return found
