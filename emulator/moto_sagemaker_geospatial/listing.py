"""Sorts and paginates the list of jobs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from .exceptions import ValidationException
from .jobs import Job

PAGE_SIZE = 20  # also the maximum of MaxResults
SORT_KEYS: dict[str, Callable[[Job], float | str]] = {
    "CreationTime": lambda job: job.creation_time.timestamp(),
    "Name": lambda job: job.name,
    "Status": lambda job: job.last_status,
}


def page(
    jobs: list[Job], size: int | None, next_token: str | None, sort_by: str, descending: bool
) -> tuple[list[Job], str | None]:
    """A page of the sorted jobs, and the token of the next page."""
    key = SORT_KEYS.get(sort_by)
    if key is None:
        raise ValidationException(f"Value '{sort_by}' at 'SortBy' must be one of {', '.join(SORT_KEYS)}.")
    entries = sorted(((key(job), job.arn, job) for job in jobs), key=lambda entry: entry[:2], reverse=descending)
    if next_token:  # where the previous page ended; its last job may have been deleted
        last = _decode(next_token, float if sort_by == "CreationTime" else str)
        entries = [entry for entry in entries if (entry[:2] < last if descending else entry[:2] > last)]
    selected = entries[: size or PAGE_SIZE]
    has_more = len(selected) < len(entries)
    token = base64.urlsafe_b64encode(json.dumps(selected[-1][:2]).encode()).decode() if has_more else None
    return [job for _, _, job in selected], token


def _decode(next_token: str, key_type: type) -> tuple[Any, str]:
    """The sort key and ARN of the previous page's last job."""
    try:
        value, arn = json.loads(base64.urlsafe_b64decode(next_token.encode()))
        if type(value) is not key_type:
            raise TypeError(f"the list is not sorted by a {type(value).__name__}")
    except (ValueError, TypeError):
        raise ValidationException("Value at 'NextToken' is not a token that this list has returned.") from None
    return value, str(arn)
