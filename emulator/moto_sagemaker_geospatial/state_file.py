"""The account in a file: buckets with their objects, roles, keys, jobs, exports and tokens survive a restart."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from threading import Event, Lock, Thread

from . import snapshot
from .models import sagemakergeospatial_backends
from .state_formats import FORMAT, can_be_read, upgrade

INTERVAL = 0.5  # seconds between two checks for changes


class StateFile:
    """Written to a draft and moved into place, so that nobody ever reads half of it, not even after `kill -9`."""

    def __init__(self, path: Path, changed: Event) -> None:
        self.path = path
        self.changed = changed
        self._lock = Lock()
        self._written = ""
        self._completed_exports = 0

    def load(self) -> str | None:
        """Restore the account. A file that cannot be read is moved aside, and a message that says so is returned."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as exc:
            return self._move_aside(f"cannot be read ({exc})")
        try:
            content = snapshot.loads(text)
            file_format = content.get("format") if isinstance(content, dict) else None
            if not can_be_read(file_format):
                return self._move_aside(f"is of format {file_format}, and this version writes {FORMAT}")
            upgrade(file_format, content["accounts"])
            snapshot.restore(content["accounts"])
        except Exception as exc:  # noqa: BLE001  # moto's backends may raise anything for a file that does not fit
            snapshot.clear()
            return self._move_aside(f"is not a state file ({type(exc).__name__}: {exc})")
        return None

    def save(self) -> None:
        """Write the account, unless nothing has changed since the last save."""
        # A signal handler may have interrupted the save that it waits for: hence the timeout.
        if not self._lock.acquire(timeout=5):
            return
        try:
            sagemakergeospatial_backends.apply_due_transitions()
            text = snapshot.dumps({"format": FORMAT, "accounts": snapshot.accounts()})
            if text == self._written:
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, self.path)
            self._written = text
        finally:
            self._lock.release()

    def start(self) -> None:
        """Save soon after each change, in a background thread."""
        Thread(target=self._save_changes, name="state", daemon=True).start()

    def _save_changes(self) -> None:
        while True:
            time.sleep(INTERVAL)
            sagemakergeospatial_backends.apply_due_transitions()
            completed_exports = sagemakergeospatial_backends.completed_exports
            if not self.changed.is_set() and completed_exports == self._completed_exports:
                continue
            self.changed.clear()
            self._completed_exports = completed_exports
            try:
                self.save()
            except RuntimeError:  # a dictionary has changed while it was read: try again in the next round
                self.changed.set()
            except OSError as exc:
                self.changed.set()
                print(f"Cannot write the state to {self.path}: {exc}", file=sys.stderr, flush=True)

    def _move_aside(self, problem: str) -> str:
        aside = self.path.with_name(f"{self.path.name}.{time.strftime('%Y%m%d-%H%M%S')}.unread")
        try:
            os.replace(self.path, aside)
        except OSError as exc:
            return (
                f"The state file {self.path} {problem}. Cannot move it aside ({exc}); starting with an empty account."
            )
        return f"The state file {self.path} {problem}. It was moved to {aside}; starting with an empty account."
