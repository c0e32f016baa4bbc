"""The journal of a deletion: JSON lines, each on disk before the command goes on."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from .._export.manifest import format_utc
from ..error_ids import ErrorId
from .failure import CommandError

VERSION = 1


class Journal:
    """Records the jobs that were deleted, so that an interrupted command goes on after them.

    The first line names the stack. A last line that a kill has cut off is dropped.
    """

    def __init__(self, path: Path, stack: str, account: str) -> None:
        self._path, self._lock = path, threading.Lock()
        self._header = {"journal": VERSION, "stack": stack, "account": account}
        self._file: BinaryIO | None = None
        self._length = 0
        self.deleted = self._read()

    def __enter__(self) -> Journal:
        try:
            self._file = open(self._path, "ab")
            self._file.truncate(self._length)
        except OSError as exc:
            raise self._error(f"cannot be written: {exc.strerror}") from exc
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        with suppress(OSError):  # the line that could not be written
            self._file.close()
        if self._path.stat().st_size == 0:
            self._path.unlink()  # nothing was deleted

    def record_deletion(self, arn: str, size: int) -> None:
        """Write that a job was deleted."""
        now = format_utc(datetime.now(timezone.utc))
        with self._lock:
            if not self._length:
                self._append(self._header)
            self._append({"time": now, "deleted": arn, "bytes": size})
            self.deleted.add(arn)

    def _append(self, entry: dict[str, Any]) -> None:
        assert self._file is not None
        line = f"{json.dumps(entry)}\n".encode()
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as exc:
            raise self._error(f"cannot be written: {exc.strerror}") from exc
        self._length += len(line)

    def _error(self, what: str) -> CommandError:
        return CommandError(f"the journal {self._path} {what}", ErrorId.JOURNAL_NOT_USABLE)

    def _read(self) -> set[str]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return set()
        except OSError as exc:
            raise self._error(f"cannot be read: {exc.strerror}") from exc
        whole = content[: content.rfind(b"\n") + 1]
        self._length = len(whole)
        try:
            entries = [json.loads(line) for line in whole.splitlines()]
            if entries and entries[0] != self._header:
                raise self._error("is of another stack, account or version: use another --journal")
            return {str(entry["deleted"]) for entry in entries[1:]}
        except (ValueError, KeyError, TypeError) as exc:
            raise self._error("is damaged: repair it, or use another --journal") from exc
