"""Pulumi's own options and flags work on an export as on every resource; the stack's config says whose account."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.harness import ACCOUNT, Emulator, Stack, actions, declared


def made(emulator: Emulator, stack: Stack, *names: str, **more: Any) -> None:
    entries = [declared(name, **more) for name in names]
    emulator.jobs(entries)
    stack.declare(entries)
    stack.up()
    emulator.forget_calls()


def test_ignore_changes_of_a_property_and_of_a_nested_one(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake", triggers="a")
    ignored = {"ignore_changes": ["triggers", "output_config.s3_data.s3_uri"]}
    stack.declare([declared("lake", triggers="b", prefix="elsewhere", opts=ignored)])
    assert stack.plan() == {}


def test_protect_refuses_to_destroy_and_to_replace(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake", opts={"protect": True})
    assert "protect" in stack.destroy(fails=True)
    stack.declare([declared("lake", triggers="b", opts={"protect": True})])
    assert "protect" in stack.up(fails=True)
    assert emulator.started() == 0


def test_retain_on_delete_forgets_and_deletes_nothing(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake", delete_objects=True, opts={"retain_on_delete": True})
    stack.destroy()
    assert len(emulator.keys()) == 3


def test_replace_on_changes_makes_an_update_a_new_export(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake")
    opts = {"replace_on_changes": ["delete_objects"]}
    stack.declare([declared("lake", delete_objects=True, opts=opts)])
    assert actions(stack.plan()) == {"lake": "replace"}
    stack.up()
    assert emulator.started() == 1
    assert len(emulator.keys()) == 3


def test_depends_on_orders_exports(emulator: Emulator, stack: Stack) -> None:
    emulator.settings(export_seconds=0.3)
    entries = [declared("first"), declared("second", opts={"depends_on": ["first"]})]
    emulator.jobs(entries)
    stack.declare(entries)
    stack.up()
    starts = [call for call in emulator.calls()["calls"] if call["operation"] == "ExportEarthObservationJob"]
    assert [call["arn"].rpartition("/")[2] for call in starts] == ["first0000000", "second000000"]
    assert starts[1]["time"] - starts[0]["time"] > 0.3


def test_a_transform_changes_what_is_declared(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000")
    stack.declare([declared("lake")])
    transform = """
import pulumi
def quick(args):
    args.props["triggers"] = "from a transform"
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(
        args.opts, pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="20m"))))
pulumi.runtime.register_resource_transform(quick)
"""
    stack.write(transform + stack.program)
    stack.up()
    assert stack.outputs("lake")["triggers"] == "from a transform"


def test_target_leaves_the_others_alone(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake", "sea")
    stack.declare([declared("lake", triggers="b"), declared("sea", triggers="b")])
    stack.up("--target", stack.resources()["sea"]["urn"])
    assert emulator.started("sea000000000") == 1
    assert emulator.started("lake00000000") == 0


def test_up_with_refresh_finds_drift_and_repairs_it_in_one_run(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake")
    emulator.client("s3").delete_object(Bucket="exports", Key=emulator.keys()[0])
    stack.up("--refresh")
    assert emulator.started() == 1
    assert len(emulator.keys()) == 3


def test_a_short_create_timeout_ends_the_wait_and_the_next_up_joins(emulator: Emulator, stack: Stack) -> None:
    emulator.settings(export_seconds=4)
    emulator.job("lake00000000")
    stack.declare([declared("lake", opts={"timeouts": {"create": "1s"}})])
    shown = stack.up(fails=True)
    assert "TimedOut: waiting for the export of" in shown
    assert "the next `pulumi up` joins it" in shown
    stack.declare([declared("lake", opts={"timeouts": {"create": "1m"}})])
    stack.up()
    assert emulator.started() == 1


def test_an_export_in_a_component_is_the_same_export(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake")
    component = """
import pulumi
class House(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("test:House", "house")
house = House()
"""
    stack.write(
        component + stack.program.replace("pulumi.ResourceOptions(**opts)", "pulumi.ResourceOptions(parent=house)")
    )
    stack.up()
    assert emulator.started() == 0
    assert len(emulator.keys()) == 3


def test_a_move_to_another_stack_is_the_same_export(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake")
    urn = stack.resources()["lake"]["urn"]
    stack.run("stack", "init", "other", "--no-select")
    stack.run("state", "move", "--yes", "--source", "test", "--dest", "other", urn)
    config = (stack.directory / "Pulumi.test.yaml").read_text()
    (stack.directory / "Pulumi.other.yaml").write_text(config)
    stack.run("up", "--yes", "--skip-preview", "--stack", "other")
    assert emulator.started() == 0


def test_a_record_that_was_deleted_from_the_state_is_adopted_again(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake")
    before = stack.outputs("lake")
    stack.run("state", "delete", "--yes", stack.resources()["lake"]["urn"])
    time.sleep(1.1)  # an export of this very second would be taken for a new one
    stack.up()
    assert emulator.started() == 0
    after = stack.outputs("lake")
    assert after.pop("__late") is True
    assert after == before


def test_another_project_with_the_same_declaration_is_the_same_export(emulator: Emulator, stack: Stack) -> None:
    made(emulator, stack, "lake")
    other = Stack(stack.directory.parent / "another", stack.url)
    (other.directory / "Pulumi.yaml").write_text("name: another\nruntime: python\n")
    other.run("stack", "init", "test")
    other.declare([declared("lake")])
    other.up()
    assert emulator.started() == 0


# Whose account


def test_a_wrong_account_is_refused_before_any_other_call_with_both_accounts_named(
    emulator: Emulator, stack: Stack
) -> None:
    emulator.job("lake00000000")
    stack.configure(**{"aws:allowedAccountIds": ["999999999999"]})
    stack.declare([declared("lake")])
    shown = stack.up(fails=True)
    assert (
        f"WrongAccount: the credentials are of account {ACCOUNT}, but aws:allowedAccountIds allows only 999999999999"
        in shown
    )
    assert emulator.count() == 0
    stack.configure(**{"aws:allowedAccountIds": [ACCOUNT]})
    stack.up()


def test_a_forbidden_account_is_refused(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000")
    stack.configure(**{"aws:forbiddenAccountIds": [ACCOUNT]})
    stack.declare([declared("lake")])
    assert f"aws:forbiddenAccountIds names {ACCOUNT}" in stack.up(fails=True)
    assert emulator.count() == 0


def test_an_assumed_role_of_another_account_is_who_exports(emulator: Emulator, stack: Stack) -> None:
    role = "arn:aws:iam::222222222222:role/deployer"
    roles = [{"roleArn": role, "sessionName": "pulumi", "duration": "1h"}]
    stack.configure(**{"aws:assumeRoles": roles, "aws:allowedAccountIds": ["222222222222"]})
    stack.declare([declared("lake")])
    shown = stack.up(fails=True)
    # The other account has no such job: that its credentials were used is what the service tells.
    assert "ResourceNotFoundException" in shown
    assert emulator.calls()["counts"].get("ExportEarthObservationJob", 0) >= 1


def test_the_environment_gives_what_the_config_leaves_out(emulator: Emulator, stack: Stack) -> None:
    emulator.job("lake00000000")
    stack.configure(**{"aws:accessKey": None, "aws:secretKey": None, "aws:endpoints": None})
    stack.env.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL=emulator.url,
        AWS_ENDPOINT_URL_S3=emulator.url,
    )
    stack.declare([declared("lake")])
    stack.up()
    assert emulator.started() == 1


def test_a_key_that_is_not_honoured_is_said_once(emulator: Emulator, stack: Stack) -> None:
    stack.configure(**{"aws:httpProxy": "http://127.0.0.1:1", "aws:defaultTags": {"tags": {"a": "b"}}})
    entries = [declared("lake"), declared("sea")]
    emulator.jobs(entries)
    stack.declare(entries)
    shown = stack.up()
    assert shown.output.partition("Diagnostics:")[2].count("exports do not honour aws:httpProxy;") == 1


@pytest.mark.parametrize("key", ["pollInterval", "maxCallsPerSecond"])
def test_a_setting_of_ours_that_is_no_number_is_a_sentence(emulator: Emulator, stack: Stack, key: str) -> None:
    stack.configure(**{f"sagemakergeospatial:{key}": "often"})
    stack.declare([declared("lake")])
    assert f"sagemakergeospatial:{key} must be a number above 0, not 'often'" in stack.up(fails=True)


def test_calls_keep_the_configured_pace_and_a_poll_interval_is_kept(emulator: Emulator, stack: Stack) -> None:
    emulator.settings(export_seconds=1)
    entries = [declared(name) for name in ("lake", "sea", "bay", "fjord", "lagoon", "pond")]
    emulator.jobs(entries)
    stack.declare(entries)
    stack.configure(**{"sagemakergeospatial:maxCallsPerSecond": 4, "sagemakergeospatial:pollInterval": 0.5})
    stack.up("--parallel", "16")
    assert emulator.calls()["peak_per_second"] <= 5  # a window of one second holds both its ends


def test_more_exports_than_run_side_by_side_are_said_with_the_flag(emulator: Emulator, stack: Stack) -> None:
    entries = [declared(f"lake{n}") for n in range(4)]
    emulator.jobs(entries)
    stack.declare(entries)
    assert "run `pulumi up --parallel 256`" in stack.up("--parallel", "2")
    stack.declare([declared(f"lake{n}", triggers="b") for n in range(4)])
    assert "--parallel 256" not in stack.up("--parallel", "8")


def test_twelve_waits_run_at_once(emulator: Emulator, stack: Stack) -> None:
    emulator.settings(export_seconds=2)
    entries = [declared(f"lake-{letter}") for letter in "abcdefghijkl"]
    emulator.jobs(entries)
    stack.declare(entries)
    stack.up("--parallel", "16")
    starts = [call["time"] for call in emulator.calls()["calls"] if call["operation"] == "ExportEarthObservationJob"]
    assert len(starts) == 12
    assert max(starts) - min(starts) < 2, starts  # four at a time, the last would have waited for two others


def test_an_export_adds_at_most_900_bytes_to_the_state(emulator: Emulator, stack: Stack) -> None:
    prefix = "p" * (40 - len("s3://exports//"))
    made(emulator, stack, "lake", prefix=prefix)
    resource = stack.resources()["lake"]
    assert len(resource["inputs"]["output_config"]["s3_data"]["s3_uri"]) == 40
    kept = {name: resource[name] for name in ("inputs", "outputs", "id")}
    assert len(json.dumps(kept, separators=(",", ":"))) <= 900


@pytest.mark.parametrize("plugin", ["ours", "one with a shell between"])
def test_an_engine_that_was_killed_leaves_no_host_behind(
    emulator: Emulator, stack: Stack, plugin: str, tmp_path: Path
) -> None:
    if plugin != "ours":  # Pulumi's own is a shell that stays
        script = tmp_path / "bin" / "pulumi-resource-pulumi-python"
        script.parent.mkdir()
        script.write_text('#!/bin/sh\npython -u -m pulumi.dynamic "$@"\n')
        script.chmod(0o755)
        stack.env["PATH"] = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    emulator.settings(export_seconds=60)
    emulator.job("lake00000000")
    stack.declare([declared("lake")])
    run = stack.start("up", "--yes", "--skip-preview")
    deadline = time.monotonic() + 30
    while emulator.started() == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)  # the engine alone, not its hosts
    run.wait(timeout=10)
    hosts = "nobody"
    while hosts and time.monotonic() < deadline:
        found = subprocess.run(["pgrep", "-g", str(run.pid)], capture_output=True, text=True, check=False)
        hosts = found.stdout.strip()
        time.sleep(0.1)
    run.communicate(timeout=10)
    assert hosts == ""
