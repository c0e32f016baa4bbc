"""Process-wide registry that correlates engine calls (read, check, diff, create, delete) for one resource, and resources.

Which attempt a replacement begins with is known to `diff` alone, and needed by `create`. Whether two declarations are the
same export, or whether another export holds a destination, is known only when all calls are seen together.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from .._runtime.s3_objects import Folder, S3Object
from .spec import CreatePlan, ExportSpec
from .state import ExportState

Key = TypeVar("Key")


@dataclass(frozen=True)
class Adoption:
    """An export that was adopted in this run: when it was started, and everything that was at its destination."""

    urn: str
    created: datetime
    objects: Sequence[S3Object]


class DeclarationRegistry:
    """What is known of the resources of this process, by URN."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: dict[str, CreatePlan] = {}
        self._destinations: dict[Folder, str] = {}
        self._tokens: dict[str, str] = {}
        self._written: dict[Folder, str] = {}
        self._adopted: dict[Folder, Adoption] = {}
        self._records: dict[Folder, dict[str, ExportState]] = {}
        self._spellings: set[str] = set()
        self._resigned: set[str] = set()
        self._heirs: dict[Folder, str] = {}

    def claim_destination(self, urn: str, destination: Folder) -> str | None:
        """Record that a declaration exports to a folder, and return the URN of another one whose folder overlaps it."""
        with self._lock:
            other = next(self._overlapping_declarations(urn, destination), None)
            return other or _find_conflict(self._destinations, destination, urn)

    def claim_token(self, urn: str, token: str) -> str | None:
        """Record that a declaration has a client token of the user's, and return the URN of another one that has it."""
        with self._lock:
            return _find_conflict(self._tokens, token, urn)

    def mark_existing(self, urn: str) -> None:
        """Record that the resource is in the state: if it is replaced without a diff, no earlier export is adopted."""
        with self._lock:
            self._plans.setdefault(urn, CreatePlan(may_adopt=False))

    def set_create_plan(self, urn: str, plan: CreatePlan) -> None:
        """Record how a replacement of the resource would begin."""
        with self._lock:
            self._plans[urn] = plan

    def pop_create_plan(self, urn: str) -> CreatePlan:
        """Return how the creation of this resource begins. A first one adopts what is there."""
        with self._lock:
            return self._plans.pop(urn, CreatePlan())

    def record_write(self, urn: str, destination: Folder) -> None:
        """Record that an export was started or adopted in a folder: no other resource may delete there in this run."""
        with self._lock:
            self._written[destination] = urn

    def has_written(self, urn: str) -> bool:
        """Return whether this run has created an export of the resource."""
        with self._lock:
            return urn in self._written.values()

    def find_owner(self, urn: str, destination: Folder) -> str | None:
        """Return the URN whose export holds a folder that the resource ``urn`` is about to delete."""
        with self._lock:
            written = _overlapping(self._written, destination)
            return next(chain(written, self._overlapping_declarations(urn, destination)), None)

    def resign(self, urn: str, folder: Folder, others: Sequence[str], reason_to_keep: str | None) -> str | None:
        """Record that a record of a folder is deleted, and return why the objects stay; None where they may be deleted.

        ``others``: what else held the folder before this run. The last one of them that is deleted deletes the objects,
        if one of them may: so `destroy` of all deletes them, and `destroy --target` of one does not.
        """
        with self._lock:
            self._resigned.add(urn)
            if reason_to_keep and self._heirs.get(folder) != urn:
                return reason_to_keep
            holder = next((other for other in others if other not in self._resigned), None)
            if holder is None:
                return None
            self._heirs[folder] = holder
            return f"{holder} uses the same destination"

    def _overlapping_declarations(self, urn: str, destination: Folder) -> Iterator[str]:
        """Yield the URNs of other declarations whose folder overlaps this one. The caller holds the lock."""
        return (owner for owner in _overlapping(self._destinations, destination) if owner != urn)

    def record_adoption(self, destination: Folder, adoption: Adoption) -> None:
        """Record that an earlier export was adopted for a resource."""
        with self._lock:
            self._adopted[destination] = adoption

    def adoption_at(self, destination: Folder) -> Adoption | None:
        """Return the export that was adopted at a destination in this run."""
        with self._lock:
            return self._adopted.get(destination)

    def record_state(self, urn: str, state: ExportState) -> None:
        """Record what a resource's state says, and that the resource exists."""
        with self._lock:
            self._records.setdefault(state.folder, {})[urn] = state

    def states_at(self, destination: Folder) -> dict[str, ExportState]:
        """Return the recorded states of resources that have exported to a destination, by URN."""
        with self._lock:
            return dict(self._records.get(destination, {}))

    def record_spelling(self, recorded: ExportSpec) -> None:
        """Record how the state spells a declaration, as a read or a diff has shown it."""
        with self._lock:
            self._spellings.add(recorded.spelling)

    def as_recorded(self, spec: ExportSpec) -> ExportSpec:
        """Return a declaration in the spelling that the state is known to have: its tokens are those that were sent."""
        other = spec.with_other_spelling()
        with self._lock:
            is_other = other.spelling in self._spellings and spec.spelling not in self._spellings
        return other if is_other else spec

    def forget(self, urn: str) -> None:
        """Record that the resource is gone."""
        with self._lock:
            self._plans.pop(urn, None)


def _overlapping(holders: dict[Folder, str], folder: Folder) -> Iterator[str]:
    return (owner for other, owner in holders.items() if folder.overlaps(other))


def _find_conflict(holders: dict[Key, str], key: Key, urn: str) -> str | None:
    """Return who else holds the key; if nobody does, this URN holds it from now on, and no other key."""
    other = holders.setdefault(key, urn)
    if other != urn:
        return other
    for stale in [each for each, holder in holders.items() if holder == urn and each != key]:
        del holders[stale]
    return None
