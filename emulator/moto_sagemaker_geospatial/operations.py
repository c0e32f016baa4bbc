"""The operations of the emulated services, as botocore's service models list them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from moto.core.utils import get_service_model

from .kinds import EXPORT_OPERATIONS, KINDS, VERBS

SIGNING_NAME = "sagemaker-geospatial"
OTHER_SERVICES = ("s3", "sts")  # services beside SageMaker geospatial whose calls can have faults
IMPLEMENTED = tuple(kind.operation(verb) for kind in KINDS for verb in VERBS)
# The server counts a call of S3 under its HTTP method where it cannot tell the operation.
HTTP_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")


@lru_cache
def operations(service: str) -> frozenset[str]:
    """The names of a service's operations."""
    return frozenset(get_service_model(service).operation_names)


@lru_cache
def request_paths() -> tuple[str, ...]:
    """The beginnings of the paths of the operations on jobs."""
    model = get_service_model(SIGNING_NAME)
    return tuple({model.operation_model(name).http["requestUri"].partition("/{")[0] for name in IMPLEMENTED})


def operation_problem(operation: object, kind: str) -> str | None:
    """What is wrong with the operation of a fault of this kind, or None."""
    if operation == "*" or (operation in OTHER_SERVICES and kind != "fail_export"):
        return None
    service, _, name = str(operation).rpartition(":")
    known = _known_operations(service, kind)
    if name in known:
        return None
    close = get_close_matches(name, known, 1)
    hint = f": did you mean {close[0]}?" if close else ""
    place = service if service in OTHER_SERVICES else SIGNING_NAME
    what = "an operation that exports" if kind == "fail_export" else f"an operation of {place}"
    return f"operation {operation!r} is not {what}{hint}"


def _known_operations(service: str, kind: str) -> frozenset[str]:
    if kind == "fail_export":
        return frozenset(() if service else EXPORT_OPERATIONS)
    if service == "s3":
        return operations("s3").union(HTTP_METHODS)
    return operations(service or SIGNING_NAME) if service in ("", "sts") else frozenset()
