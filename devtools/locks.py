"""Locks between processes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .log import log_step


@contextmanager
def file_lock(path: Path, wait_message: str) -> Iterator[None]:
    """Hold an exclusive lock on the file `path`, and log `wait_message` if another process holds it.

    Child processes inherit the lock: if this process is killed, the lock is held until its children have exited.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        os.set_inheritable(file.fileno(), True)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log_step(wait_message)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
