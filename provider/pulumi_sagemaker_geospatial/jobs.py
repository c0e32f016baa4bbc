"""The account's Earth observation jobs, listed while the program runs, so that a few lines declare an export for each.

boto3 is imported by the call, never by the import of this file.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ListEarthObservationJobs.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any

import pulumi
from pulumi.runtime import get_config

from .errors import CallFailed

_ADVICE = {
    "AccessDeniedException": "Allow the caller sagemaker-geospatial:ListEarthObservationJobs.",
    "InternalServerException": "The fault is the service's; run the command again.",
    "ThrottlingException": "Run the command again, when other users of the account ask for less.",
    "ValidationException": "Correct the argument that the service names.",
}
_ON_CREDENTIALS = "Check the credentials: the stack's aws: config and the AWS settings of the environment."
_ON_THE_NETWORK = (
    "Check the network, aws:endpoints and AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL; the service exists in us-west-2 only."
)


@dataclass(frozen=True)
class EarthObservationJob:
    """An Earth observation job, as the service lists it."""

    arn: str
    """Its ARN: what `ExportEarthObservationJob` takes as ``arn``."""
    name: str
    """The name that it was started with; several jobs may have the same."""
    status: str
    """``COMPLETED``, or what else was asked for."""
    operation_type: str
    """What it computes, in the service's spelling."""
    creation_time: datetime
    """When it was started, in UTC."""
    duration_in_seconds: int
    """How long it has run."""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Its tags."""

    @property
    def id(self) -> str:
        """The last part of the ARN, unique in the account, and the folder's name that its exports write to."""
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
    """List the account's Earth observation jobs now, while the program runs; at `pulumi preview` too.

    An export for each of them:

        for job in completed_earth_observation_jobs():
            ExportEarthObservationJob(f"{job.name}-{job.id}", arn=job.arn, execution_role_arn=ROLE,
                                      output_config={"s3_data": {"s3_uri": "s3://BUCKET/PREFIX/"}})

    The account is that of the stack's ``aws:`` config, read as the exports read it (profile, keys, roles, endpoints,
    allowed accounts, secrets included), and of the standard AWS settings. The caller needs
    sagemaker-geospatial:ListEarthObservationJobs. Throttling and passing faults are tried again by botocore
    (``aws:maxRetries``, default 4).

    :param region: The region to ask; the service exists in us-west-2 only, which is the default.
    :param name_prefix: Only jobs whose name begins with this; upper and lower case differ. Default: all.
    :param tags: Only jobs that have all of these tags with these values. Default: all.
    :param created_after: Only jobs that were started at this time or later: a datetime, a date, or ISO 8601 such as
        ``2023-01-31`` or ``2023-01-31T12:00:00Z``; UTC where it names no zone. Default: all.
    :param created_before: Only jobs that were started before this time, given likewise. Default: all.
    :param operation_type: Only jobs of this kind, such as ``LAND_COVER_SEGMENTATION``; case and underscores do not
        matter. Default: all.
    :param status: Only jobs with this status. Default ``COMPLETED``, as no other can be exported; None: all.

    Returns the jobs in the order of their creation, those of one moment by their ARN: the same list, the same order.

    Raises:
        CallFailed: the service refused, did not answer, or nobody could be signed in.
        WrongAccount: the credentials' account is not allowed by the stack's config; nothing was listed.
        pulumi.RunError: a filter is of another type, or a time is not ISO 8601.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ListEarthObservationJobs.html
    """
    _refuse_other_types(
        name_prefix=name_prefix, operation_type=operation_type, **{f"tags.{name}": value for name, value in _tags(tags)}
    )
    after, before = _moment("created_after", created_after), _moment("created_before", created_before)
    kind = _kind(operation_type)
    found = {
        job.arn: job  # a job may move from one page to the next while they are read
        for job in _listed(region, status)
        if job.name.startswith(name_prefix or "")
        and (tags or {}).items() <= job.tags.items()
        and (after is None or job.creation_time >= after)
        and (before is None or job.creation_time < before)
        and (operation_type is None or _kind(job.operation_type) == kind)
    }
    if not found:
        pulumi.log.warn(f"no Earth observation job of {region} is {status or 'there'} and matches the filter")
    return sorted(found.values(), key=lambda job: (job.creation_time, job.arn))


def _listed(region: str, status: str | None) -> Iterator[EarthObservationJob]:
    from botocore.exceptions import BotoCoreError, ClientError

    from .account import Account

    wanted = {"StatusEquals": status} if status else {}
    account = Account(get_config, pulumi.log.warn)
    doing = f"listing the Earth observation jobs of {region}"
    try:
        client = account.client("sagemaker-geospatial", region)
        # The oldest first: jobs that are started meanwhile come last, and shift nothing.
        pages = client.get_paginator("list_earth_observation_jobs").paginate(
            SortBy="CreationTime", SortOrder="ASCENDING", **wanted
        )
        for page in pages:
            yield from map(_job, page["EarthObservationJobSummaries"])
    except ClientError as exc:
        error = exc.response.get("Error", {})
        code, words = error.get("Code", "Unknown"), error.get("Message", "").rstrip(".")
        raise CallFailed(
            f"{doing} was refused: {code}: {words}. {_ADVICE.get(code, _ON_CREDENTIALS)}", code, words
        ) from exc
    except BotoCoreError as exc:
        raise CallFailed(f"{doing} failed: {exc}. {_ON_THE_NETWORK}", "Unreachable", str(exc)) from exc


def _job(summary: Mapping[str, Any]) -> EarthObservationJob:
    return EarthObservationJob(
        arn=summary["Arn"],
        name=summary["Name"],
        status=summary["Status"],
        operation_type=summary["OperationType"],
        creation_time=summary["CreationTime"].astimezone(timezone.utc),
        duration_in_seconds=summary["DurationInSeconds"],
        tags=summary.get("Tags") or {},
    )


def _kind(operation_type: str | None) -> str:
    return (operation_type or "").replace("_", "").upper()


def _tags(tags: Any) -> Iterable[tuple[Any, Any]]:
    if tags is not None and not isinstance(tags, Mapping):
        raise pulumi.RunError(f"tags must be an object of names and values, not {tags!r}")
    return (tags or {}).items()


def _refuse_other_types(**strings: Any) -> None:
    for argument, given in strings.items():
        if given is not None and not isinstance(given, str):
            raise pulumi.RunError(f"{argument} must be a string, not {given!r}: in YAML, write it in quotes")


def _moment(argument: str, given: date | str | None) -> datetime | None:
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
