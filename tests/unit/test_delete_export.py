"""Whether a deletion may delete the objects of an export, and why not: one sentence for each reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.handlers import delete_export
from pulumi_sagemaker_geospatial._export.other_records import ProjectRecords
from pulumi_sagemaker_geospatial._export.ownership import ANOTHER, stack_key
from pulumi_sagemaker_geospatial._export.registry import DeclarationRegistry
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial.errors import StateError, WaitTimeoutError

from tests.support.calls import InlineCallRunner
from tests.support.declarations import inputs
from tests.support.fake_project import FakeProject, resource, urn
from tests.support.recorded_exports import recorded, written_objects
from tests.support.scripted_runtime import URN, ScriptedRuntime

OBJECTS = written_objects(3)
STATE = recorded("SUCCEEDED", OBJECTS, owner=stack_key(URN))
DELETED = "deleted the 3 objects that this export wrote"
ADOPTED = "objects kept: this export was adopted, and the resource or stack that started it may hold it too"
COPIED = "objects kept: this record was made in another stack or project, which may hold the export too"
OTHER = "urn:pulumi:prod::lake::pulumi-python:dynamic:ExportEarthObservationJob::other"


class Process:
    """Deletes resources in one process, whose project has one stack with these records."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self.script, self.registry = ScriptedRuntime(), DeclarationRegistry()
        self.project = FakeProject(prod=list(records))
        self.records: ProjectRecords | None = ProjectRecords(self.project.run, InlineCallRunner())
        self.script.store.answers["list_current_versions"] = [OBJECTS]

    def delete(self, resource: str = URN, timeout: float = 3600.0, prefix: str = "lake", **changes: Any) -> str:
        outputs = replace(STATE, **changes).to_outputs(inputs(prefix=prefix, delete_objects=True))
        ctx = self.script.context(resource, timeout)
        return delete_export(EARTH_OBSERVATION, self.script.runtime, self.registry, self.records, outputs, ctx)

    @property
    def has_deleted(self) -> bool:
        return self.script.store.count("delete_versions") > 0


def test_the_objects_that_nobody_else_holds_are_deleted() -> None:
    process = Process(resource("lake"))
    assert process.delete() == DELETED
    assert process.has_deleted
    assert process.project.commands == [("stack", "ls", "--json"), ("stack", "export", "--stack", "prod")]


def test_the_declaration_of_the_deleted_resource_itself_holds_nothing() -> None:
    process = Process(resource("lake"))
    process.registry.claim_destination(URN, STATE.folder)
    assert process.delete() == DELETED


def test_without_states_only_the_record_itself_decides() -> None:
    process = Process()
    process.records = None
    assert process.delete() == DELETED
    assert process.delete(owner=None) == DELETED
    assert process.delete(owner=ANOTHER) == ADOPTED


@pytest.mark.parametrize(
    ("holder", "who"), [(URN, "the new export of this resource"), (OTHER, OTHER)], ids=["itself", "another resource"]
)
def test_what_this_run_has_exported_to_the_same_destination_is_kept_without_a_look_at_the_states(
    holder: str, who: str
) -> None:
    process = Process(resource("lake"))
    process.registry.record_write(holder, STATE.folder)
    assert process.delete() == f"objects kept: {who} uses the same destination"
    assert (process.script.store.calls, process.project.commands) == ([], [])


def test_what_another_resource_of_the_program_declares_is_kept() -> None:
    process = Process(resource("lake"))
    process.registry.claim_destination(OTHER, STATE.folder)
    assert process.delete() == f"objects kept: {OTHER} uses the same destination"
    assert not process.has_deleted


@pytest.mark.parametrize(("owner", "summary"), [(ANOTHER, ADOPTED), ("another-stack", COPIED)])
def test_what_was_adopted_or_copied_is_kept(owner: str, summary: str) -> None:
    process = Process(resource("lake"))
    assert process.delete(owner=owner) == summary
    assert process.script.store.calls == []


def test_what_another_record_of_the_project_holds_is_kept_until_that_is_deleted_too() -> None:
    process = Process(resource("lake"), resource("other"))
    assert process.delete() == f"objects kept: {urn('other')} uses the same destination"
    assert not process.has_deleted
    assert process.delete(urn("other"), owner=ANOTHER) == DELETED


def test_what_is_left_to_another_record_is_one_destination_alone() -> None:
    process = Process(resource("lake"), resource("other"))
    process.delete()
    assert process.delete(urn("other"), prefix="river", owner=ANOTHER) == ADOPTED
    assert not process.has_deleted


@pytest.mark.parametrize("case", ["no access", "damaged", "of another project"])
def test_objects_are_kept_where_it_is_not_known_who_else_holds_them(case: str) -> None:
    records = {"damaged": [resource("lake"), resource("damaged", outputs={"output_config": None})]}
    process = Process(*records.get(case, []))
    process.project.failures = 4 * (case == "no access")
    why = {
        "no access": "`pulumi stack ls` failed: no access",
        "damaged": "damaged: output_config is damaged (TypeError) in the state. Remove the resource from the state with "
        "`pulumi state delete` and run `pulumi up`, which adopts the export. [SGE503]",
        "of another project": "the states of the project's stacks do not have this resource",
    }[case]
    unknown = f"objects kept: whether another resource or stack holds them is not known: {why}"
    assert process.delete() == unknown
    assert not process.has_deleted


def test_where_the_record_may_not_delete_that_is_the_reason_that_is_told() -> None:
    process = Process(resource("lake"))
    process.project.failures = 4
    assert process.delete(owner=ANOTHER) == ADOPTED


def test_a_timeout_while_the_states_are_read_ends_the_deletion() -> None:
    process = Process(resource("lake"))
    with pytest.raises(WaitTimeoutError, match=r"^reading the states of the project's stacks: timed out"):
        process.delete(timeout=0)
    assert process.script.store.calls == []


def test_a_damaged_record_is_an_error_that_names_the_resource() -> None:
    process = Process(resource("lake"))
    ctx = process.script.context()
    with pytest.raises(StateError, match=r"^lake: export_status is missing in the state\. "):
        delete_export(EARTH_OBSERVATION, process.script.runtime, process.registry, process.records, inputs(), ctx)
