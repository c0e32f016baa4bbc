"""The inputs of an export: which ones need a new export when they change, and their normal form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime import rpc

from .._geospatial.kinds import ExportKind

#: The inputs that need a new export when they change. A kind may have fewer, see `replace_on_changes`.
REPLACE_ON_CHANGES = ("arn", "execution_role_arn", "output_config", "export_source_images", "client_token", "triggers")
#: The inputs that are updated in place, with their defaults.
IN_PLACE_INPUTS = {
    "wait_for_completion": True,
    "verify_objects": True,
    "delete_objects": False,
    "save_job_metadata": False,
}
#: Outputs that are not inputs, in the order in which the state has them.
COMPUTED_OUTPUTS = (
    "creation_time",
    "export_status",
    "export_error_details",
    "exported_objects",
    "drift",
    "job_metadata",
)
#: What a value in `triggers` has to be, for messages.
JSON_VALUE = "a JSON value (a string, number, boolean, null, list or object)"
#: Outputs that the engine hides from plans, as their names begin with two underscores.
INTERNAL_OUTPUTS = ("__attempt", "__late", "__unsure", "__owner")


def replace_on_changes(kind: ExportKind) -> tuple[str, ...]:
    """Return the inputs of a kind that need a new export when they change."""
    return tuple(name for name in REPLACE_ON_CHANGES if name != "export_source_images" or kind.has_source_images)


def normalize_inputs(news: Mapping[str, Any]) -> dict[str, Any]:
    """Drop nulls and defaults from inputs, so that the state stays small."""
    inputs: dict[str, Any] = {}
    for name, value in news.items():
        if value is None or (name in IN_PLACE_INPUTS and value is IN_PLACE_INPUTS[name]):
            continue
        if name == "export_source_images" and value is False:
            continue
        inputs[name] = strip_nulls(value) if name == "output_config" else value
    return inputs


def is_metadata_due(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether the job's metadata is declared to be saved, and the old outputs have none."""
    return bool(news.get("save_job_metadata")) and not olds.get("job_metadata")


def has_unknown(value: Any) -> bool:
    """Return whether a value, or something in it, is unknown until the update."""
    return any(is_unknown(leaf) for _, leaf in leaves(value))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of everything in a JSON value that is neither an object nor a list."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def same_value(one: Any, other: Any) -> bool:
    """Return whether two values are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_value(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same_value, one, other))
    return bool(isinstance(one, bool) == isinstance(other, bool) and one == other)


def is_same_folder(one: Any, other: Any) -> bool:
    """Return whether two destinations differ in the slash at their end at most."""
    return isinstance(one, str) and isinstance(other, str) and one.rstrip("/") == other.rstrip("/")


def strip_nulls(value: Any) -> Any:
    """Drop nulls, and an empty KMS key, from a nested input."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: strip_nulls(inner)
        for name, inner in value.items()
        if inner is not None and not (name == "kms_key_id" and inner == "")
    }


def is_unknown(value: Any) -> bool:
    """Return whether the engine knows the value after the update only."""
    return isinstance(value, Unknown) or (isinstance(value, str) and value == rpc.UNKNOWN)
