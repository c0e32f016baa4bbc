"""The metrics beside the cases' times: calls, default rate, memory, state size, a killed run, speed mechanisms."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import polling
from benchmarks.cases import (
    BASELINE,
    COMMANDS,
    COMPRESSED,
    DEFAULTS,
    EXPORTS,
    FIVE_MINUTES,
    HIGH_PARALLELISM,
    KILLED,
    MECHANISMS,
    MEMORY,
    NO_CHECKPOINTS,
    REFRESH,
    STATE,
    THROTTLED,
    UP,
)
from benchmarks.commands import measure_commands
from benchmarks.environment import BenchEnvironment, MeasurementError, time_command
from benchmarks.measurements import Measurements
from benchmarks.memory import peak_host_memory
from benchmarks.throttling import measure_throttled
from benchmarks.workloads import declare_exports
from tests.harness import Stack, kill

_RESOURCES = 200


def record_calls(environment: BenchEnvironment, prefix: str, n: int, measurements: Measurements) -> None:
    """Record the calls per export of the last command, and its peak rate."""
    report = environment.emulator.call_report()
    s3_calls = sum(number for operation, number in report["counts"].items() if operation.startswith("s3:"))
    measurements.record_metric(f"{prefix}: calls per export", len(report["calls"]) / n)
    measurements.record_metric(f"{prefix}: S3 calls per export", s3_calls / n)
    measurements.record_metric(f"{prefix}: peak calls per second", report["peak_per_second"])


def measure_defaults(environment: BenchEnvironment, measurements: Measurements) -> None:
    """Measure the peak call rate of 50 exports of 5 s with the provider's default settings."""
    declared = declare_exports(50)
    environment.prepare_service(declared, 5)
    with environment.stack(EXPORTS, declared, COMPRESSED, polling.DEFAULT_SETTINGS) as stack:
        measurements.record_metric(f"{DEFAULTS}: seconds", time_command(stack, UP))
    record_calls(environment, DEFAULTS, 50, measurements)


def compute_five_minutes(environment: BenchEnvironment, measurements: Measurements) -> None:
    """Compute the calls for an export of 5 minutes: the one that starts it, and the polls at the default interval."""
    measurements.record_metric(f"{FIVE_MINUTES}: calls", 1 + polling.count_polls(300))


def measure_state(environment: BenchEnvironment, measurements: Measurements) -> None:
    """Measure the bytes that an export adds to the state, and the size of the state file of 200 exports."""
    declared = declare_exports(_RESOURCES)
    environment.prepare_service(declared, 0)
    with environment.stack(EXPORTS, declared, COMPRESSED) as stack:
        time_command(stack, UP)
        sizes = []
        for resource in stack.resources().values():
            parts = [resource.get(name) for name in ("inputs", "outputs", "id")]
            sizes.append(sum(len(json.dumps(part, separators=(",", ":"))) for part in parts))
        measurements.record_metric(f"{STATE}: bytes per export", max(sizes))
        measurements.record_metric(
            f"{STATE}: file, compressed", sum(file.stat().st_size for file in _state_files(stack))
        )
        measurements.record_metric(f"{STATE}: file, uncompressed", len(json.dumps(stack.export_state(), indent=4)))


def measure_memory(environment: BenchEnvironment, measurements: Measurements) -> None:
    """Measure the host's peak memory with 200 no-op resources, and with 200 exports that wait."""
    declared = declare_exports(_RESOURCES)
    with environment.stack(BASELINE, declared, COMPRESSED) as stack:
        measurements.record_metric(f"{MEMORY}: no-op host, MB", peak_host_memory(stack))
    environment.prepare_service(declared, 5)
    with environment.stack(EXPORTS, declared, COMPRESSED) as stack:
        measurements.record_metric(f"{MEMORY}: host of exports, MB", peak_host_memory(stack))


def measure_killed(environment: BenchEnvironment, measurements: Measurements) -> None:
    """Kill an up of 1,000 exports, checkpoints skipped, when half of them have started; run it again and count."""
    declared = declare_exports(1000)
    environment.prepare_service(declared, 5)
    emulator = environment.emulator
    with environment.stack(EXPORTS, declared, {**COMPRESSED, **NO_CHECKPOINTS}) as stack:
        process = stack.start("up", "--yes", "--skip-preview", "--parallel", str(HIGH_PARALLELISM))
        while emulator.exports_started() < len(declared) // 2:
            if process.poll() is not None:
                raise MeasurementError("pulumi up ended before it could be killed")
            time.sleep(0.05)
        kill(process)
        measurements.record_metric(f"{KILLED}: exports started", emulator.exports_started())
        measurements.record_metric(f"{KILLED}: exports in the state", len(stack.resources()))
        stack.run("cancel", "--yes")
        measurements.record_metric(f"{KILLED}: seconds of the next up", time_command(stack, UP))
        outputs = [resource["outputs"] for resource in stack.resources().values()]
        lost = len(declared) - sum(each["export_status"] == "SUCCEEDED" for each in outputs)
        duplicated = emulator.exports_started() - len(emulator.call_report()["exports"])
        measurements.record_metric(f"{KILLED}: exports lost or duplicated", lost + duplicated)


def measure_mechanisms(environment: BenchEnvironment, measurements: Measurements) -> None:
    """Measure up and refresh of 200 exports of 5 s with and without the widened pool, at both parallelisms."""
    declared = declare_exports(_RESOURCES)
    for parallel in (None, HIGH_PARALLELISM):
        for disabled in ((), ("widened-pool",)):
            environment.prepare_service(declared, 5)
            parallelism = "default parallelism" if parallel is None else f"--parallel {parallel}"
            mode = f"without {', '.join(disabled)}" if disabled else "all mechanisms"
            with environment.stack(EXPORTS, declared, COMPRESSED, disabled=disabled) as stack:
                for verb in (UP, REFRESH):
                    name = f"{MECHANISMS}: {verb} of {len(declared)}, {parallelism}, {mode}: seconds"
                    measurements.record_metric(name, time_command(stack, verb, parallel))


Measure = Callable[[BenchEnvironment, Measurements], None]

#: The function that measures each metric of `cases.METRICS`.
MEASURE: dict[str, Measure] = {
    COMMANDS: measure_commands,
    DEFAULTS: measure_defaults,
    FIVE_MINUTES: compute_five_minutes,
    KILLED: measure_killed,
    MECHANISMS: measure_mechanisms,
    MEMORY: measure_memory,
    STATE: measure_state,
    THROTTLED: measure_throttled,
}


def _state_files(stack: Stack) -> list[Path]:
    stacks = stack.directory / "state" / ".pulumi" / "stacks"
    return [file for file in stacks.rglob("test.json*") if not file.name.endswith((".bak", ".attrs"))]
