"""Exports without `wait_for_completion`: what refresh records, and what happens when waiting is enabled later."""

from __future__ import annotations

from tests.harness import (
    Emulator,
    Stack,
    changed_lines,
    changed_properties,
    declaration,
    wait_until,
)


def test_enabling_wait_for_completion_waits_for_a_running_export(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    emulator.hold_exports()
    stack.declare([declaration("lake", wait_for_completion=False)])
    stack.up()
    stack.refresh()
    assert stack.outputs("lake")["export_status"] == "IN_PROGRESS"
    stack.declare([declaration("lake")])
    step = stack.plan()["lake"]
    assert (step["op"], changed_properties(step)) == ("update", ["wait_for_completion"])
    polls = emulator.call_count("GetEarthObservationJob")
    process = stack.start_up()
    wait_until(lambda: emulator.call_count("GetEarthObservationJob") > polls, "the first poll", process=process)
    emulator.release_exports()
    stack.finish(process)
    assert emulator.exports_started() == 1
    outputs = stack.outputs("lake")
    assert (outputs["export_status"], outputs["exported_objects"]["count"]) == ("SUCCEEDED", 3)


def test_not_waiting_is_explained_once_at_preview_and_destroy_says_that_the_export_goes_on(
    emulator: Emulator, stack: Stack
) -> None:
    emulator.hold_exports()
    entries = [declaration(name, wait_for_completion=False) for name in ("lake", "sea")]
    emulator.add_jobs(entries)
    stack.declare(entries)
    explanation = "with wait_for_completion=False, `pulumi up` does not see how an export ends"
    assert stack.preview().output.count(explanation) == 1
    stack.up()
    assert explanation not in stack.preview()
    destroyed = stack.destroy().output.partition("Diagnostics:")[2]
    assert destroyed.count("the service cannot stop it, and it goes on writing to its destination") == 2


#: What refresh finds of an export that has FAILED after `pulumi up` ended.
DRIFT = (
    "the job's latest export has FAILED: export_results: CLIENT_ERROR: No tiles; it may be an earlier one: "
    "`pulumi up` asks the service whether this export succeeded"
)


def test_refresh_records_how_an_export_without_wait_for_completion_has_ended(emulator: Emulator, stack: Stack) -> None:
    entries = [declaration(name, wait_for_completion=False) for name in ("completed", "failed", "waited-for")]
    emulator.add_jobs(entries)
    emulator.hold_exports()
    for entry in entries[1:]:
        emulator.add_fault("ExportEarthObservationJob", "fail_export", message="No tiles", arn=entry["arn"])
    stack.declare(entries)
    stack.up()
    assert {each["outputs"]["export_status"] for each in stack.resources().values()} == {"IN_PROGRESS"}
    emulator.release_exports()
    stack.declare([*entries[:2], declaration("waited-for")])
    assert "run `pulumi refresh`, and rerun `pulumi up`" in stack.up(fails=True)
    assert f'+ drift: "{DRIFT}"' in changed_lines(stack.refresh("--diff"))
    recorded = {name: each["outputs"] for name, each in stack.resources().items()}
    completed = recorded["completed"]
    assert (completed["export_status"], completed["exported_objects"]["count"]) == ("SUCCEEDED", 3)
    assert (recorded["failed"]["export_status"], recorded["failed"]["drift"]) == ("IN_PROGRESS", DRIFT)
    stack.declare(entries)
    # Of two exports; the engine shows the first 150 characters.
    assert [line[:110] for line in changed_lines(stack.preview())] == [f'- drift: "{DRIFT}'[:110]] * 2

    stack.declare([declaration(entry["name"]) for entry in entries])
    stack.up()
    for entry in entries:
        outputs = stack.outputs(entry["name"])
        assert (outputs["export_status"], outputs.get("drift")) == ("SUCCEEDED", None), entry["name"]
        started = 1 if entry["name"] == "completed" else 2
        assert emulator.exports_started(entry["arn"]) == started, entry["name"]
