"""A stack whose one export is done."""

from __future__ import annotations

import pytest

from tests.harness import Emulator, Stack, declared


@pytest.fixture
def lake(emulator: Emulator, stack: Stack) -> Stack:
    """A stack with one export that has SUCCEEDED, and a service that has seen no call since."""
    emulator.job("lake00000000")
    emulator.job("lake00000001")
    emulator.role("other-role")
    stack.declare([declared("lake")])
    stack.up()
    emulator.forget_calls()
    return stack
