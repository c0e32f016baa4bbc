"""What the creation of a resource does: how it begins, which spelling it exports with, and what it records and warns of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.check import declaration_key
from pulumi_sagemaker_geospatial._export.handlers import create_export
from pulumi_sagemaker_geospatial._export.lifecycle import CreatedExport
from pulumi_sagemaker_geospatial._export.other_records import ProjectRecords
from pulumi_sagemaker_geospatial._export.ownership import ADOPTED_WITHOUT_DELETION, ANOTHER, stack_key
from pulumi_sagemaker_geospatial._export.registry import Adoption, DeclarationRegistry
from pulumi_sagemaker_geospatial._export.spec import CreatePlan, ExportSpec
from pulumi_sagemaker_geospatial._export.state import ExportState, JobMetadata
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial.errors import WaitTimeoutError

from tests.support.aws_names import BUCKET
from tests.support.calls import InlineCallRunner
from tests.support.declarations import TOKEN, export_request, inputs
from tests.support.fake_project import FakeProject, resource, urn
from tests.support.recorded_exports import START, recorded, written_objects
from tests.support.scripted_runtime import URN, ScriptedRuntime
from tests.support.scripted_s3 import s3_error

OBJECTS = written_objects(3)
SUCCEEDED = recorded("SUCCEEDED", OBJECTS)
ADOPTED = CreatedExport(SUCCEEDED, OBJECTS)
DECLARED, DESTINATION = export_request(), export_request().destination
SLASHLESS = {"output_config": {"s3_data": {"s3_uri": f"s3://{BUCKET}/lake"}}}
OWN_KEY = stack_key(URN)
EXPORT_STATE = ("stack", "export", "--stack", "prod")
LOOKING = ("has_objects", DESTINATION, "looking for an earlier export at the destination")
#: A record of another stack's export that this resource had before it was replaced.
OWNED = {"delete_objects": True, "__owner": "another-stack"}


class Creation:
    """Creates one resource in a process of its own."""

    def __init__(self, *records: dict[str, Any], is_occupied: bool = False) -> None:
        self.process, self.registry = ScriptedRuntime(), DeclarationRegistry()
        self.project = FakeProject(prod=list(records))
        self.records: ProjectRecords | None = ProjectRecords(self.project.run, InlineCallRunner())
        self.lifecycle, self.warnings = self.process.lifecycle, self.process.warnings
        self.store = self.process.store
        self.store.answers["has_objects"] = [is_occupied]

    def run(self, resource: str = URN, timeout: float = 3600.0, **declared: Any) -> ExportState:
        ctx = self.process.context(resource, timeout)
        return create_export(
            EARTH_OBSERVATION, self.process.runtime, self.registry, self.records, inputs(**declared), ctx
        )


def adoption(*records: dict[str, Any]) -> Creation:
    """Return a creation that adopts an earlier export."""
    creation = Creation(*records)
    creation.lifecycle.created = ADOPTED
    return creation


def test_the_declared_export_is_created_and_its_destination_is_held_from_then_on() -> None:
    creation = Creation()
    creation.lifecycle.created = CreatedExport(SUCCEEDED)
    assert creation.run(triggers=1, verify_objects=False) == SUCCEEDED
    assert creation.lifecycle.creations == [(ExportSpec(DECLARED, 1, verify_objects=False), CreatePlan())]
    assert creation.lifecycle.contexts[-1].interruption_note == "The export may go on."
    assert creation.registry.has_written(URN)
    assert creation.registry.find_owner(urn("other"), DESTINATION) == URN
    assert creation.registry.adoption_at(DESTINATION) is None
    assert creation.warnings == []


@pytest.mark.parametrize("resource", [URN, ""])
def test_the_creation_begins_as_the_diff_has_planned_once(resource: str) -> None:
    plan, creation = CreatePlan(3, newer_than=START), Creation()
    creation.registry.set_create_plan(declaration_key(resource, inputs()), plan)
    creation.run(resource)
    creation.run(resource)
    assert [used for _, used in creation.lifecycle.creations] == [plan, CreatePlan()]


# How the state spells the destination


def test_a_first_creation_uses_the_spelling_of_the_state_where_something_lies_at_the_destination() -> None:
    creation = Creation(resource("renamed", outputs=SLASHLESS), is_occupied=True)
    creation.run()
    other = ExportSpec(DECLARED).with_other_spelling()
    assert creation.lifecycle.creations == [(other, CreatePlan())]
    assert creation.project.commands == [EXPORT_STATE]
    assert creation.lifecycle.checks == [ExportSpec(DECLARED)]
    assert creation.store.calls == [LOOKING]


def test_while_nothing_is_started_an_interruption_does_not_say_that_an_export_goes_on() -> None:
    creation = Creation(is_occupied=True)
    creation.run()
    assert [each.interruption_note for each in creation.lifecycle.contexts] == ["", "The export may go on."]
    assert creation.store.contexts[0].interruption_note == ""


@pytest.mark.parametrize(
    ("knows_bucket", "is_occupied", "calls"), [(True, False, [LOOKING]), (False, True, []), (False, False, [])]
)
def test_without_an_object_at_the_destination_the_state_is_not_read(
    knows_bucket: bool, is_occupied: bool, calls: list[Any]
) -> None:
    creation = Creation(resource("renamed", outputs=SLASHLESS), is_occupied=is_occupied)
    creation.lifecycle.knows_bucket = knows_bucket
    creation.run()
    assert creation.lifecycle.creations == [(ExportSpec(DECLARED), CreatePlan())]
    assert (creation.store.calls, creation.project.commands) == (calls, [])


@pytest.mark.parametrize("case", ["replacement", "token", "no states"])
def test_only_a_first_creation_with_a_derived_token_looks_for_an_earlier_export(case: str) -> None:
    creation = Creation(resource("renamed", outputs=SLASHLESS), is_occupied=True)
    if case == "replacement":
        creation.registry.set_create_plan(URN, CreatePlan(1))
    if case == "no states":
        creation.records = None
    creation.run(client_token=TOKEN if case == "token" else None)
    assert (creation.lifecycle.checks, creation.store.calls, creation.project.commands) == ([], [], [])
    assert creation.lifecycle.creations[0][0].request == DECLARED


@pytest.mark.parametrize("case", ["no access", "damaged"])
def test_a_state_that_cannot_be_read_is_like_one_without_the_export(case: str) -> None:
    damaged = resource("damaged", outputs={"output_config": None})
    creation = Creation(*([damaged] if case == "damaged" else []), is_occupied=True)
    creation.project.failures = 4 * (case == "no access")
    assert creation.run() == creation.lifecycle.created.state
    assert creation.lifecycle.creations == [(ExportSpec(DECLARED), CreatePlan())]
    assert creation.project.commands == [EXPORT_STATE] * (1 if case == "damaged" else 4)


def test_a_creation_that_times_out_before_the_state_is_read_starts_nothing() -> None:
    creation = Creation(is_occupied=True)

    def find_late(ctx: OperationContext) -> bool:
        creation.process.clock.advance(5)
        return True

    creation.store.answers["has_objects"] = [find_late]
    with pytest.raises(WaitTimeoutError) as raised:
        creation.run(timeout=5)
    assert str(raised.value) == "reading the stack's state: timed out; increase custom_timeouts. [SGE501]"
    assert creation.lifecycle.creations == []


# Who may delete the objects


@pytest.mark.parametrize(("declared", "owner"), [({"delete_objects": True}, OWN_KEY), ({}, None)])
def test_the_stack_that_starts_an_export_may_delete_its_objects_where_that_is_declared(
    declared: dict[str, Any], owner: str | None
) -> None:
    creation = Creation(resource("lake", outputs=OWNED))
    assert creation.run(**declared).owner == owner
    assert (creation.warnings, creation.project.commands) == ([], [])


def test_an_adopted_export_is_never_deleted_by_the_resource_which_is_told() -> None:
    creation = adoption()
    assert creation.run(delete_objects=True) == replace(SUCCEEDED, owner=ANOTHER)
    assert creation.warnings == [ADOPTED_WITHOUT_DELETION]


def test_without_delete_objects_an_adoption_reads_no_state_and_warns_of_nothing() -> None:
    creation = adoption(resource("lake", outputs=OWNED))
    assert creation.run().owner is None
    assert (creation.warnings, creation.project.commands) == ([], [])


def test_a_replacement_that_adopts_the_resources_own_export_keeps_its_owner() -> None:
    creation = adoption(resource("other"), resource("lake", outputs=OWNED))
    assert creation.run(delete_objects=True).owner == "another-stack"
    assert (creation.warnings, creation.project.commands) == ([], [EXPORT_STATE])


@pytest.mark.parametrize(
    "record",
    [
        resource("other", outputs=OWNED),
        resource("lake", outputs={**OWNED, "delete_objects": False}),
        resource("lake", outputs={**OWNED, "output_config": {"s3_data": {"s3_uri": f"s3://{BUCKET}/river/"}}}),
        resource("damaged", outputs={"output_config": None}),
    ],
    ids=["another resource", "without delete_objects", "another destination", "damaged"],
)
def test_another_record_does_not_tell_who_may_delete_what_was_adopted(record: dict[str, Any]) -> None:
    creation = adoption(record)
    assert creation.run(delete_objects=True).owner == ANOTHER
    assert creation.warnings == [ADOPTED_WITHOUT_DELETION]
    assert creation.project.commands == [EXPORT_STATE]


def test_a_state_that_cannot_be_read_does_not_fail_an_adoption() -> None:
    creation = adoption(resource("lake", outputs=OWNED))
    creation.project.failures = 4
    assert creation.run(delete_objects=True).owner == ANOTHER
    assert creation.warnings == [ADOPTED_WITHOUT_DELETION]


def test_a_timeout_after_the_adoption_does_not_fail_it() -> None:
    creation = adoption(resource("lake", outputs=OWNED))
    creation.lifecycle.takes = 60
    assert creation.run(timeout=60, delete_objects=True).owner == ANOTHER
    assert (creation.warnings, creation.project.commands) == ([ADOPTED_WITHOUT_DELETION], [])


def test_without_states_an_adoption_has_another_owner() -> None:
    creation = adoption()
    creation.records = None
    assert creation.run(delete_objects=True).owner == ANOTHER


def test_an_adoption_is_remembered_with_everything_at_the_destination() -> None:
    creation = adoption()
    creation.run()
    assert creation.registry.adoption_at(DESTINATION) == Adoption(URN, START, OBJECTS)


# The job's metadata


def test_the_jobs_metadata_is_saved_where_that_is_declared() -> None:
    creation = Creation()
    assert creation.run().metadata is None
    assert creation.store.count("put_object") == 0
    assert creation.run(save_job_metadata=True).metadata == JobMetadata("lake/lake00000000.job.json", "etag")
    assert creation.process.client.calls == [("get_job", EARTH_OBSERVATION, DECLARED.arn)]


def test_metadata_that_is_not_saved_is_a_warning_as_the_export_is_done() -> None:
    creation = Creation()
    creation.store.answers["put_object"] = [s3_error("AccessDenied", "no access", 403)]
    assert creation.run(save_job_metadata=True) == creation.lifecycle.created.state
    assert creation.warnings == [
        f"saving the metadata of {DECLARED.arn} failed: AccessDenied: no access. Allow s3:PutObject on "
        "[output_config.s3_data.s3_uri]lake00000000.job.json to the caller, or set save_job_metadata=False. "
        "The next `pulumi up` saves it. [SGE407]"
    ]


def test_a_timeout_after_the_export_leaves_the_metadata_to_the_next_run_and_not_the_export() -> None:
    creation = Creation()
    creation.lifecycle.takes = 60
    assert creation.run(timeout=60, save_job_metadata=True).metadata is None
    assert creation.warnings == [
        f"saving the metadata of {DECLARED.arn}: timed out; increase custom_timeouts. "
        "The next `pulumi up` saves it. [SGE501]"
    ]
