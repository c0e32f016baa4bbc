"""Upgrades of state files that older versions have written: each to the next format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .kinds import EARTH_OBSERVATION

FORMAT = 3


def _regions(accounts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for account in accounts.values():
        yield from account["geospatial"].values()


def _upgrade_format_1(accounts: dict[str, Any]) -> None:
    """Rename the fields that format 1 had under other names."""
    for job in (job for region in _regions(accounts) for job in region["jobs"]):
        job["pinned_status"] = job.pop("held")
        for state in (job, *job["exports"]):
            state["entered_at"] = state.pop("since")


def _upgrade_format_2(accounts: dict[str, Any]) -> None:
    """Give the client tokens to Earth observation jobs: format 2 had no others."""
    for region in _regions(accounts):
        for name in ("tokens", "job_tokens"):
            region[name] = {EARTH_OBSERVATION.resource: region[name]}


_UPGRADES: dict[int, Callable[[dict[str, Any]], None]] = {1: _upgrade_format_1, 2: _upgrade_format_2}


def can_be_read(file_format: object) -> bool:
    """Whether this version reads a file of this format."""
    return file_format == FORMAT or file_format in _UPGRADES


def upgrade(file_format: Any, accounts: dict[str, Any]) -> None:
    """Change the accounts of a file to the present format."""
    for number in range(file_format, FORMAT):
        _UPGRADES[number](accounts)
