"""The Pulumi commands behind `make up`, `make preview`, `make refresh` and `make destroy`."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass

from . import emulator, paths
from .environment import LOCAL_STACK
from .errors import StepFailed
from .log import log_step
from .subprocesses import run_foreground

DEFAULT_PORT = 5577
COMMANDS = {
    "up": ["up", "--yes"],
    "preview": ["preview", "--diff"],
    "refresh": ["refresh", "--yes", "--run-program"],
    "destroy": ["destroy", "--yes"],
}
CREATES_STACK = ("up", "preview")
RUNS_PROGRAM = ("up", "preview", "refresh")


@dataclass(frozen=True)
class Stack:
    """A stack of the root project; `env` is the environment of Pulumi. Only the stack `local` uses the emulator."""

    name: str
    port: int
    env: dict[str, str]

    def run(self, command: str) -> None:
        """Run one of COMMANDS, and log each Pulumi command before it runs."""
        if self.name == LOCAL_STACK:
            # Pulumi.local.yaml is encrypted with the empty passphrase; it has no secrets.
            self.env["PULUMI_CONFIG_PASSPHRASE"] = ""
            self.env.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
            emulator.start(self.port, self.env)
        elif command in RUNS_PROGRAM:
            self._check_placeholders()
        create = ["--create"] if self.name == LOCAL_STACK or command in CREATES_STACK else []
        self._run_pulumi(["stack", "select", *create, self.name])
        arguments = [*COMMANDS[command], "--stack", self.name, *self.config_arguments()]
        if command != "preview" and not os.environ.get("PULUMI_PARALLEL"):
            arguments += ["--parallel", "256"]  # exports wait for the service and use little CPU
        self._run_pulumi(arguments)
        if command in ("up", "refresh"):
            log_step("the stack's outputs")
            self._run_pulumi(["stack", "output", "--stack", self.name], log=False)

    def _check_placeholders(self) -> None:
        """Check the config file before it is changed: Pulumi adds the encryption salt when it creates the stack."""
        command = [str(paths.PYTHON), "-B", "-m", "devtools.stack_file", self.name.rpartition("/")[2]]
        check = subprocess.run(command, cwd=paths.CHECKOUT, env=self.env, capture_output=True, text=True, check=False)
        if check.returncode != 0:
            raise StepFailed(check.stderr.strip())

    def config_arguments(self) -> list[str]:
        """Return the option for a copy of the stack's config file with another emulator port, if it is needed."""
        if self.name != LOCAL_STACK or self.port == DEFAULT_PORT:
            return []
        text = (paths.CHECKOUT / "Pulumi.local.yaml").read_text()
        copy = paths.LOCAL / "Pulumi.local.yaml"
        copy.write_text(text.replace(f"127.0.0.1:{DEFAULT_PORT}", f"127.0.0.1:{self.port}"))
        return ["--config-file", str(copy)]

    def _run_pulumi(self, arguments: list[str], log: bool = True) -> None:
        if log:
            log_step(shlex.join(["pulumi", *arguments]))
        code = run_foreground(["pulumi", *arguments], paths.CHECKOUT, self.env)
        if code != 0:
            raise StepFailed(f"pulumi {arguments[0]} failed with exit code {code}")
