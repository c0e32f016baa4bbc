"""An export as it was declared, and how its creation begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .._geospatial.kinds import ExportKind
from .._geospatial.request import ExportRequest
from .token import derived_token


@dataclass(frozen=True)
class ExportSpec:
    """A declared export.

    Attributes:
        token: the client token in the program; None for a derived one.
    """

    request: ExportRequest
    triggers: Any = None
    token: str | None = None
    wait_for_completion: bool = True
    verify_objects: bool = True
    save_job_metadata: bool = False

    @classmethod
    def from_inputs(cls, kind: ExportKind, inputs: Mapping[str, Any]) -> ExportSpec:
        """Return what validated inputs declare."""
        return cls(
            request=ExportRequest.from_properties(kind, inputs),
            triggers=inputs.get("triggers"),
            token=inputs.get("client_token"),
            wait_for_completion=inputs.get("wait_for_completion") is not False,
            verify_objects=inputs.get("verify_objects") is not False,
            save_job_metadata=inputs.get("save_job_metadata") is True,
        )

    def token_of(self, attempt: int) -> str:
        """Return the client token of an attempt."""
        return self.token or derived_token(self.request, self.triggers, attempt)

    def with_other_spelling(self) -> ExportSpec:
        """Return the same export with a slash at the end of its destination, or without one: it has other tokens."""
        return replace(self, request=self.request.with_other_spelling())

    @property
    def spelling(self) -> str:
        """What identifies the declaration as it is spelled."""
        return derived_token(self.request, self.triggers, 0)


@dataclass(frozen=True)
class CreatePlan:
    """How the creation of an export begins.

    Attributes:
        attempt: the number of the first attempt, from which the token is derived.
        may_adopt: whether an export that has SUCCEEDED before may be adopted.
        newer_than: with ``may_adopt``: only one that was started after this time.
    """

    attempt: int = 0
    may_adopt: bool = True
    newer_than: datetime | None = None

    def accepts(self, created: datetime) -> bool:
        """Return whether an export that was started at this time, and has SUCCEEDED, may be adopted."""
        return self.may_adopt and (self.newer_than is None or created.replace(microsecond=0) > self.newer_than)

    def was_written_by_export(self, modified: datetime, created: datetime) -> bool:
        """Return whether an object was certainly written after the export was started at ``created``.

        S3 tells whole seconds. An object of the second of the start is the export's only where it is known that no earlier
        export wrote in that second too.
        """
        start = created.replace(microsecond=0)
        earliest = datetime.min.replace(tzinfo=modified.tzinfo)
        earlier_end = self.newer_than if self.newer_than or not self.may_adopt else earliest
        return modified > start or (modified == start and earlier_end is not None and earlier_end < start)


def plan_replacement(
    *,
    attempt: int,
    succeeded: bool,
    created: datetime,
    newest: datetime | None,
    another_token: bool,
    another_request: bool,
) -> CreatePlan:
    """Return how the replacement of a recorded export begins.

    - Another client token in the program is another export, even an old one.
    - Another request, or other triggers, have tokens of their own, whose attempts begin at 0 as for a first creation.
    - The same declaration exports anew: the attempt after the recorded one. A run that was killed during the same
      replacement has started an export that is newer than the record, and is joined.
    - Where the recorded export was never proven to have SUCCEEDED, its own attempt's token is asked first.
    """
    if another_token:
        return CreatePlan()
    times = [time for time in (newest, created) if time is not None]
    if another_request:
        return CreatePlan(attempt=0, newer_than=max(times))
    if not succeeded:
        return CreatePlan(attempt=attempt, newer_than=_just_before(created))
    return CreatePlan(attempt=attempt + 1, newer_than=max(times))


def _just_before(created: datetime) -> datetime:
    return created.replace(microsecond=0) - timedelta(seconds=1)
