"""What drift says about an export's objects."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.drift import describe_objects, detect_drift
from pulumi_sagemaker_geospatial._export.manifest import ExportManifest
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object

from tests.support.recorded_exports import at, foreign_objects, overwritten, written_objects

counts = st.integers(1, 12)
later = st.integers(301, 10_000)


def drift(own: list[S3Object], listing: list[S3Object]) -> str | None:
    return detect_drift(EARTH_OBSERVATION, ExportManifest.of(own), listing)


@given(counts)
def test_objects_that_nobody_touched_have_not_drifted(count: int) -> None:
    own = written_objects(count)
    assert drift(own, own) is None


@given(counts, st.integers(0, 8), later, st.sampled_from(["xml", "tif", "ovr", ""]), st.randoms())
def test_later_additions_are_no_drift_in_any_order(count: int, added: int, seconds: int, suffix: str, rng: Any) -> None:
    own = written_objects(count)
    listing = [*own, *foreign_objects(added, seconds, suffix)]
    rng.shuffle(listing)
    assert drift(own, listing) is None


@given(st.integers(2, 12), st.data())
def test_missing_and_overwritten_objects_are_counted(count: int, data: st.DataObject) -> None:
    own = written_objects(count)
    fates = data.draw(st.lists(st.sampled_from(["intact", "gone", "overwritten"]), min_size=count, max_size=count))
    sidecars = foreign_objects(data.draw(st.integers(0, 4)), data.draw(later))
    intact = [each for each, fate in zip(own, fates, strict=True) if fate == "intact"]
    changed = [each for each, fate in zip(own, fates, strict=True) if fate == "overwritten"]
    gone = fates.count("gone")
    listing = [*intact, *overwritten(changed, data.draw(later)), *sidecars]
    random.Random(1).shuffle(listing)
    expected = [f"{gone} of {count} objects {'is' if gone == 1 else 'are'} gone"] if gone else []
    if changed:
        verb, first = "was" if len(changed) == 1 else "were", min(each.name for each in changed)
        expected.append(f"{len(changed)} of {count} objects {verb} overwritten, first {first}")
    assert drift(own, listing) == (" and ".join(expected) or None)


@given(st.integers(3, 12), st.integers(1, 2), st.randoms())
def test_one_or_two_additions_in_the_last_second_are_no_drift(count: int, added: int, rng: Any) -> None:
    own = written_objects(count)
    listing = [*own, *foreign_objects(added, 300, "tif")]
    rng.shuffle(listing)
    assert drift(own, listing) is None


@given(st.integers(2, 8), st.integers(1, 2), st.data())
def test_an_addition_in_the_last_second_does_not_hide_a_missing_object(
    count: int, added: int, data: st.DataObject
) -> None:
    own = written_objects(count)
    missing = data.draw(st.sampled_from(own))
    assert drift(own, [each for each in own if each != missing] + foreign_objects(added, 300, "tif")) is not None


def test_an_object_that_was_overwritten_within_the_last_second_is_drift() -> None:
    own = written_objects(3)
    listing = [*own[:2], *overwritten(own[2:], 300)]
    assert drift(own, listing) == "objects were overwritten within the second in which the export ended"


def test_drift_of_a_single_object_is_in_the_singular() -> None:
    own = written_objects(1)
    assert drift(own, []) == "1 of 1 object is gone"
    assert drift(own, overwritten(own, 900)) == f"1 of 1 object was overwritten, first {own[0].name}"
    assert drift(own, overwritten(own, 300)) == (
        "the object was overwritten within the second in which the export ended"
    )


def test_an_export_that_wrote_nothing_cannot_drift() -> None:
    assert drift([], foreign_objects(2, 900)) is None
    late = ExportManifest(0, 0, "0" * 16, at(300))
    assert detect_drift(EARTH_OBSERVATION, late, foreign_objects(2, 200, "tif")) is None


def test_without_the_newest_time_in_the_state_nothing_is_said_about_drift() -> None:
    manifest = ExportManifest.from_state({"count": 3, "bytes": 303, "fingerprint": "0" * 16})
    assert detect_drift(EARTH_OBSERVATION, manifest, []) is None


def test_without_a_documented_ending_an_addition_is_not_called_what_an_object_was_overwritten_by() -> None:
    own = written_objects(3)
    [addition] = foreign_objects(1, 400, "xml")
    manifest = ExportManifest.of(own)
    assert detect_drift(VECTOR_ENRICHMENT, manifest, own[1:]) == "1 of 3 objects is gone"
    assert detect_drift(VECTOR_ENRICHMENT, manifest, [*own, addition]) is None
    drifted = detect_drift(VECTOR_ENRICHMENT, manifest, [*own[1:], addition])
    assert drifted == f"1 of 3 objects is gone or overwritten; the first newer object is {addition.name}"
    drifted = detect_drift(VECTOR_ENRICHMENT, manifest, [*own[2:], addition])
    assert drifted == f"2 of 3 objects are gone or overwritten; the first newer object is {addition.name}"


@given(st.integers(0, 12))
def test_a_description_of_drift_names_at_most_five_objects(count: int) -> None:
    own = written_objects(count + 1)
    remaining = sorted(each.name for each in own[:count])
    described = describe_objects(ExportManifest.of(own), list(reversed(own[:count])))
    more = f" and {count - 5} more" if count > 5 else ""
    assert described == (
        f"names of lost objects are not recorded; remaining: {', '.join(remaining[:5])}{more}"
        if count
        else "nothing remains"
    )


def test_a_description_of_drift_names_newer_objects_rather_than_those_that_remain() -> None:
    own = written_objects(3)
    described = describe_objects(ExportManifest.of(own), [*own[:2], *overwritten(own[2:], 900)])
    assert described == f"newer than the export: {own[2].name}"
