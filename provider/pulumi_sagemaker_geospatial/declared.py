"""What this run declares, as far as one call of the engine has to know it of another.

The engine asks `check`, `diff`, `check`, `create` and `delete` of one resource in one process. Which attempt a replacement
begins with is known to `diff` alone, and needed by `create`; that two declarations are one, or that a place is held by
another export, is known only when all calls are seen together.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True)
class Plan:
    """Which export is wanted.

    ``attempt``: where the derived token's numbering begins. ``adopt``: whether an export that has SUCCEEDED before may be
    taken for it; with ``newer_than``, only one that was started after that time.
    """

    attempt: int = 0
    adopt: bool = True
    newer_than: datetime | None = None

    def takes(self, created: datetime) -> bool:
        return self.adopt and (self.newer_than is None or created.replace(microsecond=0) > self.newer_than)

    def is_newer(self, modified: datetime, created: datetime) -> bool:
        """Whether an object was surely written by the export that was started then, and not by the one before.

        S3 tells whole seconds. Within the second of the start, an object is ours only where it is known that nothing of
        the export before was written in that second too.
        """
        start = created.replace(microsecond=0)
        before = self.newer_than if self.newer_than or not self.adopt else datetime.min.replace(tzinfo=modified.tzinfo)
        return modified > start or (modified == start and before is not None and before < start)


class Declared:
    """The declarations of this process, by URN."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: dict[str, Plan] = {}
        self._places: dict[tuple[str, str], str] = {}
        self._tokens: dict[str, str] = {}
        self._made: dict[tuple[str, str], str] = {}

    def place(self, urn: str, place: tuple[str, str]) -> str | None:
        """Note that a declaration exports to a place; the URN of another one that does so too."""
        with self._lock:
            return _other(self._places, place, urn)

    def token(self, urn: str, token: str) -> str | None:
        """Note that a declaration has a client token of the user's; the URN of another one that has it too."""
        with self._lock:
            return _other(self._tokens, token, urn)

    def exists(self, urn: str) -> None:
        """The resource is in the state; if it is replaced without a `diff`, nothing old may be taken for the new export."""
        with self._lock:
            self._plans[urn] = Plan(adopt=False)

    def compared(self, urn: str, replacement: Plan) -> None:
        """`diff` has seen the state: how a replacement would begin."""
        with self._lock:
            self._plans[urn] = replacement

    def plan(self, urn: str) -> Plan:
        """How the creation of this resource begins; a first one adopts what is there."""
        with self._lock:
            return self._plans.pop(urn, Plan())

    def made(self, urn: str, place: tuple[str, str]) -> None:
        """An export was started or adopted in a place: nobody else may delete there in this run."""
        with self._lock:
            self._made[place] = urn

    def held(self, urn: str, place: tuple[str, str]) -> str | None:
        """The URN for which a place must be left alone, by a resource that is deleted."""
        with self._lock:
            made = [who for other, who in self._made.items() if _overlap(place, other)]
            holders = [who for other, who in self._places.items() if _overlap(place, other) and who != urn]
            return next(iter([*made, *holders]), None)


def _other(holders: dict[Key, str], key: Key, urn: str) -> str | None:
    """Who else holds this; nobody: then it is held by this URN from now on, and no other key is."""
    other = holders.setdefault(key, urn)
    if other != urn:
        return other
    for stale in [each for each, holder in holders.items() if holder == urn and each != key]:
        del holders[stale]
    return None


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    # A place may lie in another one: an export to below the folder that another one has written.
    return one[0] == other[0] and (one[1].startswith(other[1]) or other[1].startswith(one[1]))


def replacement(
    attempt: int, newest: datetime | None, created: datetime | None, another_token: bool, another_request: bool
) -> Plan:
    """A replacement exports anew: the attempt after the one in the state, and nothing that is older than the state's.

    Another request, or other triggers, have a token of their own, whose attempts begin at 0 as they do for a first
    creation: who has lost the record, or has another name for it, asks for them in the same order and finds the export.

    A run that was killed in the middle of the same replacement has started an export that is newer, and is joined. Another
    client token of the user's names an export by itself, be it old.
    """
    if another_token:
        return Plan()
    known = [moment for moment in (newest, created) if moment is not None]
    return Plan(attempt=0 if another_request else attempt + 1, newer_than=max(known) if known else None)
