"""The demo's account, and copies of this checkout."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import CHECKOUT, REGION, Emulator
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack


@pytest.fixture
def demo(emulator: Emulator) -> Emulator:
    """The service with what `--demo` makes."""
    place = {"LocationConstraint": REGION}
    emulator.client("s3").create_bucket(Bucket=DEMO_BUCKET, CreateBucketConfiguration=place)
    kms = emulator.client("kms")
    kms.create_alias(AliasName="alias/eoj-exports", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    for number in (1, 2, 3):
        emulator.job(f"demo0000000{number}")
    return emulator


@pytest.fixture
def project(engine: None, demo: Emulator, tmp_path: Path) -> Callable[[str], ProjectStack]:
    """A project of this checkout by its folder."""
    return lambda folder: ProjectStack(tmp_path / "project", demo.url, program=folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this checkout, as a clone has it."""
    left_out = shutil.ignore_patterns(
        ".git", ".venv", ".local", "__pycache__", ".*_cache", ".hypothesis", "dist", "build", "*.egg-info"
    )
    copy = tmp_path / "checkout"
    shutil.copytree(CHECKOUT, copy, ignore=left_out)
    return copy
