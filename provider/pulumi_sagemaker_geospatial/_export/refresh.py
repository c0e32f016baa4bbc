"""What a refresh observes of a recorded export: the job's status, its objects, and the drift that follows.

The objects are the export. Recorded SUCCEEDED is final: only its objects can show drift. The job's status describes its
last export, whoever started it. The token is never sent, since that could start an export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from .._geospatial.responses import ErrorDetails, JobDescription, format_error_details
from .._runtime.context import OperationContext
from .._runtime.s3_objects import S3Object
from ..error_ids import ErrorId
from ..errors import JobNotFoundError
from .drift import describe_objects, detect_drift
from .listing import ObjectStore, try_list_destination
from .manifest import ExportManifest, format_utc
from .outcome import Objects, Verdict
from .recorded_outcome import decide_recorded
from .state import ExportState
from .waiters import RetryingClient

#: The drift of an export that has SUCCEEDED and whose objects were never seen.
NOTHING_FOUND = "none of this export's objects were found"


@dataclass(frozen=True)
class Observation:
    """What was found.

    Attributes:
        job: None where the job was deleted.
        objects: everything at the destination; None where it was not or could not be listed.
        time: when, by this machine's clock, in UTC.
    """

    job: JobDescription | None
    objects: Sequence[S3Object] | None
    time: datetime


@dataclass(frozen=True)
class Refreshed:
    """The state after a refresh, and warnings for the user.

    Attributes:
        state: None where the job and the objects are gone.
        warnings: sentences.
        objects: what is there now of an export that has drifted; empty where that is not known.
    """

    state: ExportState | None
    warnings: list[str] = field(default_factory=list)
    objects: str = ""

    @property
    def drift_warning(self) -> str | None:
        """What has drifted, in one sentence with the names of objects."""
        if self.state is None or not self.state.drift:
            return None
        return ErrorId.DRIFT.mark(f"drift: {self.state.drift}" + (f"; {self.objects}" if self.objects else ""))


def refresh_export(
    client: RetryingClient, store: ObjectStore, state: ExportState, now: datetime, ctx: OperationContext
) -> Refreshed:
    """Observe a recorded export, and return its state now.

    Raises:
        ServiceCallError, CancelledError, WaitTimeoutError
    """
    try:
        job: JobDescription | None = client.describe(state.polled_request, ctx, "getting the status of")
    except JobNotFoundError:
        job = None
    needs_objects = state.verify_objects and state.status != "FAILED"
    if state.status == "IN_PROGRESS" and job is not None and job.export_status == "IN_PROGRESS":
        needs_objects = False
    objects = try_list_destination(store, state.request, ctx) if needs_objects else None
    return refreshed_state(state, Observation(job, objects, now))


def refreshed_state(state: ExportState, observation: Observation) -> Refreshed:
    """Return the state that follows from what was observed. Pure."""
    if state.status == "FAILED":
        return Refreshed(replace(state, drift=_failure(state.error_details)))
    if state.status == "IN_PROGRESS":
        return _refreshed_unfinished(state, observation)
    if observation.objects is None or state.manifest is None:
        return _refreshed_without_comparison(state, observation)
    return _refreshed_by_objects(state, state.manifest, observation.job, observation.objects)


def _refreshed_by_objects(
    state: ExportState, manifest: ExportManifest, job: JobDescription | None, objects: Sequence[S3Object]
) -> Refreshed:
    found = state.window.select(objects)
    drift = detect_drift(state.request.kind, manifest, found)
    if job is None and not [each for each in found if manifest.newest is not None and each.modified <= manifest.newest]:
        return Refreshed(None)
    warnings = []
    if job is None and drift:
        warnings.append(
            "the job was deleted, so that it cannot be exported again: restore the objects or remove the export"
        )
    elif job is None:
        warnings.append("the job was deleted; this export's objects are intact")
    elif not drift and job.export_status in ("IN_PROGRESS", "FAILED"):
        warnings.append(f"another export of the job is {job.export_status}; this export's objects are intact")
    return Refreshed(
        replace(state, error_details=None, drift=drift), warnings, describe_objects(manifest, found) if drift else ""
    )


def _refreshed_without_comparison(state: ExportState, observation: Observation) -> Refreshed:
    """Recorded SUCCEEDED, without a listing or without a manifest to compare it with."""
    # Recorded drift stays while the objects cannot be seen.
    state = replace(state, error_details=None, drift=state.drift if state.verify_objects else None)
    if observation.objects is not None:
        # Verification was turned on, or became possible, after the export: what is there now is compared from now on.
        own = replace(state.window, late=True).select(observation.objects)
        if observation.job is None and not own:
            return Refreshed(None)
        if not own:
            return Refreshed(replace(state, drift=NOTHING_FOUND))
        return Refreshed(replace(state, drift=None, manifest=ExportManifest.of(own), observed_late=True))
    if observation.job is None:
        return Refreshed(state, ["the job was deleted, and its objects cannot be seen: the export stays as recorded"])
    return Refreshed(state)


def _refreshed_unfinished(state: ExportState, observation: Observation) -> Refreshed:
    """Recorded IN_PROGRESS: nobody has waited for its end."""
    job, objects = observation.job, observation.objects
    running = replace(state, error_details=None, drift=None)
    own = None if objects is None else replace(state.window, late=True).select(objects)
    seen = Objects.HIDDEN if own is None else Objects.SOME if own else Objects.NONE
    if job is None:
        return _refreshed_after_deletion(running, own)
    age = (observation.time - state.created).total_seconds()
    verdict = decide_recorded(job.export_status, seen, age)
    if verdict is Verdict.SUCCEEDED:
        return Refreshed(_succeeded(running, own))
    if verdict is Verdict.FAILED:
        details = job.export_errors
        return Refreshed(replace(running, status="FAILED", error_details=details, drift=_failure(details)))
    if verdict is Verdict.UNDETERMINED:
        return Refreshed(replace(running, drift=_undetermined(job, seen)))
    if job.export_status == "IN_PROGRESS":
        return Refreshed(running)
    return Refreshed(
        running,
        [
            f"the job's status may still describe an earlier export than that of {format_utc(state.created)}, whose objects "
            "are not there yet"
        ],
    )


def _refreshed_after_deletion(running: ExportState, own: Sequence[S3Object] | None) -> Refreshed:
    if own is None:
        return Refreshed(running, ["the job was deleted, and its objects cannot be seen: the export stays as recorded"])
    return Refreshed(_succeeded(running, own), ["the job was deleted"]) if own else Refreshed(None)


def _succeeded(running: ExportState, own: Sequence[S3Object] | None) -> ExportState:
    manifest = None if own is None else ExportManifest.of(own)
    return replace(running, status="SUCCEEDED", manifest=manifest, observed_late=own is not None)


def _undetermined(job: JobDescription, objects: Objects) -> str:
    if job.export_status == "SUCCEEDED":
        return "the job's latest export succeeded, but none of this export's objects were found"
    if job.export_status is None:
        return "the job reports no export"
    why = "some of this export's objects are there" if objects is Objects.SOME else "it may be an earlier one"
    return (
        f"the job's latest export has FAILED: {format_error_details(job.export_errors)}; {why}: "
        "`pulumi up` asks the service whether this export succeeded"
    )


def _failure(details: ErrorDetails | None) -> str:
    return f"the export has FAILED: {format_error_details(details)}"
