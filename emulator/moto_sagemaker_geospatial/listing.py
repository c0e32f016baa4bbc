"""The list of jobs: its order and its pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from .exceptions import ValidationException
from .jobs import EarthObservationJob

PAGE = 20  # also the most that MaxResults may ask for
SORT_KEYS: dict[str, Callable[[EarthObservationJob], float | str]] = {
    "CreationTime": lambda job: job.creation_time.timestamp(),
    "Name": lambda job: job.name,
    "Status": lambda job: str(job._status),
}


def page(
    jobs: list[EarthObservationJob], size: int | None, next_token: str | None, sort_by: str, descending: bool
) -> tuple[list[EarthObservationJob], str | None]:
    """A page of the jobs in order, and the token of the next one."""
    key = SORT_KEYS.get(sort_by)
    if key is None:
        raise ValidationException(f"Value '{sort_by}' at 'SortBy' must be one of {', '.join(SORT_KEYS)}.")
    places = sorted(((key(job), job.arn, job) for job in jobs), key=lambda place: place[:2], reverse=descending)
    if next_token:  # the place where the page before ended, whether its job is still there or not
        last = _place(next_token, float if sort_by == "CreationTime" else str)
        places = [place for place in places if (place[:2] < last if descending else place[:2] > last)]
    found = places[: size or PAGE]
    more = len(found) < len(places)
    token = base64.urlsafe_b64encode(json.dumps(found[-1][:2]).encode()).decode() if more else None
    return [job for _, _, job in found], token


def _place(next_token: str, kind: type) -> tuple[Any, str]:
    """What a page's token says: sort key and ARN of the page's last job."""
    try:
        value, arn = json.loads(base64.urlsafe_b64decode(next_token.encode()))
        if type(value) is not kind:
            raise TypeError(f"the list is not sorted by a {type(value).__name__}")
    except (ValueError, TypeError):
        raise ValidationException("Value at 'NextToken' is not a token that this list has returned.") from None
    return value, str(arn)
