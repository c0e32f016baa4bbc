"""Pulumi's resource options, flags and state commands work with exports."""

from __future__ import annotations

from typing import Any

from tests.harness import (
    Emulator,
    Stack,
    declaration,
    job_arn,
    planned_operations,
    wait_for_later_timestamps,
)


def export(emulator: Emulator, stack: Stack, *names: str, **arguments: Any) -> None:
    """Declare and complete exports, and clear the call log."""
    entries = [declaration(name, **arguments) for name in names]
    emulator.add_jobs(entries)
    stack.declare(entries)
    stack.up()
    emulator.clear_calls()


def test_a_plan_follows_ignore_changes_and_replace_on_changes(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "ignoring", "replacing")
    ignored = {"ignore_changes": ["triggers", "output_config.s3_data.s3_uri"]}
    replaced = {"replace_on_changes": ["delete_objects"]}
    ignoring = declaration("ignoring", triggers="b", prefix="elsewhere", opts=ignored)
    stack.declare([ignoring, declaration("replacing", delete_objects=True, opts=replaced)])
    assert planned_operations(stack.plan()) == {"replacing": "replace"}
    stack.up()
    assert emulator.exports_started(job_arn("replacing000")) == emulator.exports_started() == 1
    assert len(emulator.list_keys("replacing/")) == 3


def test_a_provider_of_another_package_is_refused_at_preview(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake")])
    # Without the plugin of pulumi-aws, a provider that the program creates would fail first.
    aws = "import pulumi\naws = object.__new__(pulumi.ProviderResource)\naws.package = 'aws'\n"
    stack.write_program(aws + stack.program.replace("ResourceOptions(**opts)", "ResourceOptions(provider=aws)"))
    result = stack.preview(fails=True)
    assert "lake: the option provider has a provider of the package aws, which an export does not use" in result
    assert "Traceback" not in result


def test_a_plan_with_a_changed_setting_replaces_dependents_of_unknown_outputs_alone(
    emulator: Emulator, stack: Stack
) -> None:
    dependents = """
for name, value in {"unknown": exports["lake"].creation_time, "known": exports["lake"].location}.items():
    ExportEarthObservationJob(
        name,
        arn=exports["lake"].arn.apply(lambda arn, name=name: arn.replace("lake", name[:4])),
        execution_role_arn=exports["lake"].execution_role_arn,
        output_config={"s3_data": {"s3_uri": f"s3://exports/{name}/"}},
        triggers=[value],
    )
"""
    for job in ("lake00000000", "unkn00000000", "know00000000"):
        emulator.add_job(job)
    stack.declare([declaration("lake")])
    stack.write_program(stack.program + dependents)
    stack.up()
    emulator.clear_calls()
    stack.declare([declaration("lake", delete_objects=True)])
    assert planned_operations(stack.plan()) == {"lake": "update", "unknown": "replace"}
    stack.up()
    assert emulator.exports_started() == 0


def test_depends_on_orders_exports_and_a_transform_changes_the_inputs(emulator: Emulator, stack: Stack) -> None:
    emulator.configure(export_seconds=0.3)
    entries = [declaration("first"), declaration("second", opts={"depends_on": ["first"]})]
    emulator.add_jobs(entries)
    stack.declare(entries)
    transform = """
import pulumi
def quick(args):
    args.props["triggers"] = "from a transform"
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(
        args.opts, pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="20m"))))
pulumi.runtime.register_resource_transform(quick)
"""
    stack.write_program(transform + stack.program)
    stack.up()
    starts = [call for call in emulator.call_report()["calls"] if call["operation"] == "ExportEarthObservationJob"]
    # Each export's token is sent twice: to start it, and to ask for its outcome.
    assert [call["arn"].rpartition("/")[2] for call in starts] == ["first0000000"] * 2 + ["second000000"] * 2
    assert starts[2]["time"] - starts[0]["time"] > 0.3
    assert {each["outputs"]["triggers"] for each in stack.resources().values()} == {"from a transform"}


def test_target_leaves_other_exports_unchanged_and_retain_on_delete_keeps_the_objects(
    emulator: Emulator, stack: Stack
) -> None:
    arguments: dict[str, Any] = {"delete_objects": True, "opts": {"retain_on_delete": True}}
    export(emulator, stack, "lake", "sea", **arguments)
    stack.declare([declaration(name, triggers="b", **arguments) for name in ("lake", "sea")])
    stack.up("--target", stack.resources()["sea"]["urn"])
    assert emulator.exports_started("sea000000000") == 1
    assert emulator.exports_started("lake00000000") == 0
    stack.destroy()
    assert len(emulator.list_keys()) == 6


def test_after_a_create_timeout_the_next_up_resumes_waiting(emulator: Emulator, stack: Stack) -> None:
    emulator.hold_exports()
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", opts={"timeouts": {"create": "3s"}})])
    result = stack.up(fails=True)
    assert "waiting for the export of" in result
    assert "the next `pulumi up` resumes waiting" in result
    emulator.release_exports()
    stack.declare([declaration("lake", opts={"timeouts": {"create": "1m"}})])
    stack.up()
    assert emulator.exports_started() == 1


def test_an_export_that_is_deleted_from_the_state_moved_or_declared_elsewhere_is_not_exported_again(
    emulator: Emulator, stack: Stack
) -> None:
    export(emulator, stack, "lost", "moved", "inside", "shared")
    before = stack.resources()
    config = (stack.directory / "Pulumi.test.yaml").read_text()
    (stack.directory / "Pulumi.other.yaml").write_text(config)
    stack.run("stack", "init", "other", "--no-select")
    stack.run("state", "move", "--yes", "--source", "test", "--dest", "other", before["moved"]["urn"])
    stack.run("state", "delete", "--yes", before["lost"]["urn"])
    wait_for_later_timestamps()  # otherwise the existing export looks as if this run started it

    component = """
import pulumi
class Archive(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("test:Archive", "archive")
archive = Archive()
"""
    inside = "pulumi.ResourceOptions(parent=archive if name == 'inside' else None)"
    program = stack.program
    stack.write_program(component + program.replace("pulumi.ResourceOptions(**opts)", inside))
    stack.declare([declaration(name) for name in ("lost", "inside", "shared")])
    stack.up()
    after = stack.resources()
    assert after["lost"]["outputs"].pop("__late") is True
    assert after["lost"]["outputs"] == before["lost"]["outputs"]
    assert "Archive$" in after["inside"]["urn"]

    stack.write_program(program)
    stack.declare([declaration("moved")])
    stack.run("up", "--yes", "--skip-preview", "--stack", "other", "--expect-no-changes")
    other = Stack(stack.directory.parent / "another", stack.url, project="another")
    other.declare([declaration("shared")])
    assert "adopted an existing export (" in other.up()
    assert emulator.call_report()["exports"] == {}
    assert len(emulator.list_keys()) == 12
