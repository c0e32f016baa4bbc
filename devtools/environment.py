"""Environment variables for the commands of the Makefile and for the user's shell."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from . import paths

#: Variables that make sets for its own recipes; a nested make must not inherit them.
MAKE_VARIABLES = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")

#: The stack on the local emulator. Its state is in the checkout.
LOCAL_STACK = "local"


def pulumi_settings(stack: str = LOCAL_STACK) -> dict[str, str]:
    """Return the settings of Pulumi for a stack.

    The state of the stack `local` belongs to the checkout, and other values that the user has set are kept. Any other
    stack uses the operator's own backend, login and secrets provider.
    """
    # A plugin is downloaded when a resource of it is declared, instead of each one whose package is installed.
    settings = {"PULUMI_SKIP_UPDATE_CHECK": "1", "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true"}
    settings = {name: os.environ.get(name, value) for name, value in settings.items()}
    if stack != LOCAL_STACK:
        return settings
    (paths.LOCAL / "state").mkdir(parents=True, exist_ok=True)
    settings |= {"PULUMI_HOME": str(paths.LOCAL / "pulumi"), "PULUMI_BACKEND_URL": f"file://{paths.LOCAL / 'state'}"}
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in os.environ:
        settings["PULUMI_CONFIG_PASSPHRASE"] = os.environ.get("PULUMI_CONFIG_PASSPHRASE", "")
    if not {"PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_GZIP"} & set(os.environ):
        # The engine writes the state after each step; compression nearly halves the time for hundreds of resources.
        settings["PULUMI_DIY_BACKEND_ZSTD"] = os.environ.get("PULUMI_DIY_BACKEND_ZSTD", "true")
    return settings


def path_entries(engine: Path, venv: Path = paths.VENV) -> list[str]:
    """Return the directories to put first on PATH."""
    return [str(venv / "bin"), str(engine)]


def command_environment(engine: Path, stack: str = LOCAL_STACK, venv: Path = paths.VENV) -> dict[str, str]:
    """Return the complete environment for a command; `engine` is the engine's bin directory."""
    path = os.pathsep.join([*path_entries(engine, venv), os.environ.get("PATH", os.defpath)])
    env = {**os.environ, **pulumi_settings(stack), "PATH": path, "VIRTUAL_ENV": str(venv)}
    # Each command starts several interpreters, and packages are compiled at their first import: bytecode has to be kept.
    for name in ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE", *MAKE_VARIABLES):
        env.pop(name, None)
    return env


def shell_exports(engine: Path, stack: str = LOCAL_STACK) -> str:
    """Return the environment as `export` lines for a POSIX shell; `engine` is the engine's bin directory."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in pulumi_settings(stack).items()]
    lines.append(f"export VIRTUAL_ENV={shlex.quote(str(paths.VENV))}")
    lines.append(f'export PATH={shlex.quote(os.pathsep.join(path_entries(engine)))}:"$PATH"')
    return "\n".join(lines)
