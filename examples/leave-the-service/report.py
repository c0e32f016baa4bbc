"""Report whether every job is exported: compare the stack's exports with the service's jobs, and optionally with S3.

    python report.py [--stack NAME] [--verify]              reads the selected stack
    pulumi stack export | python report.py - [--verify]     reads the state from standard input

Prints the status, objects and bytes of each job's export, and then the missing jobs. Exit code 0: no job is missing;
1: at least one job is missing; 2: the report failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jobs
import pulumi
from pulumi.runtime import get_config, set_all_config
from pulumi_sagemaker_geospatial import EarthObservationJob, ExportError

RESOURCE_TYPE = "pulumi-python:dynamic:ExportEarthObservationJob"
#: The status of a job that can be exported, and those of jobs that may still reach it. Other jobs have no results.
EXPORTABLE = "COMPLETED"
PENDING = ("INITIALIZING", "IN_PROGRESS")


@dataclass(frozen=True)
class JobReport:
    """One job of the report; ``missing`` is the reason why it is not exported, or None."""

    job: str
    status: str
    objects: int | None = None
    bytes: int | None = None
    missing: str | None = None


def exports_by_job(state: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the outputs of the exports in a state by the ARN of their job, without those that Pulumi will delete."""
    try:
        resources = state["deployment"].get("resources") or []
    except (AttributeError, KeyError, TypeError):
        raise ValueError("the input is not the output of `pulumi stack export`") from None
    exports = [each for each in resources if each["type"] == RESOURCE_TYPE and not each.get("delete")]
    return {each["outputs"]["arn"]: each["outputs"] for each in exports}


def report_job(job: str, export: Mapping[str, Any] | None, job_status: str = EXPORTABLE) -> JobReport:
    """Return the report on a job, given the outputs of its export if there is one."""
    if export is None:
        if job_status == EXPORTABLE:
            return JobReport(job, "-", missing="not in the stack: run `pulumi up`")
        return JobReport(
            job, f"job {job_status}", missing=f"the job is {job_status}: run `pulumi up` when it completes"
        )
    manifest = export.get("exported_objects") or {}
    objects, size = manifest.get("count"), manifest.get("bytes")
    status, missing = export.get("export_status"), None
    if status != "SUCCEEDED":
        missing = f"the export is {status}"
    elif export.get("drift"):
        missing = export["drift"]
    elif objects == 0:
        missing = "the export has SUCCEEDED, but no exported objects were found"
    return JobReport(job, status or "-", _to_int(objects), _to_int(size), missing)


def report_jobs(listed: Iterable[EarthObservationJob], exports: Mapping[str, Mapping[str, Any]]) -> list[JobReport]:
    """Return the report on the jobs that the service lists, followed by those that only the stack contains."""
    by_arn = {job.arn: job for job in listed}
    in_service = [
        report_job(f"{job.name} ({job.id})", exports.get(job.arn), job.status)
        for job in by_arn.values()
        if job.status in (EXPORTABLE, *PENDING) or job.arn in exports
    ]
    only_in_stack = [
        report_job(f"{arn.rpartition('/')[2]} (not listed by the service)", export)
        for arn, export in exports.items()
        if arn not in by_arn
    ]
    return in_service + only_in_stack


def verify_objects(exports: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the exports with the objects that S3 has now, and with drift if objects were deleted or overwritten."""
    from botocore.exceptions import BotoCoreError, ClientError
    from pulumi_sagemaker_geospatial._export.drift import observe_objects
    from pulumi_sagemaker_geospatial._export.runtime import build_runtime
    from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
    from pulumi_sagemaker_geospatial._runtime.clock import MonotonicClock
    from pulumi_sagemaker_geospatial._runtime.context import OperationContext

    store = build_runtime(get_config, MonotonicClock(), pulumi.log.warn).store
    verified = {}
    for arn, export in exports.items():
        outputs = dict(export)
        if export.get("export_status") == "SUCCEEDED":
            try:
                manifest, drift = observe_objects(store, EARTH_OBSERVATION, outputs, OperationContext())
            except (BotoCoreError, ClientError) as exc:
                raise ValueError(f"cannot list the exported objects of {arn}: {exc}") from exc
            outputs["exported_objects"] = manifest.to_state()
            outputs["drift"] = drift or export.get("drift")
        verified[arn] = outputs
    return verified


def format_table(reports: Iterable[JobReport]) -> str:
    """Return the reports as an aligned table."""
    rows = [("job", "status", "objects", "bytes")]
    rows += [(each.job, each.status, _format_count(each.objects), _format_count(each.bytes)) for each in reports]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    aligned = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}" for row in rows
    ]
    return "\n".join(aligned)


def format_summary(reports: Sequence[JobReport], listed: Iterable[EarthObservationJob]) -> str:
    """Return the totals, the jobs without results, and the missing jobs."""
    exported = [each for each in reports if not each.missing]
    objects = sum(each.objects or 0 for each in exported)
    size = sum(each.bytes or 0 for each in exported)
    lines = [f"{len(exported)} of {len(reports)} jobs are exported: {objects:,} objects, {size:,} bytes"]
    no_results = Counter(job.status for job in listed if job.status not in (EXPORTABLE, *PENDING))
    if no_results:
        lines.append("jobs without results: " + ", ".join(f"{n} {status}" for status, n in sorted(no_results.items())))
    missing = [f"  {each.job}: {each.missing}" for each in reports if each.missing]
    if missing:
        lines += ["", "missing:", *missing]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", nargs="?", choices=["-"], help="-: read the state from standard input")
    parser.add_argument("--stack", help="the stack; default: the selected one")
    parser.add_argument("--verify", action="store_true", help="compare the exports with the objects in S3")
    options = parser.parse_args()
    stack = ["--stack", options.stack] if options.stack else []
    state = json.loads(sys.stdin.read() if options.state else run_pulumi("stack", "export", "--show-secrets", *stack))
    config = json.loads(run_pulumi("config", "--json", "--show-secrets", *stack))
    set_all_config({name: each.get("value") for name, each in config.items()})
    listed = jobs.selected(status=None)
    exports = exports_by_job(state)
    reports = report_jobs(listed, verify_objects(exports) if options.verify else exports)
    if not reports:
        raise ValueError("no jobs in the service or the stack: check the filter, the region and the account")
    print(format_table(reports))
    print()
    print(format_summary(reports, listed))
    return 1 if any(each.missing for each in reports) else 0


def run_pulumi(*arguments: str) -> str:
    """Return the standard output of a Pulumi command; exit with code 2 if it fails."""
    done = subprocess.run(["pulumi", *arguments, "--non-interactive"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(2)  # without a message, as the command has printed its error
    return done.stdout


def _to_int(number: float | None) -> int | None:
    return None if number is None else int(number)


def _format_count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ExportError, ValueError, pulumi.RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
