"""The cache of engines outside the checkout: where it is, what is whole in it, and one writer at a time."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .say import one_at_a_time

HERE = Path(__file__).resolve().parent
PLUGINS = HERE / "plugins"
LANGUAGE = "pulumi-language-python"
DYNAMIC = "pulumi-resource-pulumi-python"

Version = tuple[int, int, int]


def parse_version(text: str) -> Version | None:
    """`v3.259.0-dev` gives (3, 259, 0); None if there is no version in it."""
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def pinned() -> str:
    """The engine's version that go.mod pins; it is also the oldest one that this project is tested with."""
    match = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (HERE / "go.mod").read_text())
    if match is None:
        raise ValueError("devtools/go.mod does not require github.com/pulumi/pulumi/pkg/v3")
    return match[1]


def root() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "pulumi-sagemaker-geospatial" / "engine"


def find() -> Path | None:
    """The bin directory of the newest engine in the cache that is recent enough, or None."""
    oldest = parse_version(pinned())
    assert oldest is not None
    found = [(version, path) for path in root().glob("[0-9]*") if (version := parse_version(path.name))]
    for version, path in sorted(found, reverse=True):
        if version >= oldest and os.access(path / "bin" / "pulumi", os.X_OK):
            return complete(path)
    return None


def complete(path: Path) -> Path:
    """The bin directory to use for the engine at `path`.

    The official one brings its plugins. A built one stands beside ours, in a directory whose name is the hash of what
    they say: a checkout with other plugins has a directory of its own, and nothing changes under a running engine.
    """
    if (path / "bin" / LANGUAGE).exists():
        return path / "bin"
    sources = sorted(file for file in PLUGINS.iterdir() if file.is_file())
    digest = hashlib.sha256(b"".join(file.name.encode() + b"\0" + file.read_bytes() for file in sources))
    target = path / f"with-plugins-{digest.hexdigest()[:12]}"
    if not target.is_dir():
        with workplace() as temporary:
            for file in sources:
                shutil.copyfile(file, temporary / file.name)
                (temporary / file.name).chmod(0o755)
            binary = path / "bin" / "pulumi"
            try:
                os.link(binary, temporary / "pulumi")
            except OSError:
                shutil.copy2(binary, temporary / "pulumi")
            put(temporary, target)
    return target


@contextmanager
def workplace() -> Iterator[Path]:
    """A directory in the cache to prepare something in; it is gone afterwards, unless it was put in its place."""
    root().mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f"tmp-{os.getpid()}-", dir=root()))
    temporary.chmod(0o755)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def put(prepared: Path, target: Path) -> None:
    """Move a whole directory into its place in one step; another process may have been first, with the same."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        prepared.rename(target)
    except OSError:
        if not target.is_dir():
            raise


@contextmanager
def writing() -> Iterator[None]:
    """Be the only one who writes; what a killed process left behind is swept away."""
    with one_at_a_time(root() / "lock", "another setup is getting an engine; waiting for it"):
        for left in root().glob("tmp-*"):
            if not _runs(int(left.name.split("-")[1])):
                shutil.rmtree(left, ignore_errors=True)
        yield


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
