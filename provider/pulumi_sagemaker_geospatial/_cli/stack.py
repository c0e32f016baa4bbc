"""A stack as Pulumi's own command line tells it: its config, and the exports in its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._export.stack_state import recorded_exports
from .._report.observation import DeclaredExport
from .._runtime.pulumi_cli import PulumiCommandError, run_pulumi
from .._runtime.urns import resource_name
from ..error_ids import ErrorId
from .failure import CommandError


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
    state = _run("stack", "export", "--show-secrets", "--stack", name)
    config = _run("config", "--json", "--show-secrets", "--stack", name)
    exports = tuple(DeclaredExport(resource_name(each.urn), each.state) for each in recorded_exports(state))
    if not exports:
        raise CommandError(
            f"the state of the stack {name} has no exports: run `pulumi up` first", ErrorId.STACK_NOT_READ
        )
    return Stack(name, {key: each.get("value") for key, each in config.items()}, exports)


def _run(*arguments: str) -> dict[str, Any]:
    try:
        value: dict[str, Any] = run_pulumi(*arguments)
    except PulumiCommandError as exc:
        raise CommandError(str(exc), ErrorId.STACK_NOT_READ) from exc
    return value
