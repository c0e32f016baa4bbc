"""Fixtures of every test: the service on this machine, and a stack on a real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import NO_ENGINE, Emulator, Stack, has_engine, start_emulator


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[Emulator]:
    process, url = start_emulator()
    yield Emulator(url)
    process.terminate()
    process.communicate(timeout=30)


@pytest.fixture
def emulator(emulator_process: Emulator) -> Emulator:
    """The service over HTTP: a new account with a bucket and a role."""
    emulator_process.reset()
    return emulator_process


@pytest.fixture(scope="session")
def engine() -> None:
    """A real engine on PATH: without one a test is skipped, but in CI, where it fails."""
    if not has_engine():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_ENGINE)


@pytest.fixture
def stack(engine: None, emulator: Emulator, tmp_path: Path) -> Stack:
    """An empty stack on a real engine, with the emulator for AWS."""
    return Stack(tmp_path / "project", emulator.url)
