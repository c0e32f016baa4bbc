"""What lies in S3: which objects an export wrote, whether they are still there, and their removal.

An export leaves no manifest. Its objects are those below ``<S3Uri>/<job id>/`` whose LastModified lies between its start
and the newest one that was seen after it SUCCEEDED. The state keeps their count, bytes, fingerprint and that newest time,
never the list. S3 tells times in whole seconds, and so do we.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol

_WHOLE = 1 << 64
#: Where the service writes results, below an export's folder.
RESULTS = "output/"
#: What a delete call takes at most.
_BATCH = 1000


@dataclass(frozen=True)
class Stored:
    """One object; ``name`` is relative to the export's folder."""

    name: str
    size: int
    etag: str
    modified: datetime
    version: str | None = None

    @property
    def is_result(self) -> bool:
        """Whether it has the ending of what the service writes."""
        return self.name.lower().endswith((".tif", ".tiff"))

    @property
    def mark(self) -> int:
        text = f"{self.name}\0{self.size}\0{self.etag}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@dataclass(frozen=True)
class Written:
    """What an export wrote, as the state keeps it.

    ``fingerprint`` is a sum over the objects' names, sizes and ETags, so that taking one object away is a subtraction.
    """

    count: int
    bytes: int
    fingerprint: str
    newest: datetime | None

    @classmethod
    def of(cls, objects: Sequence[Stored]) -> Written:
        return cls(
            count=len(objects),
            bytes=sum(each.size for each in objects),
            fingerprint=f"{sum(each.mark for each in objects) % _WHOLE:016x}",
            newest=max((each.modified for each in objects), default=None),
        )

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Written:
        newest = state.get("newest")
        return cls(
            count=int(state.get("count", 0)),
            bytes=int(state.get("bytes", 0)),
            fingerprint=str(state.get("fingerprint", "")),
            newest=moment(newest) if newest else None,
        )

    def to_state(self) -> dict[str, Any]:
        newest = {"newest": in_utc(self.newest)} if self.newest else {}
        return {"count": self.count, "bytes": self.bytes, "fingerprint": self.fingerprint, **newest}


def in_utc(moment: datetime) -> str:
    """A time as ISO 8601 in UTC, to the second, as S3 tells it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """The time that `in_utc` wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class S3(Protocol):
    """The part of boto3's S3 client that this room uses."""

    def get_paginator(self, operation_name: Any) -> Any: ...
    def delete_objects(self, **kwargs: Any) -> Any: ...


def listed(s3: S3, bucket: str, folder: str) -> list[Stored]:
    """All that lies in the folder, whoever wrote it."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    return [stored(each, folder) for page in pages for each in page.get("Contents", ())]


@dataclass(frozen=True)
class Window:
    """Which objects are an export's: those since its start, up to the newest one of its first look.

    An export takes minutes, so that what lies there from the second of its start is somebody else's; unless all that
    it wrote is of that second. ``late``: the first look was not at the export's end, but some time after it. What others
    have added by then is told apart by its name, see `results_of`.
    """

    start: datetime
    newest: datetime | None = None
    late: bool = False

    def own(self, objects: Iterable[Stored]) -> list[Stored]:
        """The export's objects, and later ones, of which the newest of the first look is the end."""
        start = self.start.replace(microsecond=0)
        there = [each for each in objects if each.modified >= start]
        if self.late:
            there = results_of(there)
        results = [each.modified for each in there if each.is_result] or [each.modified for each in there]
        newest = self.newest or max(results, default=start)
        return [each for each in there if each.modified > start or newest <= start]


def results_of(objects: Iterable[Stored]) -> list[Stored]:
    """What an export alone writes, by its name: GeoTIFF files, or, of a job that makes none, what lies in ``output/``."""
    there = list(objects)
    return [each for each in there if each.is_result] or [each for each in there if each.name.startswith(RESULTS)]


def drift(before: Written, objects: Sequence[Stored]) -> str | None:
    """What has happened to an export's objects, in one sentence; None if they are untouched.

    Objects that are newer than the export's newest are somebody else's: additions, or, where ours is missing for
    them, what it was overwritten by.
    """
    if not before.count or before.newest is None:
        return None
    now = [each for each in objects if each.modified <= before.newest]
    if _same(before, now):
        return None
    # Of what was written in the very second of the newest one, only results can be ours.
    missing = before.count - len([each for each in now if each.is_result or each.modified < before.newest])
    if missing <= 0:
        return f"{_of(before)} were overwritten within the second in which the export ended"
    added = sorted(each.name for each in objects if each.modified > before.newest and each.is_result)
    overwritten = min(missing, len(added))
    gone = missing - overwritten
    parts = []
    if gone:
        parts.append(f"{_some(gone, before)} {'is' if gone == 1 else 'are'} gone")
    if overwritten:
        verb = "was" if overwritten == 1 else "were"
        parts.append(f"{_some(overwritten, before)} {verb} overwritten, first {added[0]}")
    return " and ".join(parts)


def untouched(before: Written, objects: Sequence[Stored]) -> list[Stored] | None:
    """The export's own objects, or None where they are no longer just what it wrote."""
    if before.newest is None:
        return []
    now = [each for each in objects if each.modified <= before.newest]
    if not _same(before, now):
        return None
    intruders = _intruders(before, now)
    return [each for each in now if each not in intruders]


def removable(s3: S3, bucket: str, folder: str, before: Written, window: Window) -> list[Stored] | None:
    """The versions that hold an export's objects, or None where they are no longer just what it wrote."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=folder)
    versions = [stored(each, folder) for page in pages for each in page.get("Versions", ()) if each.get("IsLatest")]
    return untouched(before, window.own(versions))


def remove(s3: S3, bucket: str, folder: str, objects: Sequence[Stored]) -> list[tuple[str, str]]:
    """Delete these versions; (name, reason) for each that S3 kept."""
    kept = []
    for batch in _batches(objects):
        # By version, so that a version of somebody's before it comes to light again, and none after it is touched.
        keys = [{"Key": folder + each.name, "VersionId": each.version} for each in batch]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
        for error in answer.get("Errors", ()):
            kept.append((error.get("Key", "").removeprefix(folder), f"{error.get('Code')}: {error.get('Message')}"))
    return kept


def _same(before: Written, now: Sequence[Stored]) -> bool:
    return (len(now) >= before.count and Written.of(now).fingerprint == before.fingerprint) or bool(
        _intruders(before, now)
    )


def _intruders(before: Written, now: Sequence[Stored]) -> list[Stored]:
    # What others add within the very second of our newest object looks like ours. One or two such objects are found by
    # what they add to the fingerprint; more than that in one second we do not try to tell apart.
    extra = len(now) - before.count
    if extra not in (1, 2):
        return []
    surplus = (sum(each.mark for each in now) - int(before.fingerprint or "0", 16)) % _WHOLE
    late = {each.mark: each for each in now if each.modified == before.newest}
    if extra == 1:
        return [late[surplus]] if surplus in late else []
    for mark, each in late.items():
        other = late.get((surplus - mark) % _WHOLE)
        if other is not None and other is not each:
            return [each, other]
    return []


def stored(entry: Any, folder: str) -> Stored:
    """An entry of a listing."""
    return Stored(
        name=entry["Key"].removeprefix(folder),
        size=int(entry["Size"]),
        etag=entry["ETag"].strip('"'),
        modified=entry["LastModified"].astimezone(timezone.utc).replace(microsecond=0),
        version=entry.get("VersionId"),
    )


def _batches(objects: Sequence[Stored]) -> Iterator[Sequence[Stored]]:
    for first in range(0, len(objects), _BATCH):
        yield objects[first : first + _BATCH]


def _of(before: Written) -> str:
    return "objects" if before.count != 1 else "the object"


def _some(number: int, before: Written) -> str:
    return f"{number} of {before.count} object{'s' if before.count != 1 else ''}"
