"""How the replacement of a recorded export begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._geospatial.kinds import ExportKind
from .diff import ExportDiff
from .spec import CreatePlan, plan_replacement
from .state import ExportState


def plan_from_state(state: ExportState, *, another_token: bool = False, another_request: bool = False) -> CreatePlan:
    """Return how a replacement of the recorded export begins."""
    return plan_replacement(
        attempt=state.attempt,
        succeeded=state.status == "SUCCEEDED",
        created=state.created,
        newest=state.manifest.newest if state.manifest else None,
        another_token=another_token,
        another_request=another_request,
    )


def plan_from_diff(
    kind: ExportKind, olds: Mapping[str, Any], news: Mapping[str, Any], diff: ExportDiff, resource: str
) -> CreatePlan:
    """Return how a replacement that a diff asks for begins.

    Raises:
        StateError: the recorded outputs are damaged.
    """
    token = news.get("client_token")
    return plan_from_state(
        ExportState.from_outputs(kind, olds, resource),
        another_token=bool(token) and token != olds.get("client_token"),
        another_request=diff.another_request,
    )
