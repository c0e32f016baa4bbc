"""A stack as Pulumi's own command line tells it: its config, and the exports in its state."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._declaration import RESOURCE_TYPES
from .._export.state import ExportState, is_managed
from .._geospatial.kinds import ExportKind
from .._geospatial.request import SECRET_INPUTS
from .._report.observation import DeclaredExport
from .._runtime.urns import resource_name
from .failure import CommandError

#: The key and the value that mark a secret in a state.
_SIGNATURE = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")


@dataclass(frozen=True)
class Stack:
    """A stack's config by key, and the exports that it manages."""

    name: str
    config: Mapping[str, Any]
    exports: tuple[DeclaredExport, ...]


def read_stack(name: str) -> Stack:
    """Return a stack of the project in this directory.

    Raises:
        CommandError: there is no such stack, or its state has no exports.
        StateError: the state of an export is damaged.
    """
    state = _run_pulumi("stack", "export", "--show-secrets", "--stack", name)
    config = _run_pulumi("config", "--json", "--show-secrets", "--stack", name)
    exports = tuple(_exports((state.get("deployment") or {}).get("resources") or []))
    if not exports:
        raise CommandError(f"the state of the stack {name} has no exports: run `pulumi up` first")
    return Stack(name, {key: each.get("value") for key, each in config.items()}, exports)


def _exports(resources: list[Mapping[str, Any]]) -> Iterator[DeclaredExport]:
    for resource in resources:
        kind = RESOURCE_TYPES.get(resource["type"])
        if kind is None or resource.get("delete") or resource.get("external"):
            continue
        outputs = resource.get("outputs") or {}
        if is_managed(outputs):
            yield _export(kind, resource_name(resource["urn"]), outputs)


def _export(kind: ExportKind, name: str, outputs: Mapping[str, Any]) -> DeclaredExport:
    secret_paths: list[str] = []
    decoded = _decode(outputs, "", secret_paths)
    decoded.setdefault(SECRET_INPUTS, secret_paths)
    return DeclaredExport(name, ExportState.from_outputs(kind, decoded, name))


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


def _run_pulumi(*arguments: str) -> dict[str, Any]:
    command = ["pulumi", *arguments, "--non-interactive"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as exc:
        raise CommandError("there is no pulumi on PATH: install Pulumi's command line") from exc
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        reason = next((line for line in lines if line.startswith("error:")), lines[-1])
        raise CommandError(f"`pulumi {' '.join(arguments[:2])}` failed: {reason.removeprefix('error:').strip()}")
    try:
        value: dict[str, Any] = json.loads(done.stdout)
    except ValueError as exc:
        raise CommandError(f"`pulumi {' '.join(arguments[:2])}` printed no JSON") from exc
    return value
