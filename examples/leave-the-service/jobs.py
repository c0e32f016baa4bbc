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
    listed = [job for listing in listings for job in (*listing, *listing.not_exportable)]
    # Every job counts, also one that cannot be exported: where it completes later, it takes the place of no other job.
    batch = sorted(listed, key=lambda job: (job.creation_time, job.arn))[: config.get_int("batch")]
    return Selection(
        [job for job in batch if not job.not_exportable],
        [job for listing in listings for job in listing.not_exportable],
    )
