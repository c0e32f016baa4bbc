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


def test_enabling_wait_for_completion_waits_for_a_running_export(emulator: Emulator, lake: Stack) -> None:
    emulator.hold_exports()
    lake.declare([declaration("lake", triggers="again", wait_for_completion=False)])
    lake.up()
    assert lake.outputs("lake")["export_status"] == "IN_PROGRESS"
    lake.declare([declaration("lake", triggers="again")])
    step = lake.plan()["lake"]
    assert (step["op"], changed_properties(step)) == ("update", ["wait_for_completion"])
    polls = emulator.call_count("GetEarthObservationJob")
    process = lake.start_up()
    wait_until(lambda: emulator.call_count("GetEarthObservationJob") > polls, "the first poll", process=process)
    emulator.release_exports()
    lake.finish(process)
    assert emulator.exports_started() == 1
    outputs = lake.outputs("lake")
    assert (outputs["export_status"], outputs["exported_objects"]["count"]) == ("SUCCEEDED", 3)
    lake.up_expecting_no_changes()


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


def test_refresh_records_the_completion_of_an_export_without_wait_for_completion(
    emulator: Emulator, lake: Stack
) -> None:
    emulator.hold_exports()
    lake.declare([declaration("lake", triggers="again", wait_for_completion=False)])
    lake.up()
    lake.refresh()
    assert lake.outputs("lake")["export_status"] == "IN_PROGRESS"
    emulator.release_exports()
    lake.refresh()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert lake.outputs("lake")["exported_objects"]["count"] == 3
    lake.up_expecting_no_changes()


def test_enabling_wait_for_completion_after_a_failed_export_tells_how_to_recover(
    emulator: Emulator, lake: Stack
) -> None:
    start_a_failing_export(emulator, lake)
    lake.declare([declaration("lake", triggers="again")])
    assert "run `pulumi refresh`, and rerun `pulumi up`" in lake.up(fails=True)
    lake.refresh()
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"


def test_a_failed_export_without_wait_for_completion_is_drift(emulator: Emulator, lake: Stack) -> None:
    start_a_failing_export(emulator, lake)
    drift = (
        "the job's latest export has FAILED: export_results: CLIENT_ERROR: No tiles; it may be an earlier one: "
        "`pulumi up` asks the service whether this export succeeded"
    )
    assert f'+ drift: "{drift}"' in changed_lines(lake.run("refresh", "--preview-only", "--diff"))
    lake.refresh()
    outputs = lake.outputs("lake")
    assert (outputs["export_status"], outputs["drift"]) == ("IN_PROGRESS", drift)
    assert changed_properties(lake.plan()["lake"]) == ["drift"]
    [line] = changed_lines(lake.preview())  # the engine shows the first 150 characters
    assert line.startswith(f'- drift: "{drift[:100]}')
    lake.declare([declaration("lake", triggers="again")])
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert emulator.exports_started() == 2


def start_a_failing_export(emulator: Emulator, lake: Stack) -> None:
    """Start an export without waiting for it, and let it fail after `pulumi up` ended."""
    emulator.hold_exports()
    emulator.add_fault("ExportEarthObservationJob", "fail_export", message="No tiles")
    lake.declare([declaration("lake", triggers="again", wait_for_completion=False)])
    lake.up()
    emulator.release_exports()
