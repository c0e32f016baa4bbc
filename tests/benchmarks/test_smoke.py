"""The benchmarks run on the engine, with one or two resources. No time is asserted."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.cases import CALLING_VERBS, COMPRESSED, LEAST, REFRESH, UP, Case
from benchmarks.commands import DELETE_JOBS, REPORT, calls_metric, measure_commands, seconds_metric
from benchmarks.environment import BenchEnvironment, bench_environment, time_command
from benchmarks.measure import measure_case
from benchmarks.measurements import Measurements
from benchmarks.workloads import declare_exports
from tests.harness import CHECKOUT

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(scope="module")
def environment() -> Iterator[BenchEnvironment]:
    with bench_environment() as environment:
        yield environment


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "benchmarks/run.py", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)


def test_the_smallest_case_is_measured_and_reported(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    result = run("--runs", "1", "--n", "1", "--output", str(results))
    assert result.returncode == 0, result.stderr
    page = results.read_text()
    assert page in result.stdout
    number = r"\d+\.\d\d"
    assert re.search(
        rf"\| 1 +\| up +\| {number} +\| {number} +\| - +\| {number} +\| {number} +\| {number} +\| - +\|", page
    )
    assert re.search(r"\d+ cores, .* of memory", page)
    assert "not measured" in page


def test_one_metric_alone_is_evaluated_by_its_threshold(tmp_path: Path) -> None:
    result = run("--only", "five-minutes", "--output", str(tmp_path / "RESULTS.md"))
    assert result.returncode == 0, result.stderr
    assert re.search(r"calls for an export of 5 min .*\| 30 +\| \d+ +\| pass", result.stdout)


def test_least_makes_the_calls_of_an_export(environment: BenchEnvironment) -> None:
    case = Case("2", 2, verbs=CALLING_VERBS, workloads=(LEAST,), parallel=None)
    measurements = Measurements()
    measure_case(environment, case, measurements)
    assert measurements.median_time("2", LEAST, UP)
    # Start, poll, confirm by the token, and one listing; then one status and one listing.
    assert measurements.median_metric(f"2 {UP}, {LEAST}: calls per export") == 3
    assert measurements.median_metric(f"2 {UP}, {LEAST}: S3 calls per export") == 1
    assert measurements.median_metric(f"2 {REFRESH}, {LEAST}: calls per export") == 1
    assert measurements.median_metric(f"2 {REFRESH}, {LEAST}: S3 calls per export") == 1


def test_the_commands_are_measured_against_a_script_that_makes_the_same_calls(environment: BenchEnvironment) -> None:
    measurements = Measurements()
    measure_commands(environment, measurements, n=2)  # of both kinds; it counts the calls, and compares them
    for command in (REPORT, DELETE_JOBS):
        assert measurements.median_metric(seconds_metric(command))
        assert measurements.median_metric(calls_metric(command))


def test_least_waits_for_the_end_of_an_export_and_stores_its_outputs(environment: BenchEnvironment) -> None:
    declared = declare_exports(2)
    environment.prepare_service(declared, export_seconds=1)
    with environment.stack(LEAST, declared, COMPRESSED) as stack:
        assert time_command(stack, UP) > 1
        resources = [
            each for each in stack.export_state()["deployment"]["resources"] if each["type"].endswith("LeastExport")
        ]
    assert len(resources) == 2
    for resource in resources:
        outputs = resource["outputs"]
        assert outputs["export_status"] == "SUCCEEDED"
        assert outputs["exported_objects"]["count"] == 3
        assert outputs["creation_time"]
