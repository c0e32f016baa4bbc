"""The account's jobs, listed while the program runs, so that a few lines declare an export for each.

The calls import boto3; importing this module does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import get_config

from .._runtime.pages import read_pages
from .job_filter import job_filter
from .job_summaries import next_page
from .kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT, ExportKind
from .responses import require_text
from .statuses import EXPORTABLE_JOB_STATUSES, PENDING_JOB_STATUSES

#: Seconds that a listing may take, retries included.
LISTING_TIMEOUT = 600.0


class _Job:
    """What the jobs of all kinds have in common."""

    arn: str
    name: str
    status: str
    creation_time: datetime
    tags: Mapping[str, str]

    @property
    def id(self) -> str:
        """The last part of the ARN. It is unique in the account, and names the folder that exports write to."""
        return self.arn.rpartition("/")[2]

    @property
    def not_exportable(self) -> str | None:
        """Why the job cannot be exported, such as ``the job is FAILED: it has no results``; None where it can."""
        if self.status in EXPORTABLE_JOB_STATUSES:
            return None
        if self.status in PENDING_JOB_STATUSES:
            return f"the job is {self.status}: it can be exported when it is COMPLETED"
        return f"the job is {self.status}: it has no results to export"


Job = TypeVar("Job", bound=_Job)


class JobList(list[Job]):
    """The jobs that were asked for, and beside them those that match the filter and cannot be exported."""

    def __init__(self, jobs: Iterable[Job], not_exportable: Iterable[Job]) -> None:
        """Make the list, which a program does not do itself.

        :param jobs: The jobs that were asked for.
        :param not_exportable: The jobs that match the filter and cannot be exported.
        """
        super().__init__(jobs)
        self.not_exportable: list[Job] = list(not_exportable)
        """The jobs that match the filter and are not COMPLETED, whatever ``status`` was asked for, in the same order.
        Each has its reason as ``not_exportable``. A deleted job is not listed by the service."""


@dataclass(frozen=True)
class EarthObservationJob(_Job):
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


@dataclass(frozen=True)
class VectorEnrichmentJob(_Job):
    """A vector enrichment job, as the service lists it."""

    arn: str
    """The ARN, which `ExportVectorEnrichmentJob` takes as ``arn``."""
    name: str
    """The name that the job was started with; several jobs may have the same."""
    status: str
    """The status, such as ``COMPLETED``."""
    job_type: str
    """``MAP_MATCHING`` or ``REVERSE_GEOCODING``."""
    creation_time: datetime
    """When the job was started, in UTC."""
    duration_in_seconds: int
    """How long the job has run, in seconds."""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The job's tags."""


def completed_earth_observation_jobs(
    region: str = "us-west-2",
    *,
    name_prefix: str | None = None,
    tags: Mapping[str, str] | None = None,
    created_after: date | str | None = None,
    created_before: date | str | None = None,
    operation_type: str | None = None,
    status: str | None = "COMPLETED",
) -> JobList[EarthObservationJob]:
    """List the account's Earth observation jobs while the program runs, also at `pulumi preview`.

    To declare an export for each of them:

    ```python
    for job in completed_earth_observation_jobs():
        ExportEarthObservationJob(f"{job.name}-{job.id}", arn=job.arn, execution_role_arn=ROLE,
                                  output_config={"s3_data": {"s3_uri": "s3://BUCKET/PREFIX/"}})
    ```

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
    :returns: The jobs in the order of their creation time, then of their ARN. Those that match the filter and cannot be
        exported (failed, stopped, still running, being deleted) are in the list's attribute `not_exportable`.
    :raises ServiceCallError: The service refused, did not answer, answered something else, or signing in failed.
    :raises WaitTimeoutError: The listing was not complete after ten minutes.
    :raises WrongAccountError: The stack's config does not allow the credentials' account; nothing was listed.
    :raises ExportError: A filter is of another type, or a time is not ISO 8601.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ListEarthObservationJobs.html
    """
    selects = job_filter(name_prefix, tags, created_after, created_before, operation_type=operation_type)
    return _list_jobs(EARTH_OBSERVATION, region, status, _parse_earth_observation_job, selects)


def completed_vector_enrichment_jobs(
    region: str = "us-west-2",
    *,
    name_prefix: str | None = None,
    tags: Mapping[str, str] | None = None,
    created_after: date | str | None = None,
    created_before: date | str | None = None,
    job_type: str | None = None,
    status: str | None = "COMPLETED",
) -> JobList[VectorEnrichmentJob]:
    """List the account's vector enrichment jobs while the program runs, also at `pulumi preview`.

    As `completed_earth_observation_jobs`, which describes credentials and retries. The caller needs
    sagemaker-geospatial:ListVectorEnrichmentJobs.

    :param region: The region to list. Default us-west-2, the only one that the service is available in.
    :param name_prefix: Only jobs whose name begins with this, case-sensitive. Default: all.
    :param tags: Only jobs that have all of these tags with these values. Default: all.
    :param created_after: Only jobs that were started at this time or later: a datetime, a date, or ISO 8601. Default: all.
    :param created_before: Only jobs that were started before this time. Default: all.
    :param job_type: Only jobs of this type, ``MAP_MATCHING`` or ``REVERSE_GEOCODING``; case and underscores do not matter.
        Default: both.
    :param status: Only jobs with this status. Default ``COMPLETED``, as no other can be exported; None: all.
    :returns: The jobs in the order of their creation time; `not_exportable` has those that cannot be exported.
    :raises ServiceCallError: The service refused, did not answer, answered something else, or signing in failed.
    :raises WaitTimeoutError: The listing was not complete after ten minutes.
    :raises WrongAccountError: The stack's config does not allow the credentials' account; nothing was listed.
    :raises ExportError: A filter is of another type, or a time is not ISO 8601.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ListVectorEnrichmentJobs.html
    """
    selects = job_filter(name_prefix, tags, created_after, created_before, job_type=job_type)
    return _list_jobs(VECTOR_ENRICHMENT, region, status, _parse_vector_enrichment_job, selects)


def _list_jobs(
    kind: ExportKind,
    region: str,
    status: str | None,
    parse: Callable[[Mapping[str, Any]], Job],
    selects: Callable[[_Job], bool],
) -> JobList[Job]:
    # By ARN: a job may move from one page to the next while they are read.
    matching = {job.arn: job for job in _fetch_jobs(kind, region, parse) if selects(job)}
    ordered = sorted(matching.values(), key=lambda job: (job.creation_time, job.arn))
    found = JobList(
        (job for job in ordered if status is None or job.status == status),
        (job for job in ordered if job.not_exportable),
    )
    if not found:
        which = "matches the filter" if status is None else f"has the status {status} and matches the filter"
        pulumi.log.warn(f"no {kind.job} in {region} {which}")
    return found


def _fetch_jobs(kind: ExportKind, region: str, parse: Callable[[Mapping[str, Any]], Job]) -> list[Job]:
    from botocore import xform_name

    from .._runtime.aws_errors import CALL_ERRORS, describe_error
    from .._runtime.aws_session import AwsSession
    from .._runtime.calls import DaemonCallRunner
    from .._runtime.clock import MonotonicClock
    from .._runtime.context import OperationContext
    from .._runtime.rate_limiter import Unlimited
    from .._runtime.retry import call_with_retries
    from .error_rules import service_error

    clock = MonotonicClock()
    ctx = OperationContext(deadline=clock.now() + LISTING_TIMEOUT, clock=clock, timeout_remedy="run the program again")
    doing, runner = f"listing the {kind.job}s of {region}", DaemonCallRunner()
    client = AwsSession(get_config, runner, Unlimited(), pulumi.log.warn).client("sagemaker-geospatial", region, ctx)

    def fetch_page(parameters: dict[str, str]) -> Mapping[str, Any]:
        # The oldest first: jobs that are started meanwhile come last, and move no others to another page.
        operation = getattr(client, xform_name(kind.list_operation))
        page: Mapping[str, Any] = operation(SortBy="CreationTime", SortOrder="ASCENDING", **parameters)
        return page

    def fetch() -> list[Job]:
        pages = read_pages(fetch_page, next_page)
        return [parse(summary) for page in pages for summary in page[kind.summaries_field]]

    try:
        return call_with_retries(ctx, lambda: runner.run(ctx, doing, fetch))
    except CALL_ERRORS as exc:
        raise service_error(doing, describe_error(exc), str, kind.permissions_of(kind.list_operation)) from exc


def _parse_earth_observation_job(summary: Mapping[str, Any]) -> EarthObservationJob:
    return EarthObservationJob(operation_type=require_text(summary["OperationType"]), **_common_fields(summary))


def _parse_vector_enrichment_job(summary: Mapping[str, Any]) -> VectorEnrichmentJob:
    return VectorEnrichmentJob(job_type=require_text(summary["Type"]), **_common_fields(summary))


def _common_fields(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "arn": require_text(summary["Arn"]),
        "name": require_text(summary["Name"]),
        "status": require_text(summary["Status"]),
        "creation_time": summary["CreationTime"].astimezone(timezone.utc),
        "duration_in_seconds": int(summary["DurationInSeconds"]),
        "tags": dict(summary.get("Tags") or {}),
    }
