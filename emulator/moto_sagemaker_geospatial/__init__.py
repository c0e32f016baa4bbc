"""The jobs of Amazon SageMaker geospatial, of both kinds, as a moto backend that is registered from outside of moto."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

try:
    import moto.backend_index
except ModuleNotFoundError as exc:
    raise ModuleNotFoundError(f"{exc}: install moto-sagemaker-geospatial, which requires it", name=exc.name) from None
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import FakeBucket, S3Backend

from . import authorization, botocore_hooks, exceptions, foreign_exports
from .control import EmulatorControl, control
from .models import SageMakerGeospatialBackend, sagemakergeospatial_backends

__all__ = ["add_job", "get_control", "register", "run_export", "sagemakergeospatial_backends"]

__version__ = "0.1.0"

NAME = "sagemakergeospatial"  # moto's module for the service would be moto/sagemakergeospatial
REGION = "us-west-2"


def register() -> None:
    """Register the service with moto, in process (`@mock_aws`) and in its server. Repeating it changes nothing."""
    patterns: list[Any] = moto.backend_index.backend_url_patterns
    if any(name == NAME for name, _ in patterns):
        return
    sys.modules[f"moto.{NAME}"] = sys.modules[__name__]
    for part in ("exceptions", "models", "responses", "urls"):
        sys.modules[f"moto.{NAME}.{part}"] = import_module(f"{__name__}.{part}")
    for error in vars(exceptions).values():
        if isinstance(error, type) and error.__module__ == exceptions.__name__:
            error.__module__ = f"moto.{NAME}.exceptions"  # moto reads the service's name from there
    from .urls import url_bases

    patterns.append((NAME, re.compile(url_bases[0])))
    _apply_due_transitions_before_s3()
    botocore_hooks.install()
    authorization.install()


def _apply_due_transitions_before_s3() -> None:
    """Make S3 show the files of exports that are due, even if nobody has called the service since."""
    get_bucket = S3Backend.get_bucket

    def get_bucket_with_due_files(self: S3Backend, bucket_name: str) -> FakeBucket:
        sagemakergeospatial_backends.apply_due_transitions()
        return get_bucket(self, bucket_name)

    S3Backend.get_bucket = get_bucket_with_due_files  # type: ignore[method-assign]


def get_control(account_id: str = DEFAULT_ACCOUNT_ID) -> EmulatorControl:
    """The settings, faults and calls of this process. moto's reset (the end of `mock_aws`) resets them too."""
    sagemakergeospatial_backends[account_id][REGION]  # moto only resets backends that exist
    return control


def add_job(job_id: str | None = None, account_id: str = DEFAULT_ACCOUNT_ID, **job: Any) -> str:
    """Add a job to us-west-2; see `SageMakerGeospatialBackend.add_job`. Returns its ARN."""
    backend: SageMakerGeospatialBackend = sagemakergeospatial_backends[account_id][REGION]
    return backend.add_job(job_id, **job).arn


def run_export(
    arn: str, s3_uri: str, status: str = "SUCCEEDED", seconds: float = 0.0, objects: int | None = None
) -> None:
    """Export a job of us-west-2 as another team would; see `foreign_exports.run_export`."""
    backend: SageMakerGeospatialBackend = sagemakergeospatial_backends[_account_of(arn)][REGION]
    foreign_exports.run_export(backend, arn, s3_uri, status, seconds, objects)


def _account_of(arn: str) -> str:
    parts = arn.split(":")
    if len(parts) != 6 or not parts[4].isdigit():
        raise ValueError(f"{arn!r} is not the ARN of a job")
    return parts[4]


register()
