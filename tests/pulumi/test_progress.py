"""What a run without a terminal prints of its exports, the totals at its end, and the progress file."""

from __future__ import annotations

import json
import re
import signal
import stat

from tests.harness import CommandResult, Emulator, Stack, declaration, wait_until

COUNT = 10
KINDS = ("earth-observation-job", "vector-enrichment-job")


def lines_of(result: CommandResult, name: str) -> list[str]:
    return [line for line in result.output.splitlines() if re.search(rf"Job {name}\b", line)]


def test_a_log_has_no_line_of_an_export_beyond_the_engines_and_one_of_totals(emulator: Emulator, stack: Stack) -> None:
    entries = [declaration(f"lake-{number}", kind=KINDS[number % 2]) for number in range(COUNT)]
    emulator.add_jobs(entries)
    emulator.hold_exports()
    stack.declare(entries)
    process = stack.start("up", "--yes", "--parallel", "16")
    path = stack.directory / ".pulumi-geospatial.test.jsonl"
    wait_until(lambda: path.exists() and path.read_text().count('"status":"running"') == COUNT, "all", process=process)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    emulator.release_exports()
    result = stack.finish(process)
    # In the plan, at the beginning and at the end.
    assert {len(lines_of(result, entry["name"])) for entry in entries} == {3}
    [totals] = re.findall(r"^    (exports: .*)", result.output, re.MULTILINE)
    assert re.fullmatch(r"exports: 10 done, \d+ objects, \d+ kB(, \d+s)?", totals)
    # Lines such as `@ updating....` are written while time passes.
    lines = [line for line in result.output.splitlines() if line and not line.startswith("@ ")]
    assert len(lines) <= 3 * COUNT + 18
    assert not path.exists()

    assert "exports: " not in stack.up_expecting_no_changes()
    assert "exports: " not in stack.refresh()

    adopted = stack.up("--replace", "**lake-**", "--parallel", "16")
    [line, totals] = re.findall(r"^    (\d+ exports .*|exports: .*)", adopted.output, re.MULTILINE)
    assert line.startswith("10 exports adopted (")
    assert line.endswith("to force a new export: PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN")
    assert totals.startswith("exports: 10 done (10 adopted), ")
    assert "removed" not in totals


def test_totals_and_the_file_remain_after_a_failure_and_ctrl_c(emulator: Emulator, stack: Stack) -> None:
    names = ["lake-0", "lake-1", "lake-2"]
    entries = [declaration(name) for name in names]
    emulator.add_jobs(entries)
    emulator.hold_exports()
    emulator.add_fault("ExportEarthObservationJob", "access_denied")
    stack.declare(entries)
    path = stack.directory / ".pulumi-geospatial.test.jsonl"
    process = stack.start_up("--parallel", "16")
    wait_until(lambda: path.exists() and path.read_text().count('"status":"failed"') == 1, "one", process=process)
    wait_until(lambda: path.read_text().count('"status":"running"') == 2, "the two others", process=process)
    process.send_signal(signal.SIGINT)
    result = stack.finish(process, fails=True)
    [cancelled, totals] = re.findall(r"^    (\d+ exports .*|exports: .*)", result.output, re.MULTILINE)
    going_on = "what the service has started goes on, and the next `pulumi up` resumes waiting"
    assert re.match(rf"2 exports cancelled: lake-\d, lake-\d; {going_on}", cancelled)
    assert re.fullmatch(r"exports: 1 failed, 2 cancelled(, \d+s)?", totals)
    last = json.loads(path.read_text().splitlines()[-1])
    assert set(last) == {"ended", "warnings"}

    emulator.release_exports()
    stack.up()
    assert not path.exists()
    for entry in entries:
        assert emulator.exports_started(entry["arn"]) == 1, entry["name"]
