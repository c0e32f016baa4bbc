"""A project's stacks as `pulumi` tells them: the exports in their states."""

from __future__ import annotations

from typing import Any

from pulumi_sagemaker_geospatial._export.other_records import ProjectRecords
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.pulumi_cli import PulumiCommandError
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder

from tests.support.declarations import inputs
from tests.support.recorded_exports import recorded

TYPE = "pulumi-python:dynamic:ExportEarthObservationJob"
FOLDER = recorded("SUCCEEDED").folder
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def urn(name: str, stack: str = "prod") -> str:
    return f"urn:pulumi:{stack}::lake::{TYPE}::{name}"


def resource(name: str, stack: str = "prod", **more: Any) -> dict[str, Any]:
    """Return the record of an export in a state."""
    outputs = recorded("SUCCEEDED").to_outputs(inputs())
    return {"urn": urn(name, stack), "type": TYPE, "outputs": {**outputs, **more.pop("outputs", {})}, **more}


class FakeProject:
    """A `pulumi` that has the states of several stacks."""

    def __init__(self, **stacks: list[dict[str, Any]]) -> None:
        self.stacks, self.commands, self.failures = stacks, list[tuple[str, ...]](), 0

    def run(self, *arguments: str) -> Any:
        self.commands.append(arguments)
        if self.failures:
            self.failures -= 1
            raise PulumiCommandError("`pulumi stack ls` failed: no access")
        if arguments[1] == "ls":
            return [{"name": name} for name in self.stacks]
        resources = self.stacks[arguments[3]]
        if "--show-secrets" not in arguments:
            return {"deployment": {"resources": resources}}
        plain = [{**each, "outputs": recorded("SUCCEEDED").to_outputs(inputs())} for each in resources]
        return {"deployment": {"resources": plain}}

    def holders(self, records: ProjectRecords, name: str = "lake", folder: Folder = FOLDER) -> list[str]:
        return records.holders(urn(name), folder, OperationContext())
