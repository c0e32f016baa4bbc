"""Where the progress file is, and how it is written, read and removed."""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no locks of this kind
    fcntl = None  # type: ignore[assignment]

#: The environment variable with the file's path; `OFF` for no file.
VARIABLE, OFF = "PULUMI_GEOSPATIAL_PROGRESS", "off"
#: What every progress file begins with.
_BEGINNING = b'{"progress":'


def candidate_paths(project: str, stack: str, folder: Path, setting: str | None) -> list[Path]:
    """Return the paths that are tried in turn: the setting's, or the project's folder and the temporary directory."""
    if setting == OFF:
        return []
    if setting:
        return [folder / setting]
    return [
        folder / f".pulumi-geospatial.{_file_name(stack)}.jsonl",
        temporary_directory() / f"{_file_name(project)}.{_file_name(stack)}.jsonl",
    ]


def temporary_directory() -> Path:
    """Return the directory of this user's progress files."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"pulumi-geospatial-{user}"


class ProgressFile:
    """A file that only this process writes. That it cannot be written is no error: the exports matter more."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths
        self._descriptor: int | None = None
        self.path: Path | None = None

    def create(self, first_line: str) -> str | None:
        """Create the file at the first path that allows it, in place of an older one.

        Returns why the only path, which somebody has chosen, cannot be used.
        """
        reason = None
        for path in self._paths:
            try:
                self._open(path)
            except OSError as exc:
                reason = f"{path}: {exc.strerror or exc}"
                continue
            self.write(first_line)
            return None
        return reason if len(self._paths) == 1 else None

    def _open(self, path: Path) -> None:
        if path.parent == temporary_directory():
            _make_private(path.parent)
        with suppress(FileNotFoundError):
            _verify_replaceable(path)
            path.unlink()
        # A file or a link that somebody else puts there meanwhile is refused.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor, self.path = os.open(path, flags, 0o600), path
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)  # until the process ends, however it ends

    def write(self, line: str) -> None:
        """Add a line; after a failure, nothing more is written."""
        if self._descriptor is None:
            return
        try:
            os.write(self._descriptor, line.encode())
        except OSError:
            self.close()

    def close(self) -> None:
        """Let others see that the run has ended."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            with suppress(OSError):
                os.close(descriptor)

    def remove(self) -> None:
        """Close the file and remove it."""
        self.close()
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()


def read_lines(path: Path) -> list[str] | None:
    """Return the lines of a file; None where there is none."""
    try:
        with _open_regular(path) as file:
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    return text[: text.rfind("\n") + 1].splitlines()  # the last line may still be being written


def is_being_written(path: Path) -> bool:
    """Return whether the process that writes a file lives, which holds a lock on it."""
    try:
        with _open_regular(path) as file:
            return _is_locked(file)
    except OSError:
        return False


def _verify_replaceable(path: Path) -> None:
    """Raise OSError unless a file is empty or a progress file that nobody writes any more."""
    with _open_regular(path) as file:
        if file.read(len(_BEGINNING)) not in (b"", _BEGINNING):
            raise FileExistsError(errno.EEXIST, "is no progress file, and is not overwritten")
        if fcntl is not None and _is_locked(file):
            raise FileExistsError(errno.EEXIST, "is the progress file of another update, which is running")


def _open_regular(path: Path) -> BinaryIO:
    """Open a file to read it. Raises OSError for anything else, such as a link, a directory or a pipe, and never waits."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise OSError(errno.EINVAL, "is no regular file")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.fdopen(os.open(path, flags), "rb")


def _is_locked(file: BinaryIO) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _make_private(directory: Path) -> None:
    """Make a directory that only this user can use. Raises OSError where somebody else owns it."""
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    is_own = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    if not stat.S_ISDIR(found.st_mode) or not is_own:
        raise PermissionError(f"{directory} belongs to somebody else")
    directory.chmod(0o700)


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", text) or "_"
