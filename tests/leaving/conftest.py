"""The example as a stack, and jobs to take out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.harness import NO_ENGINE, Emulator, has_engine
from tests.leaving.leaving_stack import LeavingStack


@pytest.fixture
def leaving(emulator: Emulator, tmp_path: Path) -> LeavingStack:
    if not has_engine():
        if os.environ.get("CI"):
            pytest.fail(NO_ENGINE)
        pytest.skip(NO_ENGINE)
    return LeavingStack(tmp_path / "project", emulator.url)
