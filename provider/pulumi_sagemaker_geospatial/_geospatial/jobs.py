"""The account's Earth observation jobs, listed while the program runs, so that a few lines declare an export for each.

The call imports boto3; importing this module does not.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ListEarthObservationJobs.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any

import pulumi
from pulumi.runtime import get_config

from .._runtime.pages import read_pages
from .responses import require_text

LIST_OPERATION = "ListEarthObservationJobs"
#: Seconds that a listing may take, retries included.
LISTING_TIMEOUT = 600.0


@dataclass(frozen=True)
class EarthObservationJob:
    """An Earth observation job, as the service lists it."""

    arn: str
    """The ARN, which `ExportEarthObservationJob` takes as ``arn``."""
    name: str
    """The name that the job was started with; several jobs may have the same."""
    status: str
    """The status, such as ``COMPLETED``."""
    operation_type: str
    """The operation that the job runs, in the service's spelling."""
    creation_time: datetime
    """When the job was started, in UTC."""
    duration_in_seconds: int
    """How long the job has run, in seconds."""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The job's tags."""

    @property
    def id(self) -> str:
        """The last part of the ARN. It is unique in the account, and names the folder that exports write to."""
        return self.arn.rpartition("/")[2]


def completed_earth_observation_jobs(
    region: str = "us-west-2",
    *,
    name_prefix: str | None = None,
    tags: Mapping[str, str] | None = None,
    created_after: date | str | None = None,
    created_before: date | str | None = None,
    operation_type: str | None = None,
    status: str | None = "COMPLETED",
) -> list[EarthObservationJob]:
    """List the account's Earth observation jobs while the program runs, also at `pulumi preview`.

    To declare an export for each of them:

        for job in completed_earth_observation_jobs():
            ExportEarthObservationJob(f"{job.name}-{job.id}", arn=job.arn, execution_role_arn=ROLE,
                                      output_config={"s3_data": {"s3_uri": "s3://BUCKET/PREFIX/"}})

    Credentials and endpoints come from the stack's ``aws:`` config (profile, keys, roles, endpoints, allowed accounts,
    secrets included) and the standard AWS settings, as for the exports. The caller needs
    sagemaker-geospatial:ListEarthObservationJobs. botocore retries throttling and transient faults (``aws:maxRetries``,
    default 4); after those that it leaves, and after a page that is none of a listing, all is listed again, up to five times.

    :param region: The region to list. Default us-west-2, the only one that the service is available in.
    :param name_prefix: Only jobs whose name begins with this, case-sensitive. Default: all.
    :param tags: Only jobs that have all of these tags with these values. Default: all.
    :param created_after: Only jobs that were started at this time or later: a datetime, a date, or ISO 8601 such as
        ``2023-01-31`` or ``2023-01-31T12:00:00Z``; UTC without a time zone. Default: all.
    :param created_before: Only jobs that were started before this time. Default: all.
    :param operation_type: Only jobs of this type, such as ``LAND_COVER_SEGMENTATION``; case and underscores do not
        matter. Default: all.
    :param status: Only jobs with this status. Default ``COMPLETED``, as no other can be exported; None: all.

    Returns the jobs in the order of their creation time, then of their ARN.

    Raises:
        ServiceCallError: the service refused, did not answer, answered something else, or signing in failed.
        WrongAccountError: the stack's config does not allow the credentials' account; nothing was listed.
        pulumi.RunError: a filter is of another type, or a time is not ISO 8601.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ListEarthObservationJobs.html
    """
    selects = _filter(name_prefix, tags, created_after, created_before, operation_type)
    # By ARN: a job may move from one page to the next while they are read.
    found = {job.arn: job for job in _fetch_jobs(region, status) if selects(job)}
    if not found:
        pulumi.log.warn(
            f"no Earth observation job in {region} has the status {status or 'of any kind'} and matches the filter"
        )
    return sorted(found.values(), key=lambda job: (job.creation_time, job.arn))


def _filter(
    name_prefix: str | None,
    tags: Mapping[str, str] | None,
    created_after: date | str | None,
    created_before: date | str | None,
    operation_type: str | None,
) -> Callable[[EarthObservationJob], bool]:
    """Return whether a job is selected. Raises pulumi.RunError for a filter of another type."""
    _require_strings(
        name_prefix=name_prefix, operation_type=operation_type, **{f"tags.{name}": value for name, value in _tags(tags)}
    )
    after, before = _parse_time("created_after", created_after), _parse_time("created_before", created_before)
    wanted_type = _normalize_operation_type(operation_type)

    def selects(job: EarthObservationJob) -> bool:
        return (
            job.name.startswith(name_prefix or "")
            and (tags or {}).items() <= job.tags.items()
            and (after is None or job.creation_time >= after)
            and (before is None or job.creation_time < before)
            and (operation_type is None or _normalize_operation_type(job.operation_type) == wanted_type)
        )

    return selects


def _fetch_jobs(region: str, status: str | None) -> Iterator[EarthObservationJob]:
    from .._runtime.aws_errors import CALL_ERRORS, describe_error
    from .._runtime.aws_session import AwsSession
    from .._runtime.calls import DaemonCallRunner
    from .._runtime.clock import MonotonicClock
    from .._runtime.context import OperationContext
    from .._runtime.rate_limiter import Unlimited
    from .._runtime.retry import call_with_retries
    from .error_rules import service_error

    clock = MonotonicClock()
    ctx = OperationContext(deadline=clock.now() + LISTING_TIMEOUT, clock=clock)
    doing, runner = f"listing the Earth observation jobs of {region}", DaemonCallRunner()
    client = AwsSession(get_config, runner, Unlimited(), pulumi.log.warn).client("sagemaker-geospatial", region, ctx)

    def fetch_page(parameters: dict[str, str]) -> Mapping[str, Any]:
        # The oldest first: jobs that are started meanwhile come last, and move no others to another page.
        page: Mapping[str, Any] = client.list_earth_observation_jobs(
            SortBy="CreationTime", SortOrder="ASCENDING", **({"StatusEquals": status} if status else {}), **parameters
        )
        return page

    def fetch() -> list[EarthObservationJob]:
        pages = read_pages(fetch_page, _next_parameters)
        return [_parse_job(summary) for page in pages for summary in page["EarthObservationJobSummaries"]]

    try:
        yield from call_with_retries(ctx, lambda: runner.run(ctx, doing, fetch))
    except CALL_ERRORS as exc:
        raise service_error(doing, describe_error(exc), str, f"sagemaker-geospatial:{LIST_OPERATION}") from exc


def _next_parameters(page: Mapping[str, Any]) -> dict[str, str]:
    token = page.get("NextToken")
    return {} if token is None else {"NextToken": require_text(token)}


def _parse_job(summary: Mapping[str, Any]) -> EarthObservationJob:
    return EarthObservationJob(
        arn=require_text(summary["Arn"]),
        name=require_text(summary["Name"]),
        status=require_text(summary["Status"]),
        operation_type=require_text(summary["OperationType"]),
        creation_time=summary["CreationTime"].astimezone(timezone.utc),
        duration_in_seconds=int(summary["DurationInSeconds"]),
        tags=dict(summary.get("Tags") or {}),
    )


def _normalize_operation_type(operation_type: str | None) -> str:
    return (operation_type or "").replace("_", "").upper()


def _tags(tags: Any) -> Iterable[tuple[Any, Any]]:
    if tags is not None and not isinstance(tags, Mapping):
        raise pulumi.RunError(f"tags must be an object of names and values, not {tags!r}")
    return (tags or {}).items()


def _require_strings(**strings: Any) -> None:
    for argument, given in strings.items():
        if given is not None and not isinstance(given, str):
            raise pulumi.RunError(f"{argument} must be a string, not {given!r}: in YAML, write it in quotes")


def _parse_time(argument: str, given: date | str | None) -> datetime | None:
    if given is None:
        return None
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day)
    if not isinstance(given, (datetime, str)):
        raise pulumi.RunError(f"{argument} must be a time such as 2023-01-31T12:00:00Z, not {given!r}")
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given.replace("Z", "+00:00"))
        except ValueError as exc:
            raise pulumi.RunError(f"{argument} must be a time such as 2023-01-31T12:00:00Z, not {given!r}") from exc
    return given if given.tzinfo else given.replace(tzinfo=timezone.utc)
