"""The official installer, run by the SDK's own PulumiCommand.install, with an end to every wait."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from . import cache
from .say import Failed, end_group, say

SITE = "https://get.pulumi.com"
REACHED_WITHIN = 4.0  # seconds until the site has answered
STARTED_WITHIN = 5.0  # seconds until the first bytes of the download lie on the disk
STALLED_AFTER = 60.0  # seconds without a new byte, once it flows

PROBE = "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method='HEAD'), timeout=float(sys.argv[2]))"
INSTALL = (
    "import sys; from pulumi.automation import PulumiCommand; print(PulumiCommand.install(root=sys.argv[1]).version)"
)


def install(python: str = sys.executable) -> Path:
    """Install into the cache with the SDK of `python`, and return the engine's bin directory.

    A site that cannot be reached, or that accepts and then says nothing, costs at most 10 seconds; Failed says which.
    """
    if subprocess.run([python, "-c", "import pulumi"], capture_output=True, check=False).returncode != 0:
        raise Failed(f"the Pulumi SDK is not installed in {python}")
    site = os.environ.get("PULUMI_ENGINE_SITE", SITE)
    say(f"looking for the official installer at {site} (at most {REACHED_WITHIN:.0f} s)")
    try:
        # A process of its own, as looking up a name cannot be given a timeout.
        probe = [python, "-c", PROBE, site, str(REACHED_WITHIN)]
        subprocess.run(probe, check=True, timeout=REACHED_WITHIN, capture_output=True, text=True)
    except subprocess.TimeoutExpired as exc:
        raise Failed(f"{site} did not answer within {REACHED_WITHIN:.0f} s") from exc
    except subprocess.CalledProcessError as exc:
        last = exc.stderr.strip().rpartition("\n")[2] or f"exit code {exc.returncode}"
        raise Failed(f"{site} cannot be reached: {last}") from exc
    say("downloading Pulumi with the official installer")
    with cache.workplace() as temporary:
        version = _run(python, temporary)
        for name in ("pulumi", cache.LANGUAGE, cache.DYNAMIC):
            if not (temporary / "engine" / "bin" / name).exists():
                raise Failed(f"the official installer brought no {name}")
        target = cache.root() / version
        cache.put(temporary / "engine", target)
    return cache.complete(target)


def _run(python: str, temporary: Path) -> str:
    (temporary / "download").mkdir()
    env = {**os.environ, "TMPDIR": str(temporary / "download"), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    with open(temporary / "log", "w+") as log:
        command = [python, "-c", INSTALL, str(temporary / "engine")]
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            close_fds=False,
        )
        try:
            _watch(process, temporary)
        finally:
            end_group(process)
        log.seek(0)
        output = log.read().strip().splitlines()
    if process.returncode != 0 or not output:
        raise Failed("the official installer failed: " + (output[-1] if output else f"exit code {process.returncode}"))
    return output[-1]


def _watch(process: subprocess.Popen[str], temporary: Path) -> None:
    """Wait for the end of the download as long as it grows, and say every 15 s how far it is."""
    began = grown = said = time.monotonic()
    size = 0
    while process.poll() is None:
        time.sleep(0.2)
        now = time.monotonic()
        bytes_now = sum(_size(file) for file in temporary.rglob("*") if file.name != "log")
        if bytes_now != size:
            size, grown = bytes_now, now
        if now - grown > (STALLED_AFTER if size else STARTED_WITHIN):
            raise Failed(f"the download stands still at {size / 1e6:.0f} MB after {now - began:.0f} s")
        if now - said > 15:
            said = now
            say(f"downloading the engine: {now - began:.0f} s, {size / 1e6:.0f} MB")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0
