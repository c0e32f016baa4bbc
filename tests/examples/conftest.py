"""Fixtures: the example `leave-the-service` as a stack, and the other examples as copies of their folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.examples.example_project import ExampleProject
from tests.examples.leave_the_service_stack import LeaveTheServiceStack
from tests.harness import Emulator


@pytest.fixture
def example(engine: None, emulator: Emulator, tmp_path: Path) -> LeaveTheServiceStack:
    """The stack of the example, without any job in the account."""
    return LeaveTheServiceStack(tmp_path / "project", emulator.url)


@pytest.fixture
def copied_example(engine: None, demo: Emulator, tmp_path: Path) -> Callable[[str], ExampleProject]:
    """Return a function that copies an example, by its name, for the account of `--demo`."""
    return lambda name: ExampleProject(name, tmp_path, demo)
