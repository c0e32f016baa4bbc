"""Stacks of the repository's own projects on the real engine."""

from __future__ import annotations

import sys
from typing import Any

from tests.harness import CHECKOUT, Stack

DEMO_BUCKET = "eoj-exports-demo"


class ProjectStack(Stack):
    """The stack `local` of a copy of the project in folder ``program``, which calls the emulator at ``url``."""

    def __post_init__(self) -> None:
        (self.directory / "state").mkdir(parents=True)
        for file in (CHECKOUT / self.program).iterdir():
            if file.is_file() and (file.name.startswith("Pulumi") or file.suffix == ".py"):
                text = file.read_text().replace("http://127.0.0.1:5577", self.url)
                (self.directory / file.name).write_text(text)
        (self.directory / ".venv").symlink_to(sys.prefix)
        self.run("stack", "init", "local")

    def edit(self, before: str, after: str, file: str = "Pulumi.local.yaml") -> None:
        """Replace text in a file of the project."""
        path = self.directory / file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def stack_outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = self.export_state()["deployment"]["resources"][0]["outputs"]
        return outputs
