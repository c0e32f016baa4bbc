"""Public names for tests and benchmarks: the emulator in its own process, and Pulumi stacks on the real engine."""

from __future__ import annotations

from tests.support.aws_names import ACCOUNT, BUCKET, REGION, ROLE, declaration, job_arn, output_config
from tests.support.emulator_client import CHECKOUT, Emulator, start_emulator
from tests.support.pulumi_stack import (
    NO_ENGINE,
    CommandResult,
    Stack,
    changed_lines,
    changed_properties,
    diagnostics,
    has_engine,
    kill,
    planned_operations,
)
from tests.support.waiting import wait_for_later_timestamps, wait_until

__all__ = [
    "ACCOUNT",
    "BUCKET",
    "CHECKOUT",
    "NO_ENGINE",
    "REGION",
    "ROLE",
    "CommandResult",
    "Emulator",
    "Stack",
    "changed_lines",
    "changed_properties",
    "declaration",
    "diagnostics",
    "has_engine",
    "job_arn",
    "kill",
    "output_config",
    "planned_operations",
    "start_emulator",
    "wait_for_later_timestamps",
    "wait_until",
]
