"""The files of a new stack: `pulumi stack init` writes them once a process and project, and each further stack gets a copy."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.emulator_client import CHECKOUT

STACK = "test"


@dataclass(frozen=True)
class NewStack:
    """What `pulumi stack init` wrote in a folder: the state, the file that selects the stack, and the salt of the stack's config."""

    directory: Path
    state: dict[Path, bytes]
    selection: str
    salt: str


def pulumi_environment(directory: Path) -> dict[str, str]:
    """Return the environment of a project with a file backend, without the AWS and Pulumi settings of the caller."""
    settings = {
        "PULUMI_HOME": str(directory.parent / "home"),
        "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "provider"), str(CHECKOUT / "emulator")]),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
    return {**inherited, **settings}


def write_project(directory: Path, project: str) -> None:
    (directory / "state").mkdir(parents=True)
    (directory / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")


def copy_new_stack(directory: Path, project: str) -> str:
    """Create and select the stack in a project, and return the salt of its config."""
    new = _new_stack(project)
    for path, content in new.state.items():
        (directory / "state" / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / "state" / path).write_bytes(content)
    selection = _selection_file(directory, project)
    selection.parent.mkdir(parents=True, exist_ok=True)
    selection.write_text(new.selection.replace(str(new.directory), str(directory)))
    return new.salt


@functools.cache
def _new_stack(project: str) -> NewStack:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder).resolve() / "project"
        write_project(directory, project)
        command = ["pulumi", "stack", "init", STACK, "--non-interactive"]
        subprocess.run(
            command, cwd=directory, env=pulumi_environment(directory), check=True, capture_output=True, timeout=300
        )
        state = directory / "state"
        return NewStack(
            directory,
            {path.relative_to(state): path.read_bytes() for path in state.rglob("*") if path.is_file()},
            _selection_file(directory, project).read_text(),
            yaml.safe_load((directory / f"Pulumi.{STACK}.yaml").read_text())["encryptionsalt"],
        )


def _selection_file(directory: Path, project: str) -> Path:
    """Return the file in which the engine keeps the project's selected stack."""
    digest = hashlib.sha1(str(directory.resolve() / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
    return directory.parent / "home" / "workspaces" / f"{project}-{digest}-workspace.json"
