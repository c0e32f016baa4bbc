"""The jobs of an account, of either kind, as the service lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .._runtime.pages import Parameters
from .arns import job_id
from .kinds import ExportKind
from .responses import require_text


@dataclass(frozen=True)
class JobSummary:
    """A job as a listing tells it; ``type`` is the operation that it runs, in the service's spelling."""

    kind: ExportKind
    arn: str
    name: str
    status: str
    type: str
    created: datetime

    @property
    def id(self) -> str:
        """The last part of the ARN."""
        return job_id(self.arn)


@dataclass(frozen=True)
class JobPage:
    """A page of a listing; ``following`` are the parameters of the next one, of which the last has none."""

    jobs: tuple[JobSummary, ...]
    following: Parameters


def parse_job_page(kind: ExportKind, page: Mapping[str, Any]) -> JobPage:
    """Return the fields of a page. Raises KeyError, TypeError, ValueError or AttributeError where it is none."""
    return JobPage(tuple(_parse(kind, each) for each in page[kind.summaries_field]), next_page(page))


def next_page(page: Mapping[str, Any]) -> Parameters:
    """Return the parameters of the page after this one; the last has none. Raises TypeError where the token is none."""
    token = page.get("NextToken")
    return {} if token is None else {"NextToken": require_text(token)}


def _parse(kind: ExportKind, summary: Mapping[str, Any]) -> JobSummary:
    return JobSummary(
        kind=kind,
        arn=require_text(summary["Arn"]),
        name=require_text(summary["Name"]),
        status=require_text(summary["Status"]),
        type=require_text(summary["OperationType"] if "OperationType" in summary else summary["Type"]),
        created=summary["CreationTime"].astimezone(timezone.utc),
    )
