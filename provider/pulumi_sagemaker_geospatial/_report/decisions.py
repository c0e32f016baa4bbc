"""Pure decisions: whether an export is whole, and whether its job may be deleted. The first rule that applies decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from .._geospatial.statuses import EXPORTABLE_JOB_STATUSES, PENDING_JOB_STATUSES
from .observation import ExportObservation, JobObservation

#: Returns what is wrong with an export; None where nothing is.
Rule = Callable[[ExportObservation], "str | None"]


class Action(Enum):
    """What `delete-jobs` does with a job."""

    DELETE = "delete"
    KEEP = "keep"
    NONE = "deleted before"


@dataclass(frozen=True)
class Decision:
    """What to do with a job, and why; ``bytes``: the size of its exported results."""

    action: Action
    reason: str
    bytes: int = 0


def _not_succeeded(seen: ExportObservation) -> str | None:
    status = seen.export.state.status
    if status == "SUCCEEDED":
        return None
    return "the export is running" if status == "IN_PROGRESS" else f"the export is {status}"


def _recorded_drift(seen: ExportObservation) -> str | None:
    return seen.export.state.drift


def _no_manifest(seen: ExportObservation) -> str | None:
    if seen.export.state.manifest is None:
        return "the state has no manifest of the export: set verify_objects=True and run `pulumi refresh`"
    return None


def _no_objects(seen: ExportObservation) -> str | None:
    manifest = seen.export.state.manifest
    return "the export has SUCCEEDED, but no exported objects were found" if manifest and not manifest.count else None


def _drift(seen: ExportObservation) -> str | None:
    return seen.drift


def _changed_metadata(seen: ExportObservation) -> str | None:
    if seen.metadata is None or seen.metadata.change is None:
        return None
    return f"the job's metadata {seen.metadata.change}"


def _unreadable_rasters(seen: ExportObservation) -> str | None:
    errors = [(name, raster.error) for name, raster in sorted(seen.rasters.items()) if raster.error]
    if not errors:
        return None
    name, error = errors[0]
    return f"{len(errors)} of {len(seen.rasters)} rasters cannot be read, first {name}: {error}"


def _no_metadata(seen: ExportObservation) -> str | None:
    if seen.metadata is None:
        return "the job's metadata is not saved: set save_job_metadata=True and run `pulumi up`"
    return None


#: What makes an export incomplete.
EXPORT_RULES: tuple[Rule, ...] = (
    _not_succeeded,
    _recorded_drift,
    _no_manifest,
    _no_objects,
    _drift,
    _changed_metadata,
    _unreadable_rasters,
)
#: What else keeps its job from being deleted.
DELETION_RULES: tuple[Rule, ...] = (*EXPORT_RULES, _no_metadata)


def find_problem(seen: ExportObservation, rules: Sequence[Rule] = EXPORT_RULES) -> str | None:
    """Return what is wrong with an export, in the words of the first rule that applies; None where it is whole."""
    return next((problem for rule in rules if (problem := rule(seen)) is not None), None)


def decide_deletion(job: JobObservation) -> Decision:
    """Return whether a job may be deleted: all of its exports are whole, and nothing of it is running."""
    if job.status in (None, "DELETING", "DELETED"):
        return Decision(Action.NONE, "the job is deleted")
    if not job.exports:
        return Decision(Action.KEEP, "no export of the job is in the stack")
    for seen in job.exports:
        if problem := find_problem(seen, DELETION_RULES):
            return Decision(Action.KEEP, f"{seen.export.name}: {problem}")
    if job.status not in EXPORTABLE_JOB_STATUSES:
        return Decision(Action.KEEP, f"the job is {job.status}")
    if job.export_status == "IN_PROGRESS":
        return Decision(Action.KEEP, "an export of the job is running")
    return Decision(Action.DELETE, "exported", max(seen.bytes for seen in job.exports))


def why_not_exported(status: str) -> tuple[str, bool]:
    """Return why a job has no export in the stack, and whether its results are missing from the exports."""
    if status in EXPORTABLE_JOB_STATUSES:
        return "not in the stack: run `pulumi up`", True
    if status in PENDING_JOB_STATUSES:
        return f"the job is {status}: run `pulumi up` when it completes", True
    return f"the job is {status} and cannot be exported", False
