"""What has happened to an export's objects since they were first observed: pure comparison."""

from __future__ import annotations

from collections.abc import Sequence

from .._geospatial.kinds import ExportKind
from .._runtime.s3_objects import S3Object
from .manifest import ExportManifest, format_count, is_result, matches_manifest

#: How many objects a warning names.
MAX_NAMES = 5


def detect_drift(kind: ExportKind, manifest: ExportManifest, objects: Sequence[S3Object]) -> str | None:
    """Return what has happened to an export's objects, in one sentence; None if they are intact.

    Objects that are newer than the manifest's newest are somebody else's: additions, or, where one of ours is missing in
    their favor, what it was overwritten by.
    """
    if not manifest.count or manifest.newest is None:
        return None
    found = [each for each in objects if each.modified <= manifest.newest]
    if matches_manifest(manifest, found):
        return None
    # Of what was written in the second of the newest object, only results can be ours.
    missing = manifest.count - len([each for each in found if is_result(kind, each) or each.modified < manifest.newest])
    if missing <= 0:
        noun = "the object was" if manifest.count == 1 else "objects were"
        return f"{noun} overwritten within the second in which the export ended"
    added = sorted(each.name for each in objects if each.modified > manifest.newest and is_result(kind, each))
    if added and not kind.result_suffixes:  # what was added cannot be told from what was overwritten
        verb = "is" if missing == 1 else "are"
        return f"{_part_of(missing, manifest)} {verb} gone or overwritten; the first newer object is {added[0]}"
    overwritten = min(missing, len(added))
    gone = missing - overwritten
    parts = []
    if gone:
        parts.append(f"{_part_of(gone, manifest)} {'is' if gone == 1 else 'are'} gone")
    if overwritten:
        verb = "was" if overwritten == 1 else "were"
        parts.append(f"{_part_of(overwritten, manifest)} {verb} overwritten, first {added[0]}")
    return " and ".join(parts)


def describe_objects(manifest: ExportManifest, objects: Sequence[S3Object]) -> str:
    """Return the names of up to five objects that tell about drift, and the number of others; empty if there are none.

    Newer objects are named, which may have overwritten the export's; otherwise those that remain. What is gone cannot be
    named, as no list of the objects is recorded.
    """
    newer = [each for each in objects if manifest.newest is not None and each.modified > manifest.newest]
    names = sorted(each.name for each in newer or objects)
    if not names:
        return "nothing remains"
    others = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    verb = "newer than the export" if newer else "names of lost objects are not recorded; remaining"
    return f"{verb}: {', '.join(names[:MAX_NAMES])}{others}"


def _part_of(number: int, manifest: ExportManifest) -> str:
    return f"{number} of {format_count(manifest.count)}"
