"""Fixtures: the account that `--demo` creates, the repository's projects, and a copy of the repository."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import CHECKOUT, REGION, Emulator
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack


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


@pytest.fixture
def project(engine: None, demo: Emulator, tmp_path: Path) -> Callable[[str], ProjectStack]:
    """Return a function that copies the project in a folder of the repository and creates its stack."""
    return lambda folder: ProjectStack(tmp_path / "project", demo.url, program=folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository without generated files."""
    ignored = shutil.ignore_patterns(
        ".git", ".venv", ".local", "__pycache__", ".*_cache", ".hypothesis", "dist", "build", "*.egg-info"
    )
    copy = tmp_path / "checkout"
    shutil.copytree(CHECKOUT, copy, ignore=ignored)
    return copy
