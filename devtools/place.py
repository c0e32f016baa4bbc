"""The checkout's own places, and the environment in which its commands and the user's shell run."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCAL = CHECKOUT / ".local"


def settings() -> dict[str, str]:
    """What Pulumi is told; what the user has set stays, save for where this checkout's state lies."""
    (LOCAL / "state").mkdir(parents=True, exist_ok=True)
    ours = {
        "PULUMI_HOME": str(LOCAL / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{LOCAL / 'state'}",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in os.environ:
        ours["PULUMI_CONFIG_PASSPHRASE"] = os.environ.get("PULUMI_CONFIG_PASSPHRASE", "")
    if not {"PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_GZIP"} & set(os.environ):
        # The state is written after each step: compressed, a stack of hundreds is nearly twice as fast.
        ours["PULUMI_DIY_BACKEND_ZSTD"] = os.environ.get("PULUMI_DIY_BACKEND_ZSTD", "true")
    return ours


def first_on_path(engine: Path) -> list[str]:
    return [str(VENV / "bin"), str(engine)]


def environment(engine: Path) -> dict[str, str]:
    """The whole environment for a command of ours."""
    path = os.pathsep.join([*first_on_path(engine), os.environ.get("PATH", os.defpath)])
    env = {**os.environ, **settings(), "PATH": path, "VIRTUAL_ENV": str(VENV)}
    env.pop("PYTHONHOME", None)
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"):
        env.pop(name, None)
    return env


def exports(engine: Path) -> str:
    """The same, as lines that a POSIX shell evaluates."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in settings().items()]
    lines.append(f"export VIRTUAL_ENV={shlex.quote(str(VENV))}")
    lines.append(f'export PATH={shlex.quote(os.pathsep.join(first_on_path(engine)))}:"$PATH"')
    return "\n".join(lines)
