"""Installation of the engine with the SDK's PulumiCommand.install, with a timeout for every wait."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import cache
from .errors import StepFailed
from .log import log_step
from .subprocesses import PROGRESS_INTERVAL, kill_process_group, start_in_new_session

INSTALLER_URL = "https://get.pulumi.com"
CONNECT_TIMEOUT = 4.0  # seconds until the site has responded
FIRST_BYTE_TIMEOUT = 5.0  # seconds until the first bytes of the download are on disk
STALL_TIMEOUT = 60.0  # seconds without a new byte, after the first

PROBE = "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method='HEAD'), timeout=float(sys.argv[2]))"
INSTALL = (
    "import sys; from pulumi.automation import PulumiCommand; print(PulumiCommand.install(root=sys.argv[1]).version)"
)


def install_engine(python: str = sys.executable) -> Path:
    """Install an engine into the cache with the SDK of `python`, and return its bin directory.

    Raises:
        StepFailed: The SDK is missing, the installer failed, or the site is unreachable; the latter takes at most 10 s.
    """
    if subprocess.run([python, "-c", "import pulumi"], capture_output=True, check=False).returncode != 0:
        raise StepFailed(f"the Pulumi SDK is not installed in {python}")
    check_site(python)
    log_step("downloading Pulumi with the official installer")
    with cache.staging_directory() as staging:
        version = _run_installer(python, staging)
        for name in ("pulumi", cache.LANGUAGE_PLUGIN, cache.DYNAMIC_PLUGIN):
            if not (staging / "engine" / "bin" / name).exists():
                raise StepFailed(f"the official installer did not install {name}")
        target = cache.root() / version
        cache.publish(staging / "engine", target)
    return cache.with_plugins(target)


def check_site(python: str) -> None:
    """Raise StepFailed unless the installer's site responds within CONNECT_TIMEOUT."""
    site = os.environ.get("PULUMI_ENGINE_SITE", INSTALLER_URL)
    log_step(f"connecting to the official installer at {site} (at most {CONNECT_TIMEOUT:.0f} s)")
    command = [python, "-c", PROBE, site, str(CONNECT_TIMEOUT)]
    try:
        # In a separate process, because a DNS lookup has no timeout.
        subprocess.run(command, check=True, timeout=CONNECT_TIMEOUT, capture_output=True, text=True)
    except subprocess.TimeoutExpired as exc:
        raise StepFailed(f"{site} did not respond within {CONNECT_TIMEOUT:.0f} s") from exc
    except subprocess.CalledProcessError as exc:
        reason = exc.stderr.strip().rpartition("\n")[2] or f"exit code {exc.returncode}"
        raise StepFailed(f"{site} cannot be reached: {reason}") from exc


def _run_installer(python: str, staging: Path) -> str:
    """Install into `staging`/engine and return the version."""
    (staging / "download").mkdir()
    env = {**os.environ, "TMPDIR": str(staging / "download"), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    with open(staging / "log", "w+") as log:
        process = start_in_new_session([python, "-c", INSTALL, str(staging / "engine")], stdout=log, env=env)
        try:
            _wait_for_download(process, staging)
        finally:
            kill_process_group(process)
        log.seek(0)
        output = log.read().strip().splitlines()
    if process.returncode != 0 or not output:
        reason = output[-1] if output else f"exit code {process.returncode}"
        raise StepFailed(f"the official installer failed: {reason}")
    return output[-1]


def _wait_for_download(process: subprocess.Popen[str], staging: Path) -> None:
    download = DownloadMonitor(time.monotonic())
    while process.poll() is None:
        time.sleep(0.2)
        size = sum(_file_sizes(staging))
        if message := download.update(time.monotonic(), size):
            log_step(message)


def _file_sizes(staging: Path) -> Iterator[int]:
    for file in staging.rglob("*"):
        try:
            if file.name != "log" and file.is_file():
                yield file.stat().st_size
        except OSError:  # removed meanwhile
            continue


class DownloadMonitor:
    """Decides from a download's size over time whether it has stalled and when to report progress."""

    def __init__(self, now: float) -> None:
        self.started_at = self.grown_at = self.reported_at = now
        self.size = 0

    def update(self, now: float, size: int) -> str | None:
        """Return a progress message if one is due.

        Args:
            now: The time in seconds, on the clock of `__init__`.
            size: The bytes on disk.

        Raises:
            StepFailed: The size has not changed for FIRST_BYTE_TIMEOUT or STALL_TIMEOUT.
        """
        if size != self.size:
            self.size, self.grown_at = size, now
        elapsed, megabytes = now - self.started_at, size / 1e6
        if now - self.grown_at > (STALL_TIMEOUT if size else FIRST_BYTE_TIMEOUT):
            raise StepFailed(f"the download stalled at {megabytes:.0f} MB after {elapsed:.0f} s")
        if now - self.reported_at <= PROGRESS_INTERVAL:
            return None
        self.reported_at = now
        return f"downloading the engine: {elapsed:.0f} s, {megabytes:.0f} MB"
