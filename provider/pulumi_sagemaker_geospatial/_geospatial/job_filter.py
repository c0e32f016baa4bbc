"""Which jobs of a listing a program asks for: by name, tags, time and type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timezone
from typing import Any, Protocol

from ..error_ids import ErrorId
from ..errors import ExportError


class ListedJob(Protocol):
    """What a filter looks at, and the attribute that has the job's type."""

    @property
    def name(self) -> str: ...
    @property
    def creation_time(self) -> datetime: ...
    @property
    def tags(self) -> Mapping[str, str]: ...


def job_filter(
    name_prefix: str | None,
    tags: Mapping[str, str] | None,
    created_after: date | str | None,
    created_before: date | str | None,
    **type_: str | None,
) -> Callable[[ListedJob], bool]:
    """Return whether a job is selected; ``type_``: the type that it has to have, by the name of its attribute.

    Raises ExportError for a filter of another type.
    """
    _require_strings(name_prefix=name_prefix, **type_, **{f"tags.{name}": value for name, value in _tags(tags)})
    after, before = _parse_time("created_after", created_after), _parse_time("created_before", created_before)
    [(attribute, wanted_type)] = type_.items()

    def selects(job: ListedJob) -> bool:
        return (
            job.name.startswith(name_prefix or "")
            and (tags or {}).items() <= job.tags.items()
            and (after is None or job.creation_time >= after)
            and (before is None or job.creation_time < before)
            and (wanted_type is None or _normalize_type(getattr(job, attribute)) == _normalize_type(wanted_type))
        )

    return selects


def _normalize_type(type_: str) -> str:
    return type_.replace("_", "").upper()


def _tags(tags: Any) -> Iterable[tuple[Any, Any]]:
    if tags is not None and not isinstance(tags, Mapping):
        raise _invalid(f"tags must be an object of names and values, not {tags!r}")
    return (tags or {}).items()


def _require_strings(**strings: Any) -> None:
    for argument, given in strings.items():
        if given is not None and not isinstance(given, str):
            raise _invalid(f"{argument} must be a string, not {given!r}: in YAML, write it in quotes")


def _parse_time(argument: str, given: date | str | None) -> datetime | None:
    if given is None:
        return None
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day)
    if not isinstance(given, (datetime, str)):
        raise _invalid(f"{argument} must be a time such as 2023-01-31T12:00:00Z, not {given!r}")
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given.replace("Z", "+00:00"))
        except ValueError as exc:
            raise _invalid(f"{argument} must be a time such as 2023-01-31T12:00:00Z, not {given!r}") from exc
    return given if given.tzinfo else given.replace(tzinfo=timezone.utc)


def _invalid(reason: str) -> ExportError:
    return ExportError(reason, ErrorId.INVALID_ARGUMENT)
