"""Which jobs leave: those that the stack's filter takes."""

from __future__ import annotations

import pulumi
from pulumi_sagemaker_geospatial import EarthObservationJob, completed_earth_observation_jobs

PROJECT = "leave-the-service"
_ARGUMENTS = {
    "namePrefix": "name_prefix",
    "tags": "tags",
    "createdAfter": "created_after",
    "createdBefore": "created_before",
    "operationType": "operation_type",
}


def completed(status: str | None = "COMPLETED") -> list[EarthObservationJob]:
    """The account's jobs that the filter of the stack's config takes; with None, whatever their status."""
    chosen = pulumi.Config(PROJECT).get_object("filter") or {}
    unknown = sorted(set(chosen) - set(_ARGUMENTS))
    if unknown:
        raise pulumi.RunError(
            f"the stack's config {PROJECT}:filter has no {', '.join(unknown)}: it has {', '.join(_ARGUMENTS)}"
        )
    return completed_earth_observation_jobs(status=status, **{_ARGUMENTS[name]: chosen[name] for name in chosen})
