"""Is everything out? What the stack has exported, compared with what the service lists, and with S3 where it is asked.

    python report.py [--stack NAME] [--verify]              reads the selected stack
    pulumi stack export | python report.py - [--verify]     reads the state from its input

Prints each job with its export's status, objects and bytes, and then what is missing. Exit code 0: nothing is missing;
1: something is; 2: it cannot be told.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jobs
import pulumi
from pulumi.runtime import get_config, set_all_config
from pulumi_sagemaker_geospatial import EarthObservationJob, ExportError

TYPE = "pulumi-python:dynamic:ExportEarthObservationJob"
#: Jobs that will be COMPLETED, and those that never will: the latter have no results to take out.
RUNNING = ("INITIALIZING", "IN_PROGRESS")
EXPORTABLE = "COMPLETED"


@dataclass(frozen=True)
class Line:
    """One job of the report; ``missing`` says why it is not out, or is None."""

    job: str
    status: str
    objects: int | None = None
    bytes: int | None = None
    missing: str | None = None


def exports(state: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The outputs of the stack's exports by the ARN of their job; one that is to be deleted is none."""
    try:
        resources = state["deployment"].get("resources") or []
    except (AttributeError, KeyError, TypeError):
        raise ValueError("the input is not what `pulumi stack export` prints") from None
    ours = [each for each in resources if each["type"] == TYPE and not each.get("delete")]
    return {each["outputs"]["arn"]: each["outputs"] for each in ours}


def line(job: str, export: Mapping[str, Any] | None, status: str = EXPORTABLE) -> Line:
    """What there is to say of a job and its export."""
    if export is None:
        why = "is not in the stack: run pulumi up" if status == EXPORTABLE else f"is still {status}: wait for its end"
        return Line(job, "-" if status == EXPORTABLE else f"job {status}", missing=why)
    written = export.get("exported_objects") or {}
    count, size = written.get("count"), written.get("bytes")
    missing = None
    if export.get("export_status") != "SUCCEEDED":
        missing = f"its export is {export.get('export_status')}"
    elif export.get("drift"):
        missing = export["drift"]
    elif count == 0:
        missing = "its export has SUCCEEDED, but nothing that it wrote was found"
    return Line(job, export.get("export_status") or "-", _whole(count), _whole(size), missing)


def lines(listed: Iterable[EarthObservationJob], exported: Mapping[str, Mapping[str, Any]]) -> list[Line]:
    """The report: the jobs as the service lists them, then those that only the stack still knows."""
    known = {job.arn: job for job in listed}
    found = [
        line(f"{job.name} ({job.id})", exported.get(job.arn), job.status)
        for job in known.values()
        if job.status in (EXPORTABLE, *RUNNING) or job.arn in exported
    ]
    rest = [
        line(f"{arn.rpartition('/')[2]} (not among the jobs listed)", export)
        for arn, export in exported.items()
        if arn not in known
    ]
    return found + rest


def verified(exported: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The exports as S3 has them now: objects that are gone or were overwritten are drift, as they are for a refresh."""
    from botocore.exceptions import BotoCoreError, ClientError
    from pulumi_sagemaker_geospatial.account import Account
    from pulumi_sagemaker_geospatial.upkeep import seen_now

    account = Account(get_config, pulumi.log.warn)
    looked_at = {}
    for arn, export in exported.items():
        seen = dict(export)
        if export.get("export_status") == "SUCCEEDED":
            try:
                written, drift = seen_now(account.client("s3", arn.split(":")[3]), seen)
            except (BotoCoreError, ClientError) as exc:
                raise ValueError(f"the objects of {arn} cannot be listed: {exc}") from exc
            seen["exported_objects"] = written.to_state()
            seen["drift"] = drift or export.get("drift")
        looked_at[arn] = seen
    return looked_at


def table(found: Iterable[Line]) -> str:
    """The lines as text."""
    rows = [("job", "status", "objects", "bytes")]
    rows += [(each.job, each.status, _shown(each.objects), _shown(each.bytes)) for each in found]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    aligned = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}" for row in rows
    ]
    return "\n".join(aligned)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", nargs="?", choices=["-"], help="-: read the state from the input")
    parser.add_argument("--stack", help="the stack; default: the selected one")
    parser.add_argument("--verify", action="store_true", help="count the objects in S3, too")
    options = parser.parse_args()
    stack = ["--stack", options.stack] if options.stack else []
    if options.state:
        state = json.load(sys.stdin)
    else:
        state = json.loads(pulumi_says("stack", "export", "--show-secrets", *stack))
    config = json.loads(pulumi_says("config", "--json", "--show-secrets", *stack))
    set_all_config({name: each.get("value") for name, each in config.items()})
    listed = jobs.completed(status=None)
    exported = exports(state)
    found = lines(listed, verified(exported) if options.verify else exported)
    if not found:
        raise ValueError("no job is listed and none is in the stack: look at the filter, the region and the account")
    missing = [each for each in found if each.missing]

    print(table(found))
    done = [each for each in found if not each.missing]
    objects, size = (
        sum(value or 0 for value in values) for values in ((x.objects for x in done), (x.bytes for x in done))
    )
    print(f"\n{len(done)} of {len(found)} jobs are out: {objects:,} objects, {size:,} bytes")
    useless = Counter(job.status for job in listed if job.status not in (EXPORTABLE, *RUNNING))
    if useless:
        print("without results to take out: " + ", ".join(f"{n} {status}" for status, n in sorted(useless.items())))
    if missing:
        print("\nmissing:")
        print("\n".join(f"  {each.job}: {each.missing}" for each in missing))
    return 1 if missing else 0


def pulumi_says(*arguments: str) -> str:
    """What a command of Pulumi's prints."""
    done = subprocess.run(["pulumi", *arguments, "--non-interactive"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(2)  # it has said why
    return done.stdout


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)


def _shown(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ExportError, ValueError, pulumi.RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
