"""The client token of a declaration, which is derived from its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .._geospatial.kinds import ExportKind
from .._geospatial.request import ExportRequest


def derived_token(request: ExportRequest, triggers: Any, attempt: int) -> str:
    """Return the client token of a declaration (55 characters; the API allows 36 to 64).

    It is the same on every machine and Python version. It is users' state: a change of this function re-exports everything.
    """
    content = {**request.parameters(), "triggers": _canonical(triggers), "attempt": attempt}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "pulumi-" + hashlib.sha256(text.encode()).hexdigest()[:48]


def client_token(kind: ExportKind, outputs: Mapping[str, Any]) -> str:
    """Return the token that an export in the state was started with: the user's, or the derived one."""
    given: str | None = outputs.get("client_token")
    if given:
        return given
    request = ExportRequest.from_properties(kind, outputs)
    return derived_token(request, outputs.get("triggers"), int(outputs.get("__attempt") or 0))


def _canonical(value: Any) -> Any:
    # Pulumi transfers every number as a double: 1 and 1.0 are the same value, written as 1.
    if isinstance(value, Mapping):
        return {str(name): _canonical(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
