"""Fixture: the example `leave-the-service` as a stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.leave_the_service_stack import LeaveTheServiceStack
from tests.harness import Emulator


@pytest.fixture
def example(engine: None, emulator: Emulator, tmp_path: Path) -> LeaveTheServiceStack:
    """The stack of the example, without any job in the account."""
    return LeaveTheServiceStack(tmp_path / "project", emulator.url)
