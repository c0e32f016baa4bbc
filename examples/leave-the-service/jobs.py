"""The Earth observation jobs that the filter in the stack's config selects."""

from __future__ import annotations

import pulumi
from pulumi_sagemaker_geospatial import EarthObservationJob, completed_earth_observation_jobs

PROJECT = "leave-the-service"
#: The fields of the filter, and the arguments that they are passed as.
_ARGUMENTS = {
    "namePrefix": "name_prefix",
    "tags": "tags",
    "createdAfter": "created_after",
    "createdBefore": "created_before",
    "operationType": "operation_type",
}


def selected() -> list[EarthObservationJob]:
    """List the account's completed jobs that match the filter.

    :raises pulumi.RunError: The filter has an unknown field or an invalid value.
    """
    filters = pulumi.Config(PROJECT).get_object("filter") or {}
    unknown = sorted(set(filters) - set(_ARGUMENTS))
    if unknown:
        raise pulumi.RunError(
            f"{', '.join(unknown)} is not a field of the config {PROJECT}:filter, which has {', '.join(_ARGUMENTS)}"
        )
    arguments = {_ARGUMENTS[field]: value for field, value in filters.items()}
    return completed_earth_observation_jobs(**arguments)
