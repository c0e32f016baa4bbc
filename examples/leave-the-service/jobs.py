"""The jobs that the filter in the stack's config selects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_sagemaker_geospatial import (
    EarthObservationJob,
    VectorEnrichmentJob,
    completed_earth_observation_jobs,
    completed_vector_enrichment_jobs,
)

PROJECT = "leave-the-service"
#: The fields of the filter, and the arguments that they are passed as. The last two are of one kind of job each.
_ARGUMENTS = {
    "namePrefix": "name_prefix",
    "tags": "tags",
    "createdAfter": "created_after",
    "createdBefore": "created_before",
    "operationType": "operation_type",
    "jobType": "job_type",
}
Job = EarthObservationJob | VectorEnrichmentJob


@dataclass(frozen=True)
class Selection:
    """The jobs to export, the oldest first, and those that cannot be exported."""

    jobs: list[Job]
    not_exportable: list[Job]


def selected() -> Selection:
    """List the account's jobs of both kinds that match the filter, up to the config's `batch`.

    A filter by `operationType` selects Earth observation jobs only, and one by `jobType` vector enrichment jobs only.

    :raises pulumi.RunError: The filter has an unknown field or an invalid value.
    """
    config = pulumi.Config(PROJECT)
    filters = config.get_object("filter") or {}
    unknown = sorted(set(filters) - set(_ARGUMENTS))
    if unknown:
        raise pulumi.RunError(
            f"{', '.join(unknown)} is not a field of the config {PROJECT}:filter, which has {', '.join(_ARGUMENTS)}"
        )
    arguments: dict[str, Any] = {_ARGUMENTS[field]: value for field, value in filters.items()}
    listings: list[Any] = []
    if "job_type" not in arguments:
        listings.append(completed_earth_observation_jobs(**arguments))
    if "operation_type" not in arguments:
        listings.append(completed_vector_enrichment_jobs(**arguments))
    jobs = sorted((job for listing in listings for job in listing), key=lambda job: (job.creation_time, job.arn))
    # The order is that of their creation, so that a larger batch adds jobs and removes none.
    return Selection(jobs[: config.get_int("batch")], [job for listing in listings for job in listing.not_exportable])
