"""Pulumi's resource options, flags and state commands work with exports."""

from __future__ import annotations

from typing import Any

from tests.harness import (
    Emulator,
    Stack,
    declaration,
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


def test_ignore_changes_applies_to_properties_and_nested_properties(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake", triggers="a")
    ignored = {"ignore_changes": ["triggers", "output_config.s3_data.s3_uri"]}
    stack.declare([declaration("lake", triggers="b", prefix="elsewhere", opts=ignored)])
    assert stack.plan() == {}


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


def test_protect_prevents_destroy_and_replacement(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake", opts={"protect": True})
    assert "protect" in stack.destroy(fails=True)
    stack.declare([declaration("lake", triggers="b", opts={"protect": True})])
    assert "protect" in stack.up(fails=True)
    assert emulator.exports_started() == 0


def test_retain_on_delete_keeps_the_objects(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake", delete_objects=True, opts={"retain_on_delete": True})
    stack.destroy()
    assert len(emulator.list_keys()) == 3


def test_replace_on_changes_turns_an_update_into_a_replacement(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake")
    opts = {"replace_on_changes": ["delete_objects"]}
    stack.declare([declaration("lake", delete_objects=True, opts=opts)])
    assert planned_operations(stack.plan()) == {"lake": "replace"}
    stack.up()
    assert emulator.exports_started() == 1
    assert len(emulator.list_keys()) == 3


def test_depends_on_orders_exports(emulator: Emulator, stack: Stack) -> None:
    emulator.configure(export_seconds=0.3)
    entries = [declaration("first"), declaration("second", opts={"depends_on": ["first"]})]
    emulator.add_jobs(entries)
    stack.declare(entries)
    stack.up()
    starts = [call for call in emulator.call_report()["calls"] if call["operation"] == "ExportEarthObservationJob"]
    # Each export's token is sent twice: to start it, and to ask for its outcome.
    assert [call["arn"].rpartition("/")[2] for call in starts] == ["first0000000"] * 2 + ["second000000"] * 2
    assert starts[2]["time"] - starts[0]["time"] > 0.3


def test_a_transform_changes_the_inputs(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake")])
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
    assert stack.outputs("lake")["triggers"] == "from a transform"


def test_target_leaves_other_exports_unchanged(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake", "sea")
    stack.declare([declaration("lake", triggers="b"), declaration("sea", triggers="b")])
    stack.up("--target", stack.resources()["sea"]["urn"])
    assert emulator.exports_started("sea000000000") == 1
    assert emulator.exports_started("lake00000000") == 0


def test_up_with_refresh_detects_and_repairs_drift(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake")
    emulator.client("s3").delete_object(Bucket="exports", Key=emulator.list_keys()[0])
    stack.up("--refresh")
    assert emulator.exports_started() == 1
    assert len(emulator.list_keys()) == 3


def test_after_a_create_timeout_the_next_up_resumes_waiting(emulator: Emulator, stack: Stack) -> None:
    emulator.hold_exports()
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake", opts={"timeouts": {"create": "6s"}})])
    result = stack.up(fails=True)
    assert "waiting for the export of" in result
    assert "the next `pulumi up` resumes waiting" in result
    emulator.release_exports()
    stack.declare([declaration("lake", opts={"timeouts": {"create": "1m"}})])
    stack.up()
    assert emulator.exports_started() == 1


def test_moving_a_resource_into_a_component_adopts_its_export(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake")
    component = """
import pulumi
class Archive(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("test:Archive", "archive")
archive = Archive()
"""
    stack.write_program(
        component + stack.program.replace("pulumi.ResourceOptions(**opts)", "pulumi.ResourceOptions(parent=archive)")
    )
    stack.up()
    assert emulator.exports_started() == 0
    assert len(emulator.list_keys()) == 3


def test_moving_a_resource_to_another_stack_starts_no_export(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake")
    urn = stack.resources()["lake"]["urn"]
    stack.run("stack", "init", "other", "--no-select")
    stack.run("state", "move", "--yes", "--source", "test", "--dest", "other", urn)
    config = (stack.directory / "Pulumi.test.yaml").read_text()
    (stack.directory / "Pulumi.other.yaml").write_text(config)
    stack.run("up", "--yes", "--skip-preview", "--stack", "other")
    assert emulator.exports_started() == 0


def test_an_export_deleted_from_the_state_is_adopted(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake")
    before = stack.outputs("lake")
    stack.run("state", "delete", "--yes", stack.resources()["lake"]["urn"])
    wait_for_later_timestamps()  # otherwise the existing export looks as if this run started it
    stack.up()
    assert emulator.exports_started() == 0
    after = stack.outputs("lake")
    assert after.pop("__late") is True
    assert after == before


def test_the_same_declaration_in_another_project_adopts_the_export(emulator: Emulator, stack: Stack) -> None:
    export(emulator, stack, "lake")
    other = Stack(stack.directory.parent / "another", stack.url)
    (other.directory / "Pulumi.yaml").write_text("name: another\nruntime: python\n")
    other.run("stack", "init", "test")
    other.declare([declaration("lake")])
    other.up()
    assert emulator.exports_started() == 0
