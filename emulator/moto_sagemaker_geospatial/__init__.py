"""Amazon SageMaker geospatial's Earth observation jobs as a moto backend, registered with moto from outside."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

try:
    import moto.backend_index
except ModuleNotFoundError as exc:
    raise ModuleNotFoundError(f"{exc}: install pulumi-sagemaker-geospatial[emulator]", name=exc.name) from None
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import FakeBucket, S3Backend

from . import exceptions
from .control import Control, control
from .models import SageMakerGeospatialBackend, sagemakergeospatial_backends

__all__ = ["add_job", "in_use", "register", "sagemakergeospatial_backends"]

NAME = "sagemakergeospatial"  # moto's module for the service would be moto/sagemakergeospatial


def register() -> None:
    """Make moto know the service, in process (`@mock_aws`) and in its server. Doing it again changes nothing."""
    patterns: list[Any] = moto.backend_index.backend_url_patterns
    if any(name == NAME for name, _ in patterns):
        return
    sys.modules[f"moto.{NAME}"] = sys.modules[__name__]
    for part in ("exceptions", "models", "responses", "urls"):
        sys.modules[f"moto.{NAME}.{part}"] = import_module(f"{__name__}.{part}")
    for error in vars(exceptions).values():
        if isinstance(error, type) and error.__module__ == exceptions.__name__:
            error.__module__ = f"moto.{NAME}.exceptions"  # moto takes the service's name from there
    from .urls import url_bases

    patterns.append((NAME, re.compile(url_bases[0])))
    _settle_before_s3()


def _settle_before_s3() -> None:
    """Whoever looks into a bucket sees the files of exports that are due: S3 knows of no service that lags behind."""
    get_bucket = S3Backend.get_bucket

    def settled_bucket(self: S3Backend, bucket_name: str) -> FakeBucket:
        sagemakergeospatial_backends.settle()
        return get_bucket(self, bucket_name)

    S3Backend.get_bucket = settled_bucket  # type: ignore[method-assign]


def in_use(account_id: str = DEFAULT_ACCOUNT_ID) -> Control:
    """The settings, faults and calls of this process, to be reset with moto's data (at the end of `mock_aws`)."""
    sagemakergeospatial_backends[account_id]["us-west-2"]  # moto resets only what was used
    return control


def add_job(job_id: str | None = None, account_id: str = DEFAULT_ACCOUNT_ID, **job: Any) -> str:
    """Add a job to us-west-2, as `SageMakerGeospatialBackend.add_job` describes; returns its ARN."""
    backend: SageMakerGeospatialBackend = sagemakergeospatial_backends[account_id]["us-west-2"]
    return backend.add_job(job_id, **job).arn


register()
