"""Which objects are an export's own, and their summary in the state."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.manifest import (
    ExportManifest,
    ExportWindow,
    format_count,
    format_size,
    format_utc,
    intact_objects,
    late_outliers,
    parse_utc,
    remaining_objects,
    select_results,
)
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, ExportKind
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object

from tests.support.recorded_exports import START, at, foreign_objects, overwritten, written_objects

counts = st.integers(1, 12)
later = st.integers(301, 10_000)


def window(start: datetime = START, newest: datetime | None = None, late: bool = False) -> ExportWindow:
    return ExportWindow(EARTH_OBSERVATION, start, newest, late)


def named(name: str, seconds: int = 300) -> S3Object:
    return S3Object(name, 1, "etag", at(seconds))


@given(counts)
def test_objects_that_nobody_touched_are_intact(count: int) -> None:
    own = written_objects(count)
    assert intact_objects(ExportManifest.of(own), own) == own


@given(counts, st.integers(0, 8), later, st.sampled_from(["xml", "tif", "ovr", ""]), st.randoms())
def test_later_additions_do_not_hide_own_objects_in_any_order(
    count: int, added: int, seconds: int, suffix: str, rng: Any
) -> None:
    own = written_objects(count)
    listing = [*own, *foreign_objects(added, seconds, suffix)]
    rng.shuffle(listing)
    assert sorted(intact_objects(ExportManifest.of(own), listing) or [], key=repr) == sorted(own, key=repr)


@given(st.integers(3, 12), st.integers(1, 12), st.sampled_from(["tif", "xml"]), st.randoms())
def test_additions_in_the_last_second_are_recognized(count: int, added: int, suffix: str, rng: Any) -> None:
    own = written_objects(count)
    listing = [*own, *foreign_objects(added, 300, suffix)]
    rng.shuffle(listing)
    assert set(intact_objects(ExportManifest.of(own), listing) or []) == set(own)


def test_among_too_many_objects_of_the_last_second_nothing_counts_as_own() -> None:
    own = written_objects(3)
    assert intact_objects(ExportManifest.of(own), [*own, *foreign_objects(40, 300)]) is None


@given(st.integers(2, 12), st.data())
def test_what_is_left_of_a_part_of_the_objects_is_recognized(count: int, data: st.DataObject) -> None:
    own = written_objects(count)
    left = data.draw(st.lists(st.sampled_from(own), unique=True, max_size=count - 1))
    sidecars = foreign_objects(2, 300) + foreign_objects(2, 900)
    assert remaining_objects(EARTH_OBSERVATION, ExportManifest.of(own), [*left, *sidecars]) == left


@given(st.integers(2, 12))
def test_with_a_newer_result_it_is_not_certain_what_is_left(count: int) -> None:
    own = written_objects(count)
    listing = [*own[1:], *foreign_objects(1, 900, "tif")]
    assert remaining_objects(EARTH_OBSERVATION, ExportManifest.of(own), listing) is None


def test_more_objects_or_bytes_than_were_written_are_not_what_is_left() -> None:
    own, earlier = written_objects(3), foreign_objects(1, 200)
    manifest = ExportManifest.of(own)
    two = replace(manifest, bytes=own[0].size + own[1].size)
    assert remaining_objects(EARTH_OBSERVATION, two, own[:2]) == own[:2]
    assert remaining_objects(EARTH_OBSERVATION, replace(two, bytes=two.bytes - 1), own[:2]) is None
    assert remaining_objects(EARTH_OBSERVATION, manifest, [*own[:2], *earlier]) is None


@pytest.mark.parametrize(("added", "told_apart"), [(27, True), (28, False)])
def test_among_28_objects_of_the_last_second_own_ones_are_told_apart(added: int, told_apart: bool) -> None:
    own = written_objects(3)
    found = intact_objects(ExportManifest.of(own), [*own, *foreign_objects(added, 300)])
    assert found == (own if told_apart else None)


@given(st.integers(2, 8), st.integers(1, 2), st.data())
def test_an_addition_in_the_last_second_does_not_replace_a_missing_object(
    count: int, added: int, data: st.DataObject
) -> None:
    own = written_objects(count)
    missing = data.draw(st.sampled_from(own))
    listing = [each for each in own if each != missing] + foreign_objects(added, 300, "tif")
    assert intact_objects(ExportManifest.of(own), listing) is None


@given(st.integers(1, 8), st.integers(0, 3), st.integers(0, 3), later)
def test_intact_objects_are_never_of_somebody_else(count: int, same_second: int, after: int, seconds: int) -> None:
    own = written_objects(count)
    additions = [S3Object(f"later_{n}", 1, "e", at(seconds)) for n in range(after)]
    listing = [*foreign_objects(same_second, 300), *own, *additions]
    assert set(intact_objects(ExportManifest.of(own), listing) or []) <= set(own)


def test_an_overwritten_object_leaves_nothing_intact() -> None:
    own = written_objects(3)
    assert intact_objects(ExportManifest.of(own), [*own[:2], *overwritten(own[2:], 900)]) is None


def test_an_export_that_wrote_nothing_has_no_objects_of_its_own() -> None:
    assert intact_objects(ExportManifest.of([]), foreign_objects(2, 900)) == []


def test_without_the_newest_time_it_is_not_known_which_objects_are_intact() -> None:
    assert intact_objects(ExportManifest.from_state({"count": 3, "bytes": 303}), written_objects(3)) is None


@given(counts, st.randoms())
def test_the_order_of_a_listing_does_not_change_the_manifest(count: int, rng: Any) -> None:
    own = written_objects(count)
    shuffled = list(own)
    rng.shuffle(shuffled)
    assert ExportManifest.of(shuffled) == ExportManifest.of(own)


names_and_sizes = st.lists(
    st.tuples(st.text(min_size=1, max_size=5), st.integers(0, 9)),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each[0],
)


@given(names_and_sizes, st.data())
def test_another_name_size_or_etag_changes_the_fingerprint(objects: list[tuple[str, int]], data: st.DataObject) -> None:
    own = [S3Object(name, size, f"e{size}", START) for name, size in objects]
    index = data.draw(st.integers(0, len(own) - 1))
    name, size, etag = data.draw(
        st.tuples(st.text(min_size=1, max_size=5), st.integers(0, 9), st.sampled_from(["e1", "x"]))
    )
    assume((name, size, etag) != (own[index].name, own[index].size, own[index].etag))
    changed = [*own[:index], S3Object(name, size, etag, START), *own[index + 1 :]]
    assert ExportManifest.of(changed).fingerprint != ExportManifest.of(own).fingerprint


@given(st.integers(0, 5))
def test_a_manifest_survives_the_state_whose_numbers_are_doubles(count: int) -> None:
    manifest = ExportManifest.of(written_objects(count))
    assert len(manifest.fingerprint) == 16
    assert ExportManifest.from_state(manifest.to_state()) == manifest
    as_doubles = {
        name: float(value) if isinstance(value, int) else value for name, value in manifest.to_state().items()
    }
    assert ExportManifest.from_state(as_doubles) == manifest


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))
def test_a_time_in_the_state_is_utc_to_the_second(time: datetime) -> None:
    assert parse_utc(format_utc(time)) == time.astimezone(timezone.utc).replace(microsecond=0)


def test_a_time_in_the_state_does_not_depend_on_the_time_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert format_utc(START) == "2024-07-01T12:00:00Z"
        assert parse_utc("2024-07-01T12:00:00") == START
        assert parse_utc("2024-07-01T14:00:00+02:00").tzinfo is timezone.utc
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("damaged", [{"fingerprint": "g"}, {"count": -1}, {"bytes": -1}])
def test_damaged_numbers_are_an_error(damaged: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|negative"):
        ExportManifest.from_state({**ExportManifest.of(written_objects(2)).to_state(), **damaged})


def test_objects_from_before_the_start_are_not_the_exports() -> None:
    before, just_before, after = foreign_objects(1, -31)[0], foreign_objects(1, -1)[0], foreign_objects(1, 300)[0]
    assert window().select([before, just_before, after]) == [after]
    assert window(newest=at(300)).select([before, just_before, after]) == [after]


def test_objects_of_the_second_of_the_start_are_the_exports_only_where_it_wrote_nothing_later() -> None:
    first, last = foreign_objects(1, 0)[0], foreign_objects(1, 300)[0]
    assert window(START + timedelta(microseconds=999_999)).select([first]) == [first]
    assert window().select([first, last]) == [last]
    assert window(newest=START).select([first, last]) == [first, last]


def test_a_late_observation_selects_results_by_their_suffix() -> None:
    own, sidecars = written_objects(2), foreign_objects(2, 310)
    assert window(late=True).select([*own, *sidecars]) == own
    assert window().select([*own, *sidecars]) == [*own, *sidecars]


def test_without_a_result_suffix_results_are_what_lies_in_the_results_folder() -> None:
    inside, outside = named("output/index.json"), named("notes.txt")
    assert select_results(EARTH_OBSERVATION, [inside, outside]) == [inside]
    assert select_results(EARTH_OBSERVATION, [outside]) == []
    no_suffixes = ExportKind("ExportX", "GetX", "x job", "x-job")
    assert select_results(no_suffixes, [inside, outside, named("a.tif")]) == [inside]
    assert select_results(no_suffixes, [outside]) == [outside]


def test_result_suffixes_match_in_any_case() -> None:
    assert select_results(EARTH_OBSERVATION, [named("A.TIF"), named("b.Tiff"), named("c.tif.xml")]) == [
        named("A.TIF"),
        named("b.Tiff"),
    ]


def test_objects_long_after_the_others_are_outliers() -> None:
    own = written_objects(3)
    assert late_outliers(own) == []
    assert late_outliers([]) == []
    changed = overwritten(own[:1], 300 + 901)
    assert late_outliers([*own[1:], *changed]) == changed
    assert late_outliers([*own[1:], *overwritten(own[:1], 300 + 899)]) == []


def test_outliers_are_all_objects_after_a_gap_of_more_than_15_minutes() -> None:
    first, second, third, fourth = (named(f"{n}.tif", seconds) for n, seconds in enumerate((0, 901, 902, 903)))
    assert late_outliers([first, second]) == [second]
    assert late_outliers([first, second, third]) == [second, third]
    assert late_outliers([first, second, third, fourth]) == [second, third, fourth]
    assert late_outliers([first, named("1.tif", 900)]) == []


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (10_000, "10 kB"),
        (31_000, "31 kB"),
        (1_500_000, "1.5 MB"),
        (2 * 10**15, "2000 TB"),
    ],
)
def test_a_size_is_formatted_for_people(size: int, text: str) -> None:
    assert format_size(size) == text


def test_a_count_is_formatted_with_its_noun() -> None:
    assert [format_count(1), format_count(0), format_count(2, "attempt")] == ["1 object", "0 objects", "2 attempts"]
