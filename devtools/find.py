"""Which engine to use: the one on PATH, the cache's, the official installer's, or one built by Go, in this order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from . import build, cache, installer
from .say import Failed, say

ORDER = ("path", "cache", "installer", "build")


def on_path() -> Path | None:
    """The directory of a `pulumi` on PATH that is recent enough and has its plugins beside it or on PATH."""
    command = shutil.which("pulumi")
    if command is None:
        return None
    if cache.root() in Path(command).parents:  # a shell that has evaluated `make env`, maybe of an older checkout
        return cache.find()
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run([command, "version"], capture_output=True, text=True, env=env, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as exc:
        say(f"{command} cannot be used: {exc}")
        return None
    version, oldest = cache.parse_version(answer.stdout), cache.parse_version(cache.pinned())
    if version is None or oldest is None or version < oldest:
        say(f"{command} is {answer.stdout.strip() or 'of no known version'}; {cache.pinned()} or newer is needed")
        return None
    beside = Path(os.path.realpath(command)).parent
    for plugin in (cache.LANGUAGE, cache.DYNAMIC):
        if not (beside / plugin).exists() and shutil.which(plugin) is None:
            say(f"{command} has no {plugin} beside it or on PATH")
            return None
    return Path(command).parent


def where() -> Path | None:
    """An engine that is at hand, without getting one."""
    wanted = order()
    for name, look in (("path", on_path), ("cache", cache.find)):
        if name in wanted and (found := look()):
            return found
    return None


def ensure(python: str = sys.executable) -> Path:
    """The bin directory of an engine, got on the way if need be; `python` is the one that has the SDK."""
    if found := where():
        return found
    wanted, reasons = order(), []
    get: dict[str, Callable[[], Path]] = {"installer": lambda: installer.install(python), "build": build.build}
    with cache.writing():
        if "cache" in wanted and (found := cache.find()):
            return found
        for name in wanted:
            if name not in get:
                reasons.append(f"{name}: none there")
                continue
            try:
                return get[name]()
            except Failed as exc:
                say(str(exc))
                reasons.append(f"{name}: {str(exc).splitlines()[0]}")
    raise Failed(
        "no Pulumi engine: install Pulumi "
        f"{cache.pinned()} or newer (https://www.pulumi.com/docs/install/), or Go {build.needed_go()} or newer, and run "
        "this again\n  " + "\n  ".join(reasons)
    )


def order() -> tuple[str, ...]:
    """All four, or those that PULUMI_ENGINE_FROM names, comma-separated."""
    wanted = tuple(name.strip() for name in os.environ.get("PULUMI_ENGINE_FROM", "").split(",") if name.strip())
    if unknown := set(wanted) - set(ORDER):
        raise Failed(f"PULUMI_ENGINE_FROM: {', '.join(sorted(unknown))} is none of {', '.join(ORDER)}")
    return wanted or ORDER
