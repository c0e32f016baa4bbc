"""A `pulumi` that answers from files: the state and the config of one stack, without an engine."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_SCRIPT = """\
#!{python}
import pathlib, sys
arguments = sys.argv[1:]
if arguments[arguments.index("--stack") + 1] != "prod":
    sys.exit("error: no stack named 'x' found")
print((pathlib.Path(__file__).parent / f"{{arguments[0]}}.json").read_text())
"""


@dataclass
class FakePulumi:
    """The stack `prod`, with exports by the resource's name."""

    directory: Path
    resources: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        script = self.directory / "pulumi"
        script.write_text(_SCRIPT.format(python=sys.executable))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        self.write_config({"aws:accessKey": "test", "aws:secretKey": "test", "aws:maxRetries": "0"})
        self._write_state()

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make this the `pulumi` on PATH."""
        monkeypatch.setenv("PATH", f"{self.directory}{os.pathsep}{os.environ['PATH']}")

    def write_config(self, config: Mapping[str, str]) -> None:
        """Write the stack's config."""
        values = {key: {"value": value, "secret": False} for key, value in config.items()}
        (self.directory / "config.json").write_text(json.dumps(values))

    def add_export(self, name: str, outputs: Mapping[str, Any], kind: str = "ExportEarthObservationJob") -> None:
        """Add an export to the state."""
        type_ = f"pulumi-python:dynamic:{kind}"
        urn = f"urn:pulumi:prod::project::{type_}::{name}"
        self.resources.append({"urn": urn, "type": type_, "custom": True, "outputs": dict(outputs)})
        self._write_state()

    def _write_state(self) -> None:
        (self.directory / "stack.json").write_text(json.dumps({"deployment": {"resources": self.resources}}))
