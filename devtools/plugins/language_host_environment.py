"""The program's Python environment: the virtual environment that Pulumi.yaml names, and the commands that install it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any


def find_virtual_environment(info: Any) -> tuple[str | None, str]:
    """Return the path of the virtual environment that Pulumi.yaml names, or None, and an error message or ""."""
    name = _virtual_environment_name(info)
    if not name:
        return None, ""
    path = os.path.normpath(os.path.join(info.root_directory, name))
    if os.path.isfile(os.path.join(path, "bin", "python")):
        return path, ""
    problem = "is not a virtual environment" if os.path.isdir(path) else "does not exist"
    return None, (
        f"The 'virtualenv' option in Pulumi.yaml is set to {name!r}, but {path} {problem}. Run `pulumi install`, or: "
        f"python3 -m venv {path} && {path}/bin/python -m pip install -r requirements.txt"
    )


def _virtual_environment_name(info: Any) -> str | None:
    options = dict(info.options.items())
    if options.get("virtualenv"):
        return str(options["virtualenv"])
    match options.get("toolchain"):
        case "uv":
            return ".venv"
        case "poetry":
            command = ["poetry", "env", "info", "--path"]
            result = subprocess.run(command, cwd=info.program_directory, capture_output=True, text=True, check=False)
            return result.stdout.strip()
    return None


def needs_other_interpreter(venv: str | None) -> bool:
    """Return whether the virtual environment is not the one of this process."""
    return venv is not None and os.path.realpath(venv) != os.path.realpath(sys.prefix)


def install_commands(request: Any) -> list[list[str]]:
    """Return the commands behind `pulumi install`: create the virtual environment, and install the requirements."""
    name = dict(request.info.options.items()).get("virtualenv")
    venv = os.path.join(request.info.root_directory, name) if name else None
    commands = []
    if venv and not os.path.exists(os.path.join(venv, "bin", "python")):
        commands.append([sys.executable, "-m", "venv", venv])
    requirements = os.path.join(request.info.program_directory or request.directory, "requirements.txt")
    if os.path.exists(requirements):
        python = os.path.join(venv, "bin", "python") if venv else sys.executable
        commands.append([python, "-m", "pip", "install", "-r", requirements])
    return commands
