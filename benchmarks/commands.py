"""The commands `report` and `delete-jobs` over 1,000 exports, against a script that makes the same calls with boto3."""

from __future__ import annotations

from benchmarks.cases import COMMANDS, COMPRESSED, MIXED, NO_CHECKPOINTS, UP
from benchmarks.environment import BenchEnvironment, MeasurementError, time_command, time_package_command
from benchmarks.measurements import Measurements
from benchmarks.workloads import declare_workload
from tests.harness import Emulator

#: The commands, and how many exports they are measured with.
REPORT, DELETE_JOBS = "report", "delete-jobs"
EXPORT_COUNT = 1000


def seconds_metric(command: str) -> str:
    """Return the name of the metric of a command's time."""
    return f"{COMMANDS}: {command}, seconds"


def calls_metric(command: str) -> str:
    """Return the name of the metric of the time that a command's calls alone take."""
    return f"{COMMANDS}: {command}, the same calls with boto3, seconds"


def measure_commands(environment: BenchEnvironment, measurements: Measurements, n: int = EXPORT_COUNT) -> None:
    """Measure both commands with exports of both kinds, whose jobs' metadata is saved, and the same calls with boto3."""
    declared = [{**entry, "save_job_metadata": True} for entry in declare_workload(MIXED, n)]
    emulator = environment.emulator
    environment.prepare_service(declared, 0)
    with environment.stack(MIXED, declared, {**COMPRESSED, **NO_CHECKPOINTS}) as stack:
        time_command(stack, UP)
        for command, option in ((REPORT, "--out=report"), (DELETE_JOBS, "--yes")):
            emulator.clear_calls()
            measurements.record_metric(calls_metric(command), environment.time_script(command, declared))
            expected = _count_calls(emulator)
            emulator.add_jobs(declared)  # again, as the script of `delete-jobs` has deleted them
            emulator.clear_calls()
            measurements.record_metric(seconds_metric(command), time_package_command(stack, command, option))
            if (made := _count_calls(emulator)) != expected:
                raise MeasurementError(f"{command} makes other calls than the script: {made} instead of {expected}")


def _count_calls(emulator: Emulator) -> dict[str, int]:
    """Return how often each operation of the service and of S3 was called."""
    counts = emulator.call_report()["counts"]
    return {operation: number for operation, number in counts.items() if not operation.startswith("sts:")}
