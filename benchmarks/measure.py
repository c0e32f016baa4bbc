"""One run of a case: its workloads one after the other, with the same engine and service."""

from __future__ import annotations

from typing import Any

from benchmarks.cases import BASELINE, CALLING_VERBS, SCRIPT, Case
from benchmarks.environment import BenchEnvironment, time_command
from benchmarks.measurements import Measurements
from benchmarks.metrics import record_calls
from benchmarks.workloads import declare_workload


def measure_case(environment: BenchEnvironment, case: Case, measurements: Measurements) -> None:
    """Measure each workload of a case once."""
    for workload in case.workloads:
        declared = declare_workload(workload, case.n)
        if workload != BASELINE:
            environment.prepare_service(declared, case.export_seconds)
        if workload == SCRIPT:
            _measure_script(environment, case, declared, measurements)
        else:
            _measure_stack(environment, case, workload, declared, measurements)


def _measure_stack(
    environment: BenchEnvironment,
    case: Case,
    workload: str,
    declared: list[dict[str, Any]],
    measurements: Measurements,
) -> None:
    with environment.stack(workload, declared, case.env) as stack:
        for verb in case.verbs_of(workload):
            environment.emulator.clear_calls()
            cpu_before = environment.emulator_cpu_seconds()
            measurements.record_time(case.name, workload, verb, time_command(stack, verb, case.parallel))
            cpu_after = environment.emulator_cpu_seconds()
            if workload == BASELINE or verb not in CALLING_VERBS:
                continue
            prefix = f"{case.name} {verb}, {workload}"
            record_calls(environment, prefix, case.n, measurements)
            if cpu_before is not None and cpu_after is not None:
                measurements.record_metric(f"{prefix}: emulator's CPU seconds", cpu_after - cpu_before)


def _measure_script(
    environment: BenchEnvironment, case: Case, declared: list[dict[str, Any]], measurements: Measurements
) -> None:
    for verb in case.verbs_of(SCRIPT):
        environment.emulator.clear_calls()
        measurements.record_time(case.name, SCRIPT, verb, environment.time_script(verb, declared))
        record_calls(environment, f"{case.name} {verb}, {SCRIPT}", case.n, measurements)
