"""Selection of a Pulumi engine: from PATH, the cache, the official installer, or a build with Go, in this order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from . import build, cache, installer
from .errors import StepFailed
from .log import log_step

SOURCES = ("path", "cache", "installer", "build")
_VERSION_TIMEOUT = 20.0  # seconds for `pulumi version`


def sources() -> tuple[str, ...]:
    """Return the allowed sources: those in PULUMI_ENGINE_FROM (comma-separated), by default all."""
    names = tuple(name.strip() for name in os.environ.get("PULUMI_ENGINE_FROM", "").split(",") if name.strip())
    if unknown := set(names) - set(SOURCES):
        raise StepFailed(
            f"PULUMI_ENGINE_FROM: unknown source {', '.join(sorted(unknown))}; expected {', '.join(SOURCES)}"
        )
    return names or SOURCES


def find_installed() -> Path | None:
    """Return the bin directory of an engine on PATH or in the cache, or None; install nothing."""
    allowed = sources()
    for name, find in (("path", find_on_path), ("cache", cache.find_newest)):
        if name in allowed and (engine := find()):
            return engine
    return None


def find_or_install(python: str = sys.executable) -> Path:
    """Return the bin directory of an engine, after installing or building one if necessary.

    Args:
        python: An interpreter that has the Pulumi SDK, whose installer is used.

    Raises:
        StepFailed: No source has an engine; the message has the reason for each.
    """
    if engine := find_installed():
        return engine
    allowed, reasons = sources(), []
    install: dict[str, Callable[[], Path]] = {
        "installer": lambda: installer.install_engine(python),
        "build": build.build_engine,
    }
    with cache.write_lock():
        # Another process may have installed an engine while this one waited for the lock.
        if "cache" in allowed and (engine := cache.find_newest()):
            return engine
        for name in allowed:
            if name not in install:
                reasons.append(f"{name}: no engine found")
                continue
            try:
                return install[name]()
            except StepFailed as exc:
                log_step(str(exc))
                reasons.append(f"{name}: {str(exc).splitlines()[0]}")
    raise StepFailed(
        f"no Pulumi engine found: install Pulumi {cache.required_version()} or newer "
        f"(https://www.pulumi.com/docs/install/), or Go {build.required_go_version()} or newer, and run this command "
        "again\n  " + "\n  ".join(reasons)
    )


def find_on_path() -> Path | None:
    """Return the directory of a supported `pulumi` on PATH whose plugins are beside it or on PATH, or None."""
    command = shutil.which("pulumi")
    if command is None:
        return None
    if cache.root() in Path(command).parents:  # after `make env`, PATH may have the plugins of an older checkout
        return cache.find_newest()
    problem = _version_problem(command) or _plugin_problem(command)
    if problem:
        log_step(f"{command} {problem}")
        return None
    return Path(command).parent


def _version_problem(command: str) -> str | None:
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        result = subprocess.run(
            [command, "version"], capture_output=True, text=True, env=env, timeout=_VERSION_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return f"cannot be used: {exc}"
    if cache.is_supported(cache.parse_version(result.stdout)):
        return None
    return f"is {result.stdout.strip() or 'of unknown version'}; {cache.required_version()} or newer is required"


def _plugin_problem(command: str) -> str | None:
    directory = Path(os.path.realpath(command)).parent
    for plugin in (cache.LANGUAGE_PLUGIN, cache.DYNAMIC_PLUGIN):
        if not (directory / plugin).exists() and shutil.which(plugin) is None:
            return f"has no {plugin} beside it or on PATH"
    return None
