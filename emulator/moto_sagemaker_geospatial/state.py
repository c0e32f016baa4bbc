"""The account in a file: buckets with their objects, roles, keys, jobs, exports and tokens survive a restart."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from threading import Event, Lock, Thread

from . import record
from .models import sagemakergeospatial_backends

FORMAT = 1
INTERVAL = 0.5  # seconds between two looks at whether something has changed


class StateFile:
    """Written whole and moved into place, so that a reader (or a `kill -9`) never finds half of it."""

    def __init__(self, path: Path, changed: Event) -> None:
        self.path = path
        self.changed = changed
        self._lock = Lock()
        self._written = ""
        self._endings = 0

    def load(self) -> str | None:
        """Restore the account. A file that cannot be read is moved aside; the sentence that says so is returned."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as exc:
            return self._move_aside(f"cannot be read ({exc})")
        try:
            saved = record.loads(text)
            found = saved.get("format") if isinstance(saved, dict) else None
            if found != FORMAT:
                return self._move_aside(f"is of format {found}, and this version writes {FORMAT}")
            record.restore(saved["accounts"])
        except Exception as exc:  # noqa: BLE001  # whatever moto's backends raise: the file does not fit
            record.clear()
            return self._move_aside(f"is not a state file ({type(exc).__name__}: {exc})")
        return None

    def save(self) -> None:
        """Write the account, if it is not what was written last."""
        # an ending process waits for a save that runs, but not for ever: that save may be on the thread it interrupted
        if not self._lock.acquire(timeout=5):
            return
        try:
            sagemakergeospatial_backends.settle()
            text = record.dumps({"format": FORMAT, "accounts": record.accounts()})
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
        """Save soon after each change, from a thread of its own."""
        Thread(target=self._keep, name="state", daemon=True).start()

    def _keep(self) -> None:
        while True:
            time.sleep(INTERVAL)
            sagemakergeospatial_backends.settle()
            endings = sagemakergeospatial_backends.endings
            if not self.changed.is_set() and endings == self._endings:
                continue
            self.changed.clear()
            self._endings = endings
            try:
                self.save()
            except RuntimeError:  # a dictionary has changed while it was read: the next look takes it
                self.changed.set()
            except OSError as exc:
                self.changed.set()
                print(f"The state cannot be written to {self.path}: {exc}", file=sys.stderr, flush=True)

    def _move_aside(self, why: str) -> str:
        aside = self.path.with_name(f"{self.path.name}.{time.strftime('%Y%m%d-%H%M%S')}.unread")
        try:
            os.replace(self.path, aside)
        except OSError as exc:
            return f"The state file {self.path} {why}. It cannot be moved aside either ({exc}); starting empty."
        return f"The state file {self.path} {why}. It is kept as {aside}; starting with an empty account."
