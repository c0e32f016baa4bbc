"""Schema validation plus cross-resource checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._geospatial.kinds import ExportKind
from .._geospatial.request import ExportRequest
from .._runtime.urns import resource_name
from ..error_ids import ErrorId
from .diff import changed_paths
from .inputs import REPLACE_ON_CHANGES, has_unknown, normalize_inputs
from .registry import DeclarationRegistry
from .validation import ValidationError, validation_errors


def check_inputs(
    kind: ExportKind, registry: DeclarationRegistry, urn: str, olds: Mapping[str, Any], news: Mapping[str, Any]
) -> tuple[dict[str, Any], list[ValidationError]]:
    """Return normalized inputs, and what is wrong with them."""
    errors = [(name, ErrorId.INVALID_PROPERTY.mark(reason)) for name, reason in validation_errors(kind, news)]
    inputs = normalize_inputs(news)
    if not errors:
        errors = [
            *_reused_token(olds, inputs),
            *_duplicate_token(registry, urn, inputs),
            *_duplicate_destination(kind, registry, urn, inputs),
        ]
    if olds.get("arn"):
        registry.mark_existing(declaration_key(urn, inputs))
    return inputs, errors


def declaration_key(urn: str, inputs: Mapping[str, Any]) -> str:
    """Return the URN, or, where a version of the SDK does not tell it, what is declared."""
    return urn or str({name: inputs.get(name) for name in REPLACE_ON_CHANGES})


def _reused_token(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[ValidationError]:
    token = inputs.get("client_token")
    if not token or has_unknown(token) or olds.get("client_token") != token:
        return []
    changed = [
        path
        for path in changed_paths(olds, inputs, REPLACE_ON_CHANGES)
        if not has_unknown(inputs.get(path.partition(".")[0]))
    ]
    if not changed:
        return []
    reason = f"must change when {', '.join(changed)} changes; a token identifies one export"
    return [("client_token", ErrorId.CLIENT_TOKEN_NOT_CHANGED.mark(reason))]


def _duplicate_token(registry: DeclarationRegistry, urn: str, inputs: Mapping[str, Any]) -> list[ValidationError]:
    token = inputs.get("client_token")
    if not urn or not token or has_unknown(token):
        return []
    other = registry.claim_token(urn, token)
    if other is None:
        return []
    reason = f"is already used by {resource_name(other)}; a token identifies one export"
    return [("client_token", ErrorId.DUPLICATE_CLIENT_TOKEN.mark(reason))]


def _duplicate_destination(
    kind: ExportKind, registry: DeclarationRegistry, urn: str, inputs: Mapping[str, Any]
) -> list[ValidationError]:
    if not urn or has_unknown([inputs["arn"], inputs["output_config"]]):
        return []
    request = ExportRequest.from_properties(kind, {"execution_role_arn": "", **inputs})
    other = registry.claim_destination(urn, request.destination)
    if other is None:
        return []
    reason = (
        f"{resource_name(other)} already exports to this folder or to one around or inside it: "
        f"{resource_name(urn)} and {resource_name(other)} would overwrite each other"
    )
    return [("output_config.s3_data.s3_uri", ErrorId.OVERLAPPING_DESTINATIONS.mark(reason))]
