"""Declarations of exports, and the requests that they stand for. Pure: nothing here imports the emulator."""

from __future__ import annotations

from typing import Any

from pulumi.output import Unknown
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, ExportKind
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest

from tests.support.aws_names import ROLE, job_arn, output_config

JOB = "lake00000000"
PREFIX = "lake"
TOKEN = "a-token-of-the-users-own-of-40-characters"
#: A value that is known after the update only, as the host passes it to a provider.
UNKNOWN_VALUE: Any = Unknown()  # type: ignore[no-untyped-call]


def inputs(job: str = JOB, prefix: str = PREFIX, kind: ExportKind = EARTH_OBSERVATION, **more: Any) -> dict[str, Any]:
    """Return a declaration as `check` gets it."""
    return {
        "arn": job_arn(job, kind.arn_type),
        "execution_role_arn": ROLE,
        "output_config": output_config(prefix),
        **more,
    }


def inputs_with(path: str, value: Any) -> dict[str, Any]:
    """Return a valid declaration, in which one property has this value."""
    declaration = inputs()
    inner = declaration
    *parents, name = path.split(".")
    for parent in parents:
        inner = inner[parent]
    inner[name] = value
    return declaration


def inputs_without(path: str) -> dict[str, Any]:
    """Return a valid declaration without one property."""
    declaration = inputs_with(path, None)
    inner = declaration
    *parents, name = path.split(".")
    for parent in parents:
        inner = inner[parent]
    del inner[name]
    return declaration


def export_request(job: str = JOB, prefix: str = PREFIX, **more: Any) -> ExportRequest:
    """Return the request of a declaration."""
    return ExportRequest.from_properties(EARTH_OBSERVATION, inputs(job, prefix, **more))
