"""The cache of Pulumi engines outside the checkout: lookup, publication and locking."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import paths
from .locks import file_lock

LANGUAGE_PLUGIN = "pulumi-language-python"
DYNAMIC_PLUGIN = "pulumi-resource-pulumi-python"

Version = tuple[int, int, int]


def parse_version(text: str) -> Version | None:
    """Return the first version in `text` (`v3.259.0-dev` is (3, 259, 0)), or None."""
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def required_version(source: Path = paths.DEVTOOLS) -> str:
    """Return the engine version that go.mod requires: the version that is built, and the oldest that is accepted."""
    match = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (source / "go.mod").read_text())
    if match is None:
        raise ValueError(f"{source}/go.mod does not require github.com/pulumi/pulumi/pkg/v3")
    return match[1]


def is_supported(version: Version | None) -> bool:
    """Return whether an engine of this version is new enough."""
    oldest = parse_version(required_version())
    return version is not None and oldest is not None and version >= oldest


def root() -> Path:
    """Return the directory of the cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "pulumi-sagemaker-geospatial" / "engine"


def find_newest() -> Path | None:
    """Return the bin directory of the newest supported engine in the cache, or None."""
    engines = [(version, path) for path in root().glob("[0-9]*") if (version := parse_version(path.name))]
    for version, path in sorted(engines, reverse=True):
        if is_supported(version) and os.access(path / "bin" / "pulumi", os.X_OK):
            return with_plugins(path)
    return None


def with_plugins(engine: Path) -> Path:
    """Return the bin directory to use for the engine in the directory `engine`.

    An official engine includes its plugins. A built one is linked into a directory together with the plugins of this
    checkout. The directory's name has a hash of the plugins, so that a checkout with other plugins never changes the
    files of a running engine.
    """
    if (engine / "bin" / LANGUAGE_PLUGIN).exists():
        return engine / "bin"
    plugins = sorted(file for file in paths.PLUGINS.iterdir() if file.is_file())
    digest = hashlib.sha256(b"".join(file.name.encode() + b"\0" + file.read_bytes() for file in plugins))
    target = engine / f"with-plugins-{digest.hexdigest()[:12]}"
    if not target.is_dir():
        with staging_directory() as staging:
            for file in plugins:
                shutil.copyfile(file, staging / file.name)
                (staging / file.name).chmod(0o755)
            _link_or_copy(engine / "bin" / "pulumi", staging / "pulumi")
            publish(staging, target)
    return target


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # the file system has no hard links
        shutil.copy2(source, target)


@contextmanager
def staging_directory() -> Iterator[Path]:
    """Create a temporary directory in the cache, and remove it at the end unless it was published."""
    root().mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f"tmp-{os.getpid()}-", dir=root()))
    staging.chmod(0o755)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def publish(staging: Path, target: Path) -> None:
    """Rename a complete directory to `target` atomically; keep the target if another process has published it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        staging.rename(target)
    except OSError:
        if not target.is_dir():
            raise


@contextmanager
def write_lock() -> Iterator[None]:
    """Hold the cache's lock for writers, and remove the staging directories of processes that were killed."""
    with file_lock(root() / "lock", "another setup is installing an engine; waiting for it"):
        for staging in root().glob("tmp-*"):
            if not is_running(int(staging.name.split("-")[1])):
                shutil.rmtree(staging, ignore_errors=True)
        yield


def is_running(pid: int) -> bool:
    """Return whether a process with this ID exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
