"""What an export wrote: which objects of its folder are its own, and their summary in the state.

An export leaves no manifest. Its objects are those below ``<S3Uri>/<job id>/`` whose LastModified lies between its start
and the newest one seen after it SUCCEEDED. The state keeps their count, bytes, fingerprint and that newest time, never the
list. S3 tells times in whole seconds, and so do we.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .._geospatial.kinds import ExportKind
from .._runtime.s3_objects import S3Object

_MODULUS = 1 << 64
#: An object that was modified this long after all before it was probably not written by the same export.
OUTLIER_GAP = timedelta(minutes=15)
_MAX_CANDIDATES = 28  # of which each half has 16,384 subsets


def digest(each: S3Object) -> int:
    """Return 64 bits that identify an object's name, size and content."""
    text = f"{each.name}\0{each.size}\0{each.etag}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@dataclass(frozen=True)
class ExportManifest:
    """The summary of an export's objects.

    Attributes:
        fingerprint: 16 hexadecimal digits: the sum of the objects' digests, so that removing one is a subtraction.
        newest: when the last of them was modified; None where there is none.
    """

    count: int
    bytes: int
    fingerprint: str
    newest: datetime | None

    @classmethod
    def of(cls, objects: Sequence[S3Object]) -> ExportManifest:
        return cls(
            count=len(objects),
            bytes=sum(each.size for each in objects),
            fingerprint=f"{sum(map(digest, objects)) % _MODULUS:016x}",
            newest=max((each.modified for each in objects), default=None),
        )

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> ExportManifest:
        """Decode the output ``exported_objects``.

        Raises:
            ValueError, TypeError, AttributeError, OverflowError: it is damaged.
        """
        newest, fingerprint = state.get("newest"), str(state.get("fingerprint") or "0")
        int(fingerprint, 16)
        count, size = int(state.get("count") or 0), int(state.get("bytes") or 0)
        if count < 0 or size < 0:
            raise ValueError("a count is negative")
        return cls(count, size, fingerprint, parse_utc(newest) if newest else None)

    def to_state(self) -> dict[str, Any]:
        newest = {"newest": format_utc(self.newest)} if self.newest else {}
        return {"count": self.count, "bytes": self.bytes, "fingerprint": self.fingerprint, **newest}


def format_utc(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> datetime:
    """Return the time that `format_utc` wrote. Raises ValueError, AttributeError or OverflowError where it is damaged."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


@dataclass(frozen=True)
class ExportWindow:
    """Selects objects attributable to the export: LastModified from its start to the newest at first observation.

    An export takes minutes, so that objects of the very second of its start are somebody else's; unless all that it wrote
    is of that second.

    Attributes:
        newest: the newest time of the first observation; None at the first observation itself.
        late: the first observation was not at the export's end, but some time after it. Objects that others have added
            by then are told apart by their names, see `select_results`.
    """

    kind: ExportKind
    start: datetime
    newest: datetime | None = None
    late: bool = False

    def select(self, objects: Iterable[S3Object]) -> list[S3Object]:
        """Return the export's objects and later ones; those after the newest of the first observation are additions."""
        start = self.start.replace(microsecond=0)
        found = [each for each in objects if each.modified >= start]
        if self.late:
            found = select_results(self.kind, found)
        results = [each.modified for each in found if is_result(self.kind, each)] or [each.modified for each in found]
        newest = self.newest or max(results, default=start)
        return [each for each in found if each.modified > start or newest <= start]


def is_result(kind: ExportKind, each: S3Object) -> bool:
    """Return whether an object is a result file of the kind."""
    return kind.is_result(each.name)


def select_results(kind: ExportKind, objects: Iterable[S3Object]) -> list[S3Object]:
    """Return the objects that only an export writes: by their ending, or, where none has it, by their folder.

    Where a kind has no documented ending, the folder is not documented either: if nothing is in it, all objects may be
    results.
    """
    found = list(objects)
    by_suffix = [each for each in found if is_result(kind, each)] if kind.result_suffixes else []
    in_folder = [each for each in found if each.name.startswith(kind.results_prefix)]
    return by_suffix or in_folder or ([] if kind.result_suffixes else found)


def late_outliers(objects: Sequence[S3Object]) -> list[S3Object]:
    """Return the objects that were modified well after the others, and may have been overwritten."""
    ordered = sorted(objects, key=lambda each: each.modified)
    for index in range(len(ordered) - 1, 0, -1):
        if ordered[index].modified - ordered[index - 1].modified > OUTLIER_GAP:
            return ordered[index:]
    return []


def matches_manifest(manifest: ExportManifest, objects: Sequence[S3Object]) -> bool:
    """Return whether these are the manifest's objects, apart from what others added within its last second."""
    same = len(objects) >= manifest.count and ExportManifest.of(objects).fingerprint == manifest.fingerprint
    return same or bool(same_second_additions(manifest, objects))


def same_second_additions(manifest: ExportManifest, objects: Sequence[S3Object]) -> list[S3Object]:
    """Return what others added within the second of the manifest's newest object.

    They are the objects that have together what the fingerprint has too much. Among more than `_MAX_CANDIDATES` objects
    of that second they are not told apart.
    """
    extra = len(objects) - manifest.count
    candidates = [each for each in objects if each.modified == manifest.newest]
    if not 0 < extra <= len(candidates) <= _MAX_CANDIDATES:
        return []
    surplus = (sum(map(digest, objects)) - int(manifest.fingerprint, 16)) % _MODULUS
    middle = len(candidates) // 2
    ones = {(len(one), total): one for one, total in _subsets(candidates[:middle])}
    for other, total in _subsets(candidates[middle:]):
        if (one := ones.get((extra - len(other), (surplus - total) % _MODULUS))) is not None:
            return [*one, *other]
    return []


def _subsets(objects: Sequence[S3Object]) -> Iterator[tuple[list[S3Object], int]]:
    """Yield each subset, and the sum of its digests."""
    subsets: list[tuple[list[S3Object], int]] = [([], 0)]
    for each in objects:
        value = digest(each)
        subsets += [([*subset, each], (total + value) % _MODULUS) for subset, total in subsets]
    yield from subsets


def intact_objects(manifest: ExportManifest, objects: Sequence[S3Object]) -> list[S3Object] | None:
    """Return the export's own objects, or None where they are no longer exactly what it wrote."""
    if manifest.newest is None:
        return None if manifest.count else []
    found = [each for each in objects if each.modified <= manifest.newest]
    if not matches_manifest(manifest, found):
        return None
    additions = same_second_additions(manifest, found)
    return [each for each in found if each not in additions]


def remaining_objects(kind: ExportKind, manifest: ExportManifest, objects: Sequence[S3Object]) -> list[S3Object] | None:
    """Return what is left of the export's objects where some are gone and none is overwritten; None if that is not certain.

    S3 sets LastModified: nothing that is written later has a time before that of the manifest's newest object, so that
    whatever has one was there at the first observation. Of what has exactly that time, only results can be ours.
    """
    newest = manifest.newest
    if newest is None or any(each.modified > newest and is_result(kind, each) for each in objects):
        return None
    left = [each for each in objects if each.modified < newest or (each.modified == newest and is_result(kind, each))]
    is_part = len(left) < manifest.count and sum(each.size for each in left) <= manifest.bytes
    return left if is_part else None


def format_size(size: int) -> str:
    """Return a size in bytes as people read it, such as ``31 kB``."""
    value, unit = float(size), "B"
    for following in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, following
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"


def format_count(count: int, noun: str = "object") -> str:
    """Return a count with its noun, such as ``1 object`` or ``3 objects``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
