"""Fixture: a stack with one completed export."""

from __future__ import annotations

import pytest

from tests.harness import Emulator, Stack, declaration


@pytest.fixture
def lake(emulator: Emulator, stack: Stack) -> Stack:
    """A stack with one export that has SUCCEEDED; the emulator's call log is empty."""
    emulator.add_job("lake00000000")
    emulator.add_job("lake00000001")
    emulator.create_role("other-role")
    stack.declare([declaration("lake")])
    stack.up()
    emulator.clear_calls()
    return stack
