"""Fixtures for all tests: the emulator in its own process, and a stack on the real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import NO_ENGINE, REGION, Emulator, Stack, has_engine, start_emulator
from tests.root_project.project_stack import DEMO_BUCKET

# Pulumi's engine collects no garbage until it uses that much memory: a command takes a tenth less CPU time.
os.environ.setdefault("GOGC", "off")
os.environ.setdefault("GOMEMLIMIT", "512MiB")


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[Emulator]:
    process, url = start_emulator()
    yield Emulator(url)
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture
def emulator(emulator_process: Emulator) -> Emulator:
    """The emulator with a new account that has a bucket and an execution role."""
    emulator_process.reset()
    return emulator_process


@pytest.fixture
def demo(emulator: Emulator) -> Emulator:
    """The emulator with the resources that `--demo` creates."""
    location = {"LocationConstraint": REGION}
    emulator.client("s3").create_bucket(Bucket=DEMO_BUCKET, CreateBucketConfiguration=location)
    kms = emulator.client("kms")
    kms.create_alias(AliasName="alias/eoj-exports", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    for number in (1, 2, 3):
        emulator.add_job(f"demo0000000{number}")
    return emulator


@pytest.fixture(scope="session")
def engine() -> None:
    """Require the Pulumi CLI on PATH: without it, skip the test, or fail it in CI."""
    if not has_engine():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_ENGINE)


@pytest.fixture
def stack(engine: None, emulator: Emulator, tmp_path: Path) -> Stack:
    """An empty stack on the real engine, with the emulator in place of AWS."""
    return Stack(tmp_path / "project", emulator.url)
