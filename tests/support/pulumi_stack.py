"""A Pulumi project with one stack on the real engine, driven through the CLI."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.new_stack import STACK, copy_new_stack, pulumi_environment, write_project

NO_ENGINE = "no pulumi on PATH: run `make setup`, then `make test`, which adds it"
COMMAND_TIMEOUT = 300

#: Declares the exports that exports.json lists, each of the kind that its ARN has: the resource's arguments, and its name, options and secret inputs.
PROGRAM = """\
import json
import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, ExportVectorEnrichmentJob

exports = {}
for entry in json.load(open("exports.json")):
    name, opts, secrets = entry.pop("name"), entry.pop("opts", {}), entry.pop("secret", [])
    timeouts = opts.pop("timeouts", None)
    if "depends_on" in opts:
        opts["depends_on"] = [exports[each] for each in opts["depends_on"]]
    if "aliases" in opts:
        opts["aliases"] = [pulumi.Alias(name=each) for each in opts["aliases"]]
    if timeouts:
        opts["custom_timeouts"] = pulumi.CustomTimeouts(**timeouts)
    for each in secrets:
        entry[each] = pulumi.Output.secret(entry[each])
    is_vector = ":vector-enrichment-job/" in str(entry.get("arn"))
    resource = ExportVectorEnrichmentJob if is_vector else ExportEarthObservationJob
    exports[name] = resource(name, **entry, opts=pulumi.ResourceOptions(**opts))
"""


@dataclass
class CommandResult:
    """Exit code and output of a command that ended; ``text in result`` searches the output."""

    code: int
    output: str

    def __contains__(self, text: str) -> bool:
        return text in self.output


@dataclass
class Stack:
    """A project in ``directory`` with a file backend, the stack ``test`` and the emulator at ``url`` in place of AWS."""

    directory: Path
    url: str
    config: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    program: str = PROGRAM
    project: str = "test-project"
    salt: str = field(default="", init=False)

    def __post_init__(self) -> None:
        write_project(self.directory, self.project)
        self.declare([])
        self.write_program(self.program)
        if self.env:  # which may compress the state
            self.configure()
            self.run("stack", "init", STACK)
        else:
            self.salt = copy_new_stack(self.directory, self.project)
            self.configure()

    def write_program(self, program: str) -> None:
        (self.directory / "__main__.py").write_text(program)

    def declare(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Write the declarations that the program reads."""
        (self.directory / "exports.json").write_text(json.dumps(list(entries)))

    def configure(self, **config: Any) -> None:
        """Set config keys, on top of the emulator's endpoints and a short poll interval; None removes a key."""
        self.config.update(config)
        endpoints = [dict.fromkeys(("sagemakergeospatial", "s3", "sts"), self.url)]
        values = {
            "aws:accessKey": "test",
            "aws:secretKey": "test",
            "aws:endpoints": endpoints,
            "sagemakergeospatial:pollInterval": 0.1,
            "sagemakergeospatial:maxCallsPerSecond": 500,
            **self.config,
        }
        present = {name: value for name, value in values.items() if value is not None}
        salt = {"encryptionsalt": self.salt} if self.salt else {}
        (self.directory / f"Pulumi.{STACK}.yaml").write_text(json.dumps({"config": present, **salt}))  # JSON is YAML

    def environment(self) -> dict[str, str]:
        """Return the environment of a command, without the AWS and Pulumi settings of the caller."""
        return {**pulumi_environment(self.directory), **self.env}

    def command(self, *arguments: str) -> list[str]:
        return ["pulumi", *arguments, "--non-interactive", "--color", "never"]

    def run(self, *arguments: str, fails: bool = False, env: Mapping[str, str] = {}) -> CommandResult:
        """Run a command to its end, and assert that it succeeds, or with ``fails`` that it does not."""
        done = self._complete(self.command(*arguments), env)
        assert (done.returncode != 0) == fails, f"pulumi {' '.join(arguments)}: {done.returncode}\n{done.stdout}"
        return CommandResult(done.returncode, done.stdout)

    def _complete(self, command: list[str], env: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
        """Run a command in the project to its end, and return its exit code and its whole output."""
        return subprocess.run(
            command,
            cwd=self.directory,
            env={**self.environment(), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_TIMEOUT,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in its own process group, and return without waiting for it."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def start_up(self, *arguments: str) -> subprocess.Popen[str]:
        return self.start("up", "--yes", "--skip-preview", *arguments)

    def finish(self, process: subprocess.Popen[str], fails: bool = False) -> CommandResult:
        """Wait for the end of a started command, and assert its result as `run` does."""
        output, _ = process.communicate(timeout=COMMAND_TIMEOUT)
        assert (process.returncode != 0) == fails, f"{process.args!r}: {process.returncode}\n{output}"
        return CommandResult(process.returncode, output)

    def up(self, *arguments: str, fails: bool = False, env: Mapping[str, str] = {}) -> CommandResult:
        return self.run("up", "--yes", "--skip-preview", *arguments, fails=fails, env=env)

    def up_expecting_no_changes(self) -> CommandResult:
        return self.up("--expect-no-changes")

    def preview(self, *arguments: str, fails: bool = False) -> CommandResult:
        return self.run("preview", "--diff", *arguments, fails=fails)

    def plan(self, *arguments: str) -> dict[str, Any]:
        """Return the steps that a preview plans for exports, by resource name; an unchanged export has none."""
        done = subprocess.run(
            self.command("preview", "--json", *arguments),
            cwd=self.directory,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        steps = json.loads(done.stdout)["steps"]
        return {_resource_name(step["urn"]): step for step in steps if _is_export(step["urn"])}

    def refresh(self, *arguments: str, fails: bool = False) -> CommandResult:
        return self.run("refresh", "--yes", "--skip-preview", *arguments, fails=fails)

    def destroy(self, *arguments: str, fails: bool = False) -> CommandResult:
        return self.run("destroy", "--yes", "--skip-preview", *arguments, fails=fails)

    def run_command(self, name: str, *arguments: str, code: int = 0) -> str:
        """Return the output of a command of the package for this stack, after asserting its exit code."""
        done = self._complete([sys.executable, "-m", "pulumi_sagemaker_geospatial", name, *arguments])
        assert done.returncode == code, done.stdout
        return done.stdout

    def export_state(self) -> dict[str, Any]:
        path = self.directory / "exported.json"
        self.run("stack", "export", "--file", str(path))
        state: dict[str, Any] = json.loads(path.read_text())
        return state

    def import_state(self, state: Mapping[str, Any]) -> None:
        path = self.directory / "to-import.json"
        path.write_text(json.dumps(state))
        self.run("stack", "import", "--file", str(path))

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the exports in the state, by resource name."""
        return {_resource_name(each["urn"]): each for each in self.all_resources() if _is_export(each["urn"])}

    def all_resources(self) -> list[dict[str, Any]]:
        """Return all resources in the state: read from the backend's file, unless it is compressed or elsewhere."""
        path = self.directory / "state/.pulumi/stacks" / self.project / f"{STACK}.json"
        if path.exists():
            deployment = json.loads(path.read_text())["checkpoint"]["latest"]
        else:
            deployment = self.export_state()["deployment"]
        resources: list[dict[str, Any]] = deployment.get("resources", [])
        return resources

    def outputs(self, name: str) -> dict[str, Any]:
        outputs: dict[str, Any] = self.resources()[name]["outputs"]
        return outputs


def planned_operations(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the operation that a plan has for each export."""
    return {name: step["op"] for name, step in plan.items()}


def changed_properties(step: Mapping[str, Any]) -> list[str]:
    """Return the properties that a step's detailed diff names."""
    return sorted(step.get("detailedDiff") or {})


def changed_lines(result: CommandResult) -> list[str]:
    """Return the lines of a plan that show a changed property."""
    lines = [line.strip() for line in result.output.partition("Resources:")[0].splitlines()]
    return [line for line in lines if line[:2] in ("+ ", "- ", "~ ") and "pulumi-python" not in line]


def diagnostics(result: CommandResult) -> dict[str, str]:
    """Return what a command says of each resource at its end, by resource name."""
    _, *parts = re.split(r"^  [^\s(]+ \((.+)\):$", result.output.partition("Diagnostics:")[2], flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def kill(process: subprocess.Popen[str], signal_number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a command and to every process that it started, and wait for the command's end."""
    os.killpg(process.pid, signal_number)
    process.communicate(timeout=60)


def has_engine() -> bool:
    return shutil.which("pulumi") is not None


def _is_export(urn: str) -> bool:
    return "ExportEarthObservationJob::" in urn or "ExportVectorEnrichmentJob::" in urn


def _resource_name(urn: str) -> str:
    return urn.rpartition("::")[2]
