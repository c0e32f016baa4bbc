"""The example as a stack, and jobs to take out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.leaving_stack import LeavingStack
from tests.harness import Emulator


@pytest.fixture
def leaving(engine: None, emulator: Emulator, tmp_path: Path) -> LeavingStack:
    return LeavingStack(tmp_path / "project", emulator.url)
