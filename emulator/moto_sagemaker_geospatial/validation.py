"""Validates a request against botocore's service model: required members, types, lengths, patterns, values."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
