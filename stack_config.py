"""The stack's own config (Pulumi.<stack>.yaml) as typed values, with a sentence for each mistake in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

#: The keys of the project.
KEYS = ("exports", "createDestination", "bucketName")
#: The fields of an entry of `exports`: what a value must be. Any JSON value is good for triggers.
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
#: What every entry must have; the second half may be left to `createDestination`.
REQUIRED = ("name", "jobArn", "destination", "executionRoleArn")
MADE = ("destination", "executionRoleArn")
#: What an entry of an encrypted config value hides; its name and its job are shown with the resource anyway.
HIDDEN = ("destination", "executionRoleArn", "kmsKeyId", "clientToken", "triggers")

#: What is left to fill in, in the stack files of this project: `<account>`.
PLACEHOLDER = re.compile(r"<[^<>]+>")

_WORDS = {str: "a string", bool: "true or false"}


@dataclass(frozen=True)
class Export:
    """One entry of `exports`. What it leaves out is None; what came out of an encrypted config value is a secret."""

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
    """What the stack's file declares."""

    exports: tuple[Export, ...]
    create_destination: bool = False
    bucket_name: str | None = None


def read() -> StackConfig:
    """The config of the stack that runs.

    Raises:
        pulumi.RunError: a sentence for each mistake, one a line, with the stack file, the entry and the field.
    """
    project = f"{pulumi.get_project()}:"
    values = {key.removeprefix(project): value for key, value in CONFIG.get().items() if key.startswith(project)}
    return parse(pulumi.get_stack(), values, secret=is_config_secret(f"{project}exports"))


def parse(stack: str, values: Mapping[str, str], *, secret: bool = False) -> StackConfig:
    """The same, of config values as the engine hands them over: text, with structures as JSON."""
    file = f"Pulumi.{stack}.yaml"
    mistakes = [f"{key} is not a key of this project: it has {', '.join(KEYS)}" for key in values if key not in KEYS]
    create = values.get("createDestination") or "false"
    if create not in ("true", "false"):
        mistakes.append(f"createDestination must be {_WORDS[bool]}")
    bucket = values.get("bucketName") or None
    if bucket and create != "true":
        mistakes.append(
            "bucketName names the bucket of createDestination: set createDestination to true, or leave it out"
        )
    if bucket and PLACEHOLDER.search(bucket):
        mistakes.append(_unfilled("bucketName", bucket, secret=False))
    entries = _entries(values.get("exports"), mistakes)
    names: dict[str, int] = {}
    for index, entry in enumerate(entries):
        mistakes += [f"{_place(index, entry)}: {mistake}" for mistake in _mistakes(entry, create == "true", secret)]
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str) and name:
            if name in names:
                mistakes.append(
                    f"{_place(index, entry)}: name is also that of exports[{names[name]}]: each needs its own"
                )
            names.setdefault(name, index)
    if mistakes:
        raise pulumi.RunError("\n".join(f"{file}, {mistake}." for mistake in mistakes))
    return StackConfig(tuple(_export(entry, secret) for entry in entries), create == "true", bucket)


def _export(entry: Mapping[str, Any], secret: bool) -> Export:
    given = {field: value for field, value in entry.items() if value not in (None, "")}
    if secret:
        given.update({field: pulumi.Output.secret(given[field]) for field in HIDDEN if field in given})
    return Export(**{_snake(field): value for field, value in given.items()})


def _entries(text: str | None, mistakes: list[str]) -> list[Any]:
    example = "list at least one export, with " + ", ".join(REQUIRED)
    if text is None:
        mistakes.append(f"exports is missing: {example}")
        return []
    try:
        entries = json.loads(text)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        mistakes.append(f"exports must be a list: {example}")
        return []
    if not entries:
        mistakes.append(f"exports is empty: {example}")
    return entries


def _mistakes(entry: Any, create: bool, secret: bool) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"the entry must have fields ({', '.join(FIELDS)}), and is {_kind(entry)}"]
    found = []
    for field in REQUIRED:
        if entry.get(field) in (None, "") and not (create and field in MADE):
            found.append(f"{field} is missing")
    if create and entry.get("destination") and not entry.get("executionRoleArn"):
        found.append(
            "executionRoleArn is missing: the role that createDestination makes may only write to the bucket that it "
            "makes, so name a role for this destination, or leave destination out"
        )
    for field, value in entry.items():
        if field not in FIELDS:
            found.append(f"{field} is not a field of an export: it has {', '.join(FIELDS)}")
            continue
        wanted = FIELDS[field]
        if value is not None and wanted and not isinstance(value, wanted):
            found.append(f"{field} must be {_WORDS[wanted]}, not {_kind(value)}")
        elif isinstance(value, str) and wanted and PLACEHOLDER.search(value):
            found.append(_unfilled(field, value, secret))
    return found


def _unfilled(field: str, value: str, secret: bool) -> str:
    found = PLACEHOLDER.search(value)
    what = "a placeholder" if secret or not found else f"the placeholder {found[0]}"
    return f"{field} still has {what}: fill it in"


def _place(index: int, entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return f"exports[{index}] ({name})" if isinstance(name, str) and name else f"exports[{index}]"


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", str: "a string", dict: "an object", list: "a list", type(None): "nothing"}
    return kinds.get(type(value), "a number")


def _snake(field: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", field)
