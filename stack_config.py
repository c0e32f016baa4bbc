"""Parse and validate the project's own config (Pulumi.<stack>.yaml); every error is reported, one per line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

#: The config keys of the project.
KEYS = ("exports", "createDestination", "bucketName")
#: The fields of an entry of `exports` and their types; None accepts any JSON value.
FIELDS: dict[str, type | None] = {
    "name": str,
    "jobArn": str,
    "destination": str,
    "executionRoleArn": str,
    "exportSourceImages": bool,
    "kmsKeyId": str,
    "triggers": None,
    "clientToken": str,
    "waitForCompletion": bool,
    "verifyObjects": bool,
    "deleteObjects": bool,
}
#: The fields that an entry must have.
REQUIRED = ("name", "jobArn", "destination", "executionRoleArn")
#: The required fields that are optional with `createDestination`, which creates them.
CREATABLE = ("destination", "executionRoleArn")
#: The fields that stay secret if the config value is encrypted; name and job are visible in the resource's URN and ID.
SECRET_FIELDS = ("destination", "executionRoleArn", "kmsKeyId", "clientToken", "triggers")

#: Text to replace in the project's stack files, such as `<account>`.
PLACEHOLDER = re.compile(r"<[^<>]+>")

_EXPECTED = {str: "a string", bool: "true or false"}
_JSON_TYPES = {bool: "true or false", str: "a string", dict: "an object", list: "a list", type(None): "null"}


@dataclass(frozen=True)
class Export:
    """One entry of `exports`. An omitted field is None; a value from an encrypted config value is a secret output."""

    name: str
    job_arn: str
    destination: pulumi.Input[str] | None = None
    execution_role_arn: pulumi.Input[str] | None = None
    export_source_images: bool | None = None
    kms_key_id: pulumi.Input[str] | None = None
    triggers: Any = None
    client_token: pulumi.Input[str] | None = None
    wait_for_completion: bool | None = None
    verify_objects: bool | None = None
    delete_objects: bool | None = None


@dataclass(frozen=True)
class StackConfig:
    """The project's config."""

    exports: tuple[Export, ...]
    create_destination: bool = False
    bucket_name: str | None = None


def read() -> StackConfig:
    """Return the config of the current stack.

    :raises pulumi.RunError: The config is invalid. The message has one line per error: the file, the entry and the field.
    """
    project = f"{pulumi.get_project()}:"
    values = {key.removeprefix(project): value for key, value in CONFIG.get().items() if key.startswith(project)}
    return parse(pulumi.get_stack(), values, secret=is_config_secret(f"{project}exports"))


def parse(stack: str, values: Mapping[str, str], *, secret: bool = False) -> StackConfig:
    """Return the config that the engine's config values describe: strings, with structured values as JSON.

    :param stack: The stack's name, for error messages.
    :param values: The config values by key, without the project's prefix.
    :param secret: Whether the value of `exports` is encrypted.
    :raises pulumi.RunError: As for :func:`read`.
    """
    create = values.get("createDestination") == "true"
    entries, errors = _load_entries(values.get("exports"))
    errors = [
        *_key_errors(values),
        *errors,
        *(
            f"{_entry_label(index, entry)}: {error}"
            for index, entry, error in _all_entry_errors(entries, create, secret)
        ),
    ]
    if errors:
        raise pulumi.RunError("\n".join(f"Pulumi.{stack}.yaml, {error}." for error in errors))
    exports = tuple(_to_export(entry, secret) for entry in entries)
    return StackConfig(exports, create, values.get("bucketName") or None)


def _to_export(entry: Mapping[str, Any], secret: bool) -> Export:
    present = {field: value for field, value in entry.items() if value not in (None, "")}
    if secret:
        present.update({field: pulumi.Output.secret(present[field]) for field in SECRET_FIELDS if field in present})
    return Export(**{_to_snake_case(field): value for field, value in present.items()})


def _key_errors(values: Mapping[str, str]) -> Iterator[str]:
    """Yield the errors of all keys but `exports`."""
    for key in values:
        if key not in KEYS:
            yield f"{key} is not a key of this project, which has {', '.join(KEYS)}"
    create, bucket = values.get("createDestination") or "false", values.get("bucketName")
    if create not in ("true", "false"):
        yield f"createDestination must be {_EXPECTED[bool]}"
    if bucket and create != "true":
        yield "bucketName requires createDestination: set createDestination to true, or remove bucketName"
    if bucket and PLACEHOLDER.search(bucket):
        yield _placeholder_error("bucketName", bucket, secret=False)


def _load_entries(text: str | None) -> tuple[list[Any], list[str]]:
    """Return the entries of `exports` and the errors of the list itself."""
    instruction = "list at least one export, with " + ", ".join(REQUIRED)
    if text is None:
        return [], [f"exports is missing: {instruction}"]
    try:
        entries = json.loads(text)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        return [], [f"exports must be a list: {instruction}"]
    return entries, [] if entries else [f"exports is empty: {instruction}"]


def _all_entry_errors(entries: list[Any], create: bool, secret: bool) -> Iterator[tuple[int, Any, str]]:
    """Yield the index, the entry and the message of each error in the entries."""
    first_index: dict[str, int] = {}
    for index, entry in enumerate(entries):
        for error in _entry_errors(entry, create, secret):
            yield index, entry, error
        name = _entry_name(entry)
        if name is not None and first_index.setdefault(name, index) != index:
            yield index, entry, f"name is already used by exports[{first_index[name]}]: names must be unique"


def _entry_errors(entry: Any, create: bool, secret: bool) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"the entry must be an object with the fields {', '.join(FIELDS)}, not {_json_type(entry)}"
        return
    for field in REQUIRED:
        if entry.get(field) in (None, "") and not (create and field in CREATABLE):
            yield f"{field} is missing"
    if create and entry.get("destination") and not entry.get("executionRoleArn"):
        yield (
            "executionRoleArn is missing: the role that createDestination creates can only write to the bucket that it "
            "creates. Set a role for this destination, or remove destination"
        )
    for field, value in entry.items():
        error = _field_error(field, value, secret)
        if error:
            yield error


def _field_error(field: str, value: Any, secret: bool) -> str | None:
    if field not in FIELDS:
        return f"{field} is not a field of an export, which has {', '.join(FIELDS)}"
    expected = FIELDS[field]
    if expected is None or value is None:
        return None
    if not isinstance(value, expected):
        return f"{field} must be {_EXPECTED[expected]}, not {_json_type(value)}"
    if isinstance(value, str) and PLACEHOLDER.search(value):
        return _placeholder_error(field, value, secret)
    return None


def _placeholder_error(field: str, value: str, secret: bool) -> str:
    found = PLACEHOLDER.search(value)
    placeholder = "a placeholder" if secret or not found else f"the placeholder {found[0]}"
    return f"{field} contains {placeholder}: replace it with a value"


def _entry_name(entry: Any) -> str | None:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) and name else None


def _entry_label(index: int, entry: Any) -> str:
    name = _entry_name(entry)
    return f"exports[{index}]" if name is None else f"exports[{index}] ({name})"


def _json_type(value: Any) -> str:
    return _JSON_TYPES.get(type(value), "a number")


def _to_snake_case(field: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", field)
