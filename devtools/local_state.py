"""What is in .local: files that the stack `local` made, and the state of other stacks, which older versions kept there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from . import paths
from .environment import LOCAL_STACK

_PROJECT = "sagemaker-geospatial-exports"
_STATE = paths.LOCAL / "state"
_STACKS = _STATE / ".pulumi" / "stacks"
_STACK_FILE = re.compile(r"(?P<stack>[^/]+)\.json(\.gz|\.zst)?")
_MADE_BY_LOCAL = ("emulator.*", f"Pulumi.{LOCAL_STACK}.yaml", "setup.lock", "pulumi")


def find(stack: str) -> Path | None:
    """Return the file with the state of a stack of this project, or None."""
    return next((file for name, file in _stack_files(_STACKS / _PROJECT) if name == stack), None)


def _stack_files(directory: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(directory.rglob("*.json*")):
        if match := _STACK_FILE.fullmatch(file.name):
            yield match["stack"], file


def remove() -> list[str]:
    """Remove what the stack `local` made, and return a description of each file or directory that is kept."""
    for pattern in _MADE_BY_LOCAL:
        for path in paths.LOCAL.glob(pattern):
            _remove(path)
    others = sorted({name for name, _ in _stack_files(_STACKS)} - {LOCAL_STACK})
    if others:
        # The backend names the files and directories of a stack after it.
        for path in list(_STATE.rglob("*")):
            if path.name.partition(".json")[0] == LOCAL_STACK:
                _remove(path)
    else:
        _remove(_STATE)
    with suppress(OSError):  # not empty, or it does not exist
        paths.LOCAL.rmdir()
    kept = sorted(path.name for path in paths.LOCAL.glob("*"))
    stacks = f" with the state of {', '.join(others)}"
    return [f"{paths.LOCAL.name}/{name}{stacks if name == _STATE.name else ''}" for name in kept]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
