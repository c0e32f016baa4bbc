"""The composition root: the clients of one credential set, and the exports that are made with them.

Everything that imports boto3 is imported here, and this module is imported by the first call that goes to AWS.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from .._geospatial.client import GeospatialClient
from .._runtime.aws_config import SUPPORTED_KEYS, UNSUPPORTED_KEYS
from .._runtime.aws_session import AwsSession
from .._runtime.calls import CallRunner, DaemonCallRunner
from .._runtime.clock import Clock
from .._runtime.rate_limiter import MAX_RATE, OperationRateLimiters
from .._runtime.s3 import S3Client
from .._runtime.settings import MAX_CALLS_PER_SECOND, POLL_INTERVAL, SETTINGS, GetConfig, read_positive_number
from .account_jobs import AccountJobs
from .lifecycle import ExportLifecycle
from .waiters import RetryingClient


@dataclass(frozen=True)
class Runtime:
    """The clients of one credential set, and the exports that are made with them."""

    client: RetryingClient
    store: S3Client
    lifecycle: ExportLifecycle
    jobs: AccountJobs


def build_runtime(
    get: GetConfig, clock: Clock, log_warning: Callable[[str], None], runner: CallRunner | None = None
) -> Runtime:
    """Return a new runtime for the stack's config.

    Raises:
        ExportError: a setting is not a number within its bounds.
    """
    runner = runner or DaemonCallRunner()
    is_set = get(MAX_CALLS_PER_SECOND.key) is not None
    rate = read_positive_number(get, MAX_CALLS_PER_SECOND)
    limiter = OperationRateLimiters(rate, clock, rate if is_set else MAX_RATE)
    session = AwsSession(get, runner, limiter, log_warning)
    service = GeospatialClient(session, runner, limiter)
    client = RetryingClient(service, read_positive_number(get, POLL_INTERVAL))
    store = S3Client(session, runner)
    may_adopt = os.environ.get("PULUMI_GEOSPATIAL_ADOPT", "").lower() != "false"
    return Runtime(client, store, ExportLifecycle(client, store, may_adopt), AccountJobs(service, client))


def runtime_key(get: GetConfig) -> tuple[str, ...]:
    """Return what identifies a runtime: the config that decides on credentials, endpoints and pace."""
    keys = [*(f"aws:{key}" for key in (*SUPPORTED_KEYS, *UNSUPPORTED_KEYS)), *(each.key for each in SETTINGS)]
    return tuple(repr(get(key)) for key in keys)
