"""The exports in the state of a stack, as `pulumi stack export` prints it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._geospatial.kinds import KINDS, ExportKind
from .._geospatial.request import SECRET_INPUTS
from .._runtime.s3_objects import Folder
from .._runtime.urns import resource_name
from .spec import ExportSpec
from .state import ExportState, is_managed, recorded_request

#: The package of every dynamic resource in Python.
DYNAMIC_PACKAGE = "pulumi-python"
#: The kind of each type of resource, as states and URNs spell the type.
RESOURCE_TYPES = {f"{DYNAMIC_PACKAGE}:dynamic:{kind.operation}": kind for kind in KINDS}

#: The key and the value that mark a secret in a state.
_SIGNATURE = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")


class RecordedExport(NamedTuple):
    """An export in a state, its declaration, and whether that has `delete_objects`."""

    urn: str
    state: ExportState
    spec: ExportSpec
    deletes_objects: bool


def recorded_exports(exported: Mapping[str, Any]) -> Iterator[RecordedExport]:
    """Yield each export that the stack manages. Secrets have to be decrypted.

    Raises:
        StateError: the state of an export is damaged.
    """
    for urn, kind, outputs in _managed(exported):
        state = ExportState.from_outputs(kind, outputs, resource_name(urn))
        yield RecordedExport(urn, state, ExportSpec.from_inputs(kind, outputs), outputs.get("delete_objects") is True)


def recorded_folders(exported: Mapping[str, Any]) -> Iterator[tuple[str, Folder]]:
    """Yield the URN and the folder of each export that the stack manages. Secrets have to be decrypted.

    Raises:
        StateError: the ARN, the role or the destination of an export is damaged; what else is damaged does not matter here.
    """
    for urn, kind, outputs in _managed(exported):
        yield urn, recorded_request(kind, outputs, resource_name(urn)).destination


def _managed(exported: Mapping[str, Any]) -> Iterator[tuple[str, ExportKind, dict[str, Any]]]:
    """Yield the URN, the kind and the decoded outputs of each export that the stack manages."""
    for resource in _resources(exported):
        outputs = resource.get("outputs") or {}
        if is_managed(outputs):
            secret_paths: list[str] = []
            decoded = _decode(outputs, "", secret_paths)
            decoded.setdefault(SECRET_INPUTS, secret_paths)
            yield resource["urn"], RESOURCE_TYPES[resource["type"]], decoded


def has_secrets(exported: Mapping[str, Any]) -> bool:
    """Return whether an output of an export is a secret."""
    return any(_SIGNATURE[0] in json.dumps(each.get("outputs")) for each in _resources(exported))


def _resources(exported: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in (exported.get("deployment") or {}).get("resources") or []:
        if resource["type"] in RESOURCE_TYPES and not resource.get("delete") and not resource.get("external"):
            yield resource


def _decode(value: Any, path: str, secret_paths: list[str]) -> Any:
    """Return a value of the state without the marks of secrets, and add the paths of these."""
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE[0]) == _SIGNATURE[1]:
            secret_paths.append(path)
            return json.loads(value["plaintext"])
        prefix = f"{path}." if path else ""
        return {name: _decode(inner, f"{prefix}{name}", secret_paths) for name, inner in value.items()}
    if isinstance(value, list):
        return [_decode(inner, path, secret_paths) for inner in value]
    return value
