"""What `make up`, `preview`, `refresh` and `destroy` do with the root project: Pulumi's own commands, each said first."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

from . import emulator, place
from .say import Failed, foreground, say

DEFAULT_PORT = 5577
VERBS = {
    "up": ["up", "--yes"],
    "preview": ["preview", "--diff"],
    "refresh": ["refresh", "--yes", "--run-program"],
    "destroy": ["destroy", "--yes"],
}


@dataclass(frozen=True)
class Stack:
    """A stack of the root project, with the environment to run Pulumi in. Only `local` has the emulator."""

    name: str
    port: int
    env: dict[str, str]

    def run(self, verb: str) -> None:
        if self.name == "local":
            # Its file in the repository belongs to the empty passphrase; there is no secret in it.
            self.env["PULUMI_CONFIG_PASSPHRASE"] = ""
            self.env.pop("PULUMI_CONFIG_PASSPHRASE_FILE", None)
            emulator.start(self.port, self.env)
        self._pulumi(["stack", "select", "--create", self.name])
        command = [*VERBS[verb], "--stack", self.name, *self._config()]
        if verb != "preview" and not os.environ.get("PULUMI_PARALLEL"):
            command += ["--parallel", "256"]  # an export costs a wait, not work
        self._pulumi(command)
        if verb in ("up", "refresh"):
            say("the stack's outputs")
            self._pulumi(["stack", "output", "--stack", self.name], quiet=True)

    def _config(self) -> list[str]:
        """A copy of the stack's file with the emulator's port, where it is not the usual one."""
        if self.name != "local" or self.port == DEFAULT_PORT:
            return []
        text = (place.CHECKOUT / "Pulumi.local.yaml").read_text()
        copy = place.LOCAL / "Pulumi.local.yaml"
        copy.write_text(text.replace(f"127.0.0.1:{DEFAULT_PORT}", f"127.0.0.1:{self.port}"))
        return ["--config-file", str(copy)]

    def _pulumi(self, arguments: list[str], quiet: bool = False) -> None:
        if not quiet:
            say(shlex.join(["pulumi", *arguments]))
        code = foreground(["pulumi", *arguments], place.CHECKOUT, self.env)
        if code != 0:
            raise Failed(f"pulumi {arguments[0]} ended with exit code {code}")
