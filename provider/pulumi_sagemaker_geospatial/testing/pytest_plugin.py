"""The fixture `geospatial_emulator`: `pytest_plugins = ["pulumi_sagemaker_geospatial.testing.pytest_plugin"]` in `conftest.py`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .emulator import Emulator, start_emulator


@pytest.fixture(scope="session")
def geospatial_emulator_process() -> Iterator[Emulator]:
    """One emulator for all tests of this run."""
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture
def geospatial_emulator(geospatial_emulator_process: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The emulator with a new account that has a bucket and a role; the environment leads AWS's clients to it during the test."""
    geospatial_emulator_process.reset()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in geospatial_emulator_process.environment.items():
        monkeypatch.setenv(name, value)
    yield geospatial_emulator_process
    geospatial_emulator_process.clear_faults()
