"""Fixtures for the tests of the emulator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

for folder in (Path(__file__).parent, Path(__file__).parents[2] / "emulator"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import moto_sagemaker_geospatial as geospatial  # noqa: E402

from tests.emulator.emulator_harness import Account, ManualClock, Server  # noqa: E402


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        account = Account()
        account.seed_account()
        yield account


@pytest.fixture
def clock(account: Account) -> ManualClock:
    clock = ManualClock()
    geospatial.get_control().clock = clock
    return clock


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Server]:
    server = Server("--demo", "--export-seconds", "0", "--job-seconds", "0")
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The shared server after a reset, with the demo's buckets and its first job. Exports are done at the first look."""
    shared_server.control("POST", "reset")
    shared_server.control("POST", "jobs", {"id": "demo00000001", "name": "lake-mead-2022"})
    return shared_server


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(*options: str) -> Server:
        started.append(Server(*options))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop(kill=True)
