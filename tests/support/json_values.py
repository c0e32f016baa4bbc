"""Random JSON values, and responses with a random part in them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=4)
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.sampled_from([datetime.min, datetime.max, datetime.min.replace(tzinfo=timezone(timedelta(hours=10)))])
)


def values_with_keys(names: list[str]) -> st.SearchStrategy[Any]:
    """Return random nested values, whose objects have some of these keys."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=4),
        max_leaves=8,
    )


def paths_of(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of each value in nested objects, outermost first."""
    yield path
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from paths_of(inner, (*path, name))


def with_value(original: dict[str, Any], path: tuple[str, ...], value: Any) -> Any:
    """Return a copy in which the value at a path is replaced."""
    if not path:
        return value
    changed = copy.deepcopy(original)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return changed


def without(original: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return a copy that lacks the value at a path."""
    changed = copy.deepcopy(original)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return changed
