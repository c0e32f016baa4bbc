"""Environment variables for the commands of the Makefile and for the user's shell."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from . import paths

#: Variables that make sets for its own recipes; a nested make must not inherit them.
MAKE_VARIABLES = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")


def pulumi_settings() -> dict[str, str]:
    """Return Pulumi's settings for this checkout.

    Values that the user has set are kept, except for the directory of the state, which belongs to the checkout.
    """
    (paths.LOCAL / "state").mkdir(parents=True, exist_ok=True)
    settings = {
        "PULUMI_HOME": str(paths.LOCAL / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{paths.LOCAL / 'state'}",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in os.environ:
        settings["PULUMI_CONFIG_PASSPHRASE"] = os.environ.get("PULUMI_CONFIG_PASSPHRASE", "")
    if not {"PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_GZIP"} & set(os.environ):
        # The engine writes the state after each step; compression nearly halves the time for hundreds of resources.
        settings["PULUMI_DIY_BACKEND_ZSTD"] = os.environ.get("PULUMI_DIY_BACKEND_ZSTD", "true")
    return settings


def path_entries(engine: Path, venv: Path = paths.VENV) -> list[str]:
    """Return the directories to put first on PATH."""
    return [str(venv / "bin"), str(engine)]


def command_environment(engine: Path, venv: Path = paths.VENV) -> dict[str, str]:
    """Return the complete environment for a command; `engine` is the engine's bin directory."""
    path = os.pathsep.join([*path_entries(engine, venv), os.environ.get("PATH", os.defpath)])
    env = {**os.environ, **pulumi_settings(), "PATH": path, "VIRTUAL_ENV": str(venv)}
    for name in ("PYTHONHOME", *MAKE_VARIABLES):
        env.pop(name, None)
    return env


def shell_exports(engine: Path) -> str:
    """Return the environment as `export` lines for a POSIX shell; `engine` is the engine's bin directory."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in pulumi_settings().items()]
    lines.append(f"export VIRTUAL_ENV={shlex.quote(str(paths.VENV))}")
    lines.append(f'export PATH={shlex.quote(os.pathsep.join(path_entries(engine)))}:"$PATH"')
    return "\n".join(lines)
