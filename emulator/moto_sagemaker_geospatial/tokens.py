"""Client tokens: which export a token belongs to, by the `tokens` setting."""

from __future__ import annotations

from datetime import datetime, timedelta

from .control import control
from .exceptions import ConflictException, ValidationException
from .jobs import TERMINAL_STATUSES, Export, ExportRequest


def replay(tokens: dict[str, Export], token: str | None, request: ExportRequest, now: datetime) -> Export | None:
    """The export that a token has started; None if the request starts one. A forgotten token is removed from `tokens`."""
    export = tokens.get(token) if token else None
    if token is None or export is None:
        return None
    mode, ended = control.settings.tokens, export.last_status in TERMINAL_STATUSES
    if mode == "forget":
        lifetime = timedelta(seconds=control.settings.token_lifetime)
        if now - export.creation_time >= lifetime if lifetime else ended:
            del tokens[token]
            return None
    if export.request.idempotency_parameters() != request.idempotency_parameters():
        raise token_differs(token)
    if mode in ("error", "conflict") and ended:
        refusal = ConflictException if mode == "conflict" else ValidationException
        raise refusal(f"Client token {token} was used already by an export that has {export.last_status}.")
    return export


def token_differs(token: str | None) -> ValidationException:
    return ValidationException(f"Client token {token} was used already with other parameters.")
