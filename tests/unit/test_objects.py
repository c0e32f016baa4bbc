"""Which objects are an export's, what has happened to them, and their removal."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial.objects import Stored, Window, Written, drift, in_utc, moment, remove, untouched

from tests.unit.unit_harness import BUCKET

START = datetime(2024, 7, 1, 12, 0, 0, tzinfo=timezone.utc)
FOLDER = "lake/lake00000000/"


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def written(count: int, last: int = 300) -> list[Stored]:
    """So many results, of which the last was written then."""
    return [
        Stored(f"output/consolidated/tile_{n}.tif", 100 + n, f"etag{n}", at(last - (count - 1 - n) % 3))
        for n in range(count)
    ]


def others(count: int, when: int, ending: str = "xml") -> list[Stored]:
    return [Stored(f"output/consolidated/theirs_{n}.{ending}", 7, f"theirs{n}", at(when)) for n in range(count)]


def again(objects: list[Stored], when: int) -> list[Stored]:
    """The same objects, overwritten with other content."""
    return [Stored(each.name, each.size, f"{each.etag}-again", at(when)) for each in objects]


counts = st.integers(1, 12)
later = st.integers(301, 10_000)


@given(counts)
def test_what_is_untouched_has_not_drifted(count: int) -> None:
    ours = written(count)
    assert drift(Written.of(ours), ours) is None
    assert untouched(Written.of(ours), ours) == ours


@given(counts, st.integers(0, 8), later, st.sampled_from(["xml", "tif", "ovr", ""]), st.randoms())
def test_what_others_add_later_is_no_drift_in_any_order(
    count: int, added: int, when: int, ending: str, rng: Any
) -> None:
    ours = written(count)
    there = [*ours, *others(added, when, ending)]
    rng.shuffle(there)
    assert drift(Written.of(ours), there) is None
    assert sorted(untouched(Written.of(ours), there) or [], key=repr) == sorted(ours, key=repr)


@given(st.integers(2, 12), st.data())
def test_what_is_gone_and_what_was_overwritten_is_counted(count: int, data: st.DataObject) -> None:
    ours = written(count)
    fates = data.draw(st.lists(st.sampled_from(["kept", "gone", "overwritten"]), min_size=count, max_size=count))
    sidecars = others(data.draw(st.integers(0, 4)), data.draw(later))
    kept = [each for each, fate in zip(ours, fates, strict=True) if fate == "kept"]
    over = [each for each, fate in zip(ours, fates, strict=True) if fate == "overwritten"]
    gone = fates.count("gone")
    there = [*kept, *again(over, data.draw(later)), *sidecars]
    random.Random(1).shuffle(there)
    expected = [f"{gone} of {count} objects {'is' if gone == 1 else 'are'} gone"] if gone else []
    if over:
        first = min(each.name for each in over)
        expected.append(
            f"{len(over)} of {count} objects {'was' if len(over) == 1 else 'were'} overwritten, first {first}"
        )
    assert drift(Written.of(ours), there) == (" and ".join(expected) or None)
    assert (untouched(Written.of(ours), there) is None) == bool(expected)


@given(st.integers(3, 12), st.integers(1, 2), st.randoms())
def test_one_or_two_additions_in_the_last_second_are_told_apart(count: int, added: int, rng: Any) -> None:
    ours = written(count)
    there = [*ours, *others(added, 300, "tif")]
    rng.shuffle(there)
    assert drift(Written.of(ours), there) is None
    assert set(untouched(Written.of(ours), there) or []) == set(ours)


@given(counts, st.integers(3, 6))
def test_more_additions_than_can_be_told_apart_take_nothing_away(count: int, added: int) -> None:
    ours = written(count)
    assert untouched(Written.of(ours), [*ours, *others(added, 300)]) is None


@given(st.integers(2, 8), st.integers(1, 2), st.data())
def test_an_addition_in_the_last_second_hides_nothing_that_is_gone(count: int, added: int, data: st.DataObject) -> None:
    ours = written(count)
    lost = data.draw(st.sampled_from(ours))
    there = [each for each in ours if each != lost] + others(added, 300, "tif")
    assert drift(Written.of(ours), there) is not None
    assert untouched(Written.of(ours), there) is None


@given(st.integers(1, 8), st.integers(0, 3), st.integers(0, 3), later)
def test_the_window_never_holds_what_is_not_the_exports(count: int, same_second: int, after: int, when: int) -> None:
    ours = written(count)
    there = [*others(same_second, 300), *ours, *[Stored(f"later_{n}", 1, "e", at(when)) for n in range(after)]]
    assert set(untouched(Written.of(ours), there) or []) <= set(ours)


def test_an_object_overwritten_within_the_last_second_is_drift() -> None:
    ours = written(3)
    there = [*ours[:2], *again(ours[2:], 300)]
    assert drift(Written.of(ours), there) == "objects were overwritten within the second in which the export ended"


def test_all_of_one_object_is_said_in_the_singular() -> None:
    ours = written(1)
    assert drift(Written.of(ours), []) == "1 of 1 object is gone"
    assert drift(Written.of(ours), again(ours, 900)) == f"1 of 1 object was overwritten, first {ours[0].name}"


def test_an_export_that_wrote_nothing_has_nothing_to_drift() -> None:
    assert drift(Written.of([]), others(2, 900)) is None
    assert untouched(Written.of([]), others(2, 900)) == []


@given(counts, st.randoms())
def test_the_order_of_a_listing_changes_nothing(count: int, rng: Any) -> None:
    ours = written(count)
    mixed = list(ours)
    rng.shuffle(mixed)
    assert Written.of(mixed) == Written.of(ours)


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=5), st.integers(0, 9)),
        min_size=1,
        max_size=6,
        unique_by=lambda each: each[0],
    ),
    st.data(),
)
def test_any_other_name_size_or_etag_has_another_fingerprint(
    objects: list[tuple[str, int]], data: st.DataObject
) -> None:
    ours = [Stored(name, size, f"e{size}", START) for name, size in objects]
    index = data.draw(st.integers(0, len(ours) - 1))
    old = ours[index]
    name, size, etag = data.draw(
        st.tuples(st.text(min_size=1, max_size=5), st.integers(0, 9), st.sampled_from(["e1", "x"]))
    )
    new = Stored(name, size, etag, START)
    assume((new.name, new.size, new.etag) != (old.name, old.size, old.etag))
    changed = [*ours[:index], new, *ours[index + 1 :]]
    assert Written.of(changed).fingerprint != Written.of(ours).fingerprint


@given(st.integers(0, 5))
def test_the_state_gives_back_what_was_written(count: int) -> None:
    ours = Written.of(written(count))
    assert Written.from_state(ours.to_state()) == ours
    assert len(ours.fingerprint) == 16
    as_the_engine_has_it = {
        name: float(value) if isinstance(value, int) else value for name, value in ours.to_state().items()
    }
    assert Written.from_state(as_the_engine_has_it) == ours


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones()))
def test_a_time_in_the_state_is_utc_to_the_second(when: datetime) -> None:
    assert moment(in_utc(when)) == when.astimezone(timezone.utc).replace(microsecond=0)


def test_what_lay_there_before_the_start_is_not_the_exports() -> None:
    old, close, new = others(1, -31)[0], others(1, -1)[0], others(1, 300)[0]
    assert Window(START).own([old, close, new]) == [new]
    assert Window(START, at(300)).own([old, close, new]) == [new]


def test_what_lies_there_from_the_second_of_the_start_is_the_exports_only_where_it_wrote_nothing_later() -> None:
    first, last = others(1, 0)[0], others(1, 300)[0]
    assert Window(START + timedelta(microseconds=999_999)).own([first]) == [first]
    assert Window(START).own([first, last]) == [last]
    assert Window(START, START).own([first, last]) == [first, last]


class Recorder:
    """An S3 that keeps what it is told to, and the rest not."""

    def __init__(self, keeps: set[str]) -> None:
        self.keeps, self.calls = keeps, list[Any]()

    def get_paginator(self, operation_name: Any) -> Any:
        raise AssertionError(operation_name)

    def delete_objects(self, **kwargs: Any) -> Any:
        self.calls.append(kwargs)
        keys = [each["Key"] for each in kwargs["Delete"]["Objects"]]
        return {"Errors": [{"Key": key, "Code": "AccessDenied", "Message": "no"} for key in keys if key in self.keeps]}


@pytest.mark.parametrize(
    ("count", "batches"), [(0, []), (1, [1]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000, 1000, 500])]
)
def test_a_thousand_objects_are_removed_a_call(count: int, batches: list[int]) -> None:
    s3 = Recorder(set())
    assert remove(s3, BUCKET, FOLDER, written(count)) == []
    assert [len(each["Delete"]["Objects"]) for each in s3.calls] == batches
    removed = [key["Key"] for each in s3.calls for key in each["Delete"]["Objects"]]
    assert removed == [FOLDER + each.name for each in written(count)]


def test_what_s3_keeps_is_told_by_its_name_below_the_folder() -> None:
    ours = written(3)
    s3 = Recorder({FOLDER + ours[1].name})
    assert remove(s3, BUCKET, FOLDER, ours) == [(ours[1].name, "AccessDenied: no")]


@pytest.mark.parametrize("version", ["v1", "null"])
def test_an_object_is_removed_by_its_version(version: str) -> None:
    s3 = Recorder(set())
    remove(s3, BUCKET, "", [Stored("a", 1, "e", START, version)])
    assert s3.calls[0]["Delete"]["Objects"] == [{"Key": "a", "VersionId": version}]
