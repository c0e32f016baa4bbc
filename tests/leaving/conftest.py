"""The example as a stack, and jobs to take out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import Emulator
from tests.leaving.leaving_stack import LeavingStack


@pytest.fixture
def leaving(engine: None, emulator: Emulator, tmp_path: Path) -> LeavingStack:
    return LeavingStack(tmp_path / "project", emulator.url)
