"""Which records in the states of a project's stacks hold an export's folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._export.other_records import ProjectRecords
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.pulumi_cli import PulumiCommandError
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder
from pulumi_sagemaker_geospatial.errors import CancelledError, StateError

from tests.support.calls import InlineCallRunner
from tests.support.clocks import FakeClock
from tests.support.fake_project import FOLDER, SECRET, TYPE, FakeProject, resource, urn


def test_other_records_of_the_stack_and_of_the_project_hold_the_folder() -> None:
    project = FakeProject(prod=[resource("lake"), resource("renamed")], dev=[resource("lake", "dev")])
    records = ProjectRecords(project.run)
    assert project.holders(records) == [urn("renamed"), urn("lake", "dev")]
    elsewhere = Folder(FOLDER.bucket, "elsewhere/", FOLDER.region)
    assert project.holders(records, folder=elsewhere) == []
    assert len(project.commands) == 3  # the states are read once


def test_what_is_about_to_be_deleted_is_no_export_or_is_only_read_holds_nothing() -> None:
    others = [
        resource("replaced", delete=True),
        resource("got", external=True),
        {**resource("bucket"), "type": "aws:s3/bucket:Bucket"},
        {"urn": urn("unmanaged"), "type": TYPE, "outputs": {"arn": "arn"}},
    ]
    project = FakeProject(prod=[resource("lake"), *others])
    assert project.holders(ProjectRecords(project.run)) == []


def test_secret_destinations_are_decrypted_for_the_comparison() -> None:
    hidden = resource("hidden", outputs={"output_config": {**SECRET, "ciphertext": "v1:abc"}})
    project = FakeProject(prod=[resource("lake"), hidden])
    assert project.holders(ProjectRecords(project.run)) == [urn("hidden")]
    exported = ("stack", "export", "--stack", "prod")
    assert project.commands == [("stack", "ls", "--json"), exported, (*exported, "--show-secrets")]


def test_states_that_cannot_be_read_are_an_error_that_is_not_remembered() -> None:
    project = FakeProject(prod=[resource("lake"), resource("renamed")])
    project.failures = 4
    records, ctx = ProjectRecords(project.run, InlineCallRunner()), OperationContext(clock=FakeClock())
    with pytest.raises(PulumiCommandError, match="no access"):
        records.holders(urn("lake"), FOLDER, ctx)
    assert records.holders(urn("lake"), FOLDER, ctx) == [urn("renamed")]


def test_states_are_read_again_up_to_three_times_in_one_process_a_second_after_each_failure() -> None:
    project = FakeProject(prod=[resource("lake"), resource("renamed")])
    records, clock = ProjectRecords(project.run, InlineCallRunner()), FakeClock()
    ctx = OperationContext(clock=clock)
    project.failures = 2
    assert len(records.of_stack(urn("new"), ctx)) == 2
    assert clock.now() == 2.0
    project.failures = 2
    with pytest.raises(PulumiCommandError, match="no access"):
        records.holders(urn("lake"), FOLDER, ctx)
    assert clock.now() == 3.0
    assert [command[1] for command in project.commands] == ["export", "export", "export", "ls", "ls"]


def test_a_failure_of_an_operation_that_has_to_return_is_its_cancellation() -> None:
    ctx = OperationContext()

    def run(*arguments: str) -> Any:
        ctx.cancellation.cancel()
        raise PulumiCommandError("`pulumi stack ls` failed: interrupted")

    with pytest.raises(CancelledError, match="reading the states of the project's stacks: cancelled"):
        ProjectRecords(run, InlineCallRunner()).holders(urn("lake"), FOLDER, ctx)


def test_states_without_the_resource_are_those_of_another_project() -> None:
    project = FakeProject(prod=[resource("river")])
    with pytest.raises(PulumiCommandError, match=r"^the states of the project's stacks do not have this resource$"):
        project.holders(ProjectRecords(project.run))


def test_what_the_stacks_records_declare_is_read_once() -> None:
    project = FakeProject(prod=[resource("lake"), resource("old", outputs={"triggers": "again"})], dev=[])
    records = ProjectRecords(project.run)
    for _ in range(2):
        found = records.of_stack(urn("new"), OperationContext())
    assert [each.spec.triggers for each in found] == [None, "again"]
    assert project.commands == [("stack", "export", "--stack", "prod")]


def test_a_record_that_is_damaged_elsewhere_holds_its_folder() -> None:
    damaged = resource("damaged", outputs={"exported_objects": {"count": -1}, "creation_time": "yesterday"})
    project = FakeProject(prod=[resource("lake"), damaged])
    assert project.holders(ProjectRecords(project.run)) == [urn("damaged")]


def test_a_damaged_destination_is_an_error() -> None:
    project = FakeProject(prod=[resource("lake"), resource("damaged", outputs={"output_config": None})])
    with pytest.raises(StateError, match="damaged: output_config"):
        project.holders(ProjectRecords(project.run))


class InterruptedRunner:
    """Runs calls, of which the operation has to return from each."""

    def run(self, ctx: OperationContext, doing: str, call: Callable[[], Any]) -> Any:
        ctx.cancellation.cancel()
        ctx.raise_if_done(doing)


@pytest.mark.parametrize("when", ["before", "while"])
def test_an_operation_that_has_to_return_leaves_the_states_and_says_what_it_was_reading(when: str) -> None:
    records = ProjectRecords(FakeProject(prod=[]).run, InterruptedRunner())
    reads: dict[str, Callable[[OperationContext], Any]] = {
        "the states of the project's stacks": lambda ctx: records.holders(urn("lake"), FOLDER, ctx),
        "the stack's state": lambda ctx: records.of_stack(urn("lake"), ctx),
    }
    for what, read in reads.items():
        ctx = OperationContext()
        if when == "before":
            ctx.cancellation.cancel()
        with pytest.raises(CancelledError) as caught:
            read(ctx)
        assert str(caught.value) == f"reading {what}: cancelled. [SGE502]"
