"""Checks of the values that a test gives: fields of jobs, exports and faults."""

from __future__ import annotations

from collections.abc import Iterable


def is_string_map(value: object) -> bool:
    """Return whether a value is an object whose names and values are strings."""
    return isinstance(value, dict) and all(isinstance(text, str) for item in value.items() for text in item)


def require_texts(name: object, tags: object, error_details: object) -> None:
    """Raise ValueError unless the name of a job that a test adds is a string, and the others are objects of strings."""
    if name is not None and not isinstance(name, str):
        raise ValueError(f"name {name!r} is not a string")
    for field, value in (("tags", tags), ("error_details", error_details)):
        if value is not None and not is_string_map(value):
            raise ValueError(f"{field} {value!r} is not an object of strings")


def require_fields(what: str, given: Iterable[str], names: Iterable[str], required: Iterable[str] = ()) -> None:
    """Raise ValueError unless an object of a test has these fields only, and all that are required."""
    given, names = set(given), sorted(names)
    if unknown := sorted(given.difference(names)):
        raise ValueError(f"{what} has no field {', '.join(unknown)}: it has {', '.join(names)}")
    if missing := [name for name in required if name not in given]:
        raise ValueError(f"{what} needs the field {', '.join(missing)}")


def require_count(name: str, value: object) -> None:
    """Raise ValueError unless a setting of a test is a count, or None."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise ValueError(f"{name} {value!r} is not a whole number of 0 or more")
