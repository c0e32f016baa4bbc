"""Validates a request against botocore's service model: required members, types, lengths, patterns, values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

from botocore.utils import parse_timestamp
from moto.core.model import ListShape, MapShape, Shape, StructureShape

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (str, int, float),
}


def problems(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """One message, with the member's name, for each constraint that a JSON value violates."""
    prefix = f"Value at '{path}' failed to satisfy constraint: Member must"
    types = _TYPES[shape.type_name]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield f"{prefix} be a {shape.type_name}"
        return
    yield from (f"{prefix} {rule}" for rule in _violated_rules(value, shape))
    yield from _nested_problems(value, shape, path)


def _nested_problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _member_problems(value, shape, path)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from problems(item, cast(Shape, shape.member), f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from problems(item, cast(Shape, shape.value), f"{path}.{key}")


def _member_problems(value: dict[str, Any], shape: StructureShape, path: str) -> Iterator[str]:
    given = {name for name, member in value.items() if member is not None}
    for name in shape.required_members:
        if name not in given:
            yield f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
    if shape.is_tagged_union and len(given & set(shape.members)) != 1:
        yield f"Value at '{path}' failed to satisfy constraint: Member must have exactly one member set"
    for name, member in shape.members.items():
        if name in given:
            yield from problems(value[name], member, _join(path, name))


def _violated_rules(value: Any, shape: Shape) -> Iterator[str]:
    metadata = shape.metadata
    sized = isinstance(value, (str, list))
    size = len(value) if sized else value
    measure = "have length" if sized else "have value"
    if "min" in metadata and size < metadata["min"]:
        yield f"{measure} greater than or equal to {metadata['min']}"
    if "max" in metadata and size > metadata["max"]:
        yield f"{measure} less than or equal to {metadata['max']}"
    if "enum" in metadata and value not in metadata["enum"]:
        yield f"satisfy enum value set: [{', '.join(metadata['enum'])}]"
    if "pattern" in metadata and not _compiled(metadata["pattern"]).fullmatch(value):
        yield f"satisfy regular expression pattern: {metadata['pattern']}"
    if shape.type_name == "timestamp" and not _is_timestamp(value):
        yield "be a timestamp"


def _is_timestamp(value: Any) -> bool:
    try:
        parse_timestamp(value)
    except (ValueError, OverflowError, RuntimeError):  # RuntimeError: a number that is no time
        return False
    return True


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


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
