"""An export after its creation: is it still true what the state says, and the removal of what it wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import tenacity
from botocore.exceptions import BotoCoreError, ClientError

from . import objects
from .errors import CallFailed, JobNotFound
from .exports import list_or_none
from .objects import Stored, Window, Written
from .request import Request
from .service import PATIENCE, Job, Service, Status, errors_in_words


@dataclass(frozen=True)
class Recorded:
    """An export as the state holds it."""

    request: Request
    status: Status
    created: datetime
    written: Written | None = None
    errors: dict[str, dict[str, str]] | None = None
    verify: bool = True
    late: bool = False
    sure: bool = True
    #: The output ARN, which is the one to ask for.
    polled: str = ""

    @property
    def window(self) -> Window:
        return Window(self.created, self.written.newest if self.written else None, self.late)


@dataclass(frozen=True)
class Found:
    """What a second look found. ``drift`` is a sentence, or None where the declaration is still true."""

    status: Status
    written: Written | None = None
    errors: dict[str, dict[str, str]] | None = None
    drift: str | None = None
    late: bool = False
    notes: list[str] = field(default_factory=list)


def look_again(
    service: Service, look: Callable[[Request], Job], was: Recorded, now: datetime, warn: Callable[[str], None]
) -> Found | None:
    """Compare an export with what is there now; None where the job and the objects are gone.

    The objects are the export: where they can be seen, they decide. The job's status speaks of its last export, whoever
    started it, and decides alone only where the objects cannot be seen.

    ``look`` asks for the job's status, with what patience the caller has.

    Raises:
        CallFailed: the service refused, or did not answer.
    """
    try:
        job: Job | None = look(replace(was.request, arn=was.polled or was.request.arn))
    except JobNotFound:
        job = None
    if was.status == "FAILED":
        return Found("FAILED", None, was.errors, _failed(was.errors))
    if was.status == "IN_PROGRESS":
        return _end_of(service, was, job, now, warn)
    there = list_or_none(service, was.request, warn) if was.verify else None
    if there is None or was.written is None:
        return _by_status(was, job, there)
    there = was.window.own(there)
    drift = objects.drift(was.written, there)
    if job is None and not [each for each in there if _ours(each, was.written)]:
        return None
    notes = []
    if not drift and job is not None and job.export_status in ("IN_PROGRESS", "FAILED"):
        notes.append(f"another export of the job is {job.export_status}; this one's objects are untouched")
    if not drift and job is None:
        notes.append("the job was deleted; this export's objects are untouched")
    if drift and job is None:
        notes.append(
            "the job was deleted, so that it cannot be exported again: restore the objects or remove the export"
        )
    return Found("SUCCEEDED", was.written, None, drift, was.late, notes)


def _ours(each: Stored, written: Written) -> bool:
    return written.newest is not None and each.modified <= written.newest


def _by_status(was: Recorded, job: Job | None, there: list[Stored] | None) -> Found | None:
    if job is None:
        note = "the job was deleted, and the objects are not looked at: the export is taken as it was"
        return Found("SUCCEEDED", was.written, late=was.late, notes=[note])
    if job.export_status == "FAILED" and there is None:
        return Found("FAILED", None, job.export_errors, _failed(job.export_errors))
    # Verifying was turned on, or became possible, after the export: what lies there now is what is compared from now on.
    if there is not None:
        return Found("SUCCEEDED", Written.of(replace(was.window, late=True).own(there)), late=True)
    return Found("SUCCEEDED", was.written, late=was.late)


def _end_of(
    service: Service, was: Recorded, job: Job | None, now: datetime, warn: Callable[[str], None]
) -> Found | None:
    """An export that nobody waited for: has it ended?"""
    if job is not None and job.export_status == "IN_PROGRESS":
        return Found("IN_PROGRESS")
    if job is not None and job.export_status == "FAILED":
        return Found("FAILED", None, job.export_errors, _failed(job.export_errors))
    there = list_or_none(service, was.request, warn) if was.verify else None
    if there is None:
        if job is None:
            return Found("IN_PROGRESS", notes=["the job was deleted, and the objects are not looked at"])
        return Found("SUCCEEDED")
    ours = replace(was.window, late=True).own(there)
    if ours:
        return Found("SUCCEEDED", Written.of(ours), late=True, notes=[] if job else ["the job was deleted"])
    if job is None:
        return None
    if now - was.created < PATIENCE:
        return Found(
            "IN_PROGRESS", notes=["the status does not speak of this export yet, and nothing of it lies there"]
        )
    return Found(
        "IN_PROGRESS", drift="the job's last export has SUCCEEDED, but nothing of this one lies at its destination"
    )


def _failed(errors: dict[str, dict[str, str]] | None) -> str:
    return f"the export has FAILED: {errors_in_words(errors)}"


def take_away(service: Service, was: Recorded) -> str:
    """Delete what an export wrote, and nothing else; what was done or kept, and why, in one sentence.

    Raises:
        CallFailed: S3 refused, or did not answer.
    """
    request = was.request
    if was.written is None or not was.sure:
        return "nothing was deleted: it is not known which objects this export wrote"
    try:
        s3 = service.s3(request)
        ours = objects.removable(s3, request.bucket, request.folder, was.written, was.window)
        if ours is None:
            return "nothing was deleted: the objects are no longer those that this export wrote, and stay"
        if was.late and not all(each.name.startswith(objects.RESULTS) for each in ours):
            return (
                "nothing was deleted: the export's end was not seen, and some of what lies there may be somebody else's"
            )
        kept = _removed(s3, request, ours)
    except ClientError as exc:
        code = exc.response.get("Error", {}).get("Code", "Unknown")
        if code == "NoSuchBucket":
            return "nothing was deleted: the bucket is gone"
        words = request.without_secrets(exc.response.get("Error", {}).get("Message", ""))
        raise CallFailed(
            f"deleting the objects of the export of {request.arn} was refused: {code}: {words}. Allow s3:ListBucketVersions, "
            "s3:DeleteObject and s3:DeleteObjectVersion on the destination, or set delete_objects=False.",
            code,
            words,
        ) from exc
    except BotoCoreError as exc:
        words = request.without_secrets(str(exc))
        raise CallFailed(
            f"deleting the objects of the export of {request.arn} failed: {words}. Run it again.", "Unreachable", words
        ) from exc
    if kept:
        name, reason = kept[0]
        then = (
            "Allow it, or set delete_objects=False."
            if len(kept) == len(ours)
            else "The others are deleted, and another run would not know these for the export's: remove them by hand."
        )
        raise CallFailed(
            f"deleting the objects of the export of {request.arn}: S3 kept {len(kept)} of {len(ours)}, first {name} "
            f"({request.without_secrets(reason)}). {then}",
            "Kept",
        )
    return f"deleted the {len(ours)} objects that this export wrote"


_PASSING = ("InternalError", "SlowDown", "ServiceUnavailable")


def _kept_in_passing(kept: list[tuple[str, str]]) -> bool:
    return any(reason.startswith(_PASSING) for _, reason in kept)


def _refused_in_passing(exc: BaseException) -> bool:
    return isinstance(exc, ClientError) and exc.response.get("Error", {}).get("Code") in _PASSING


@tenacity.retry(
    retry=tenacity.retry_if_result(_kept_in_passing) | tenacity.retry_if_exception(_refused_in_passing),
    stop=tenacity.stop_after_attempt(5),
    wait=tenacity.wait_exponential(multiplier=0.2),
    retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
)
def _removed(s3: objects.S3, request: Request, ours: list[Stored]) -> list[tuple[str, str]]:
    # What is deleted already is deleted again, which S3 does not mind.
    return objects.remove(s3, request.bucket, request.folder, ours)


def seen_now(s3: objects.S3, outputs: dict[str, Any]) -> tuple[Written, str | None]:
    """What lies in S3 of the export that a state's outputs describe, and its drift. For reports: raises botocore's errors."""
    was = as_recorded(outputs)
    own = was.window.own(objects.listed(s3, was.request.bucket, was.request.folder))
    if was.written is not None:
        return was.written, objects.drift(was.written, own)
    return Written.of(own), None if own else "nothing of it lies at its destination"


def as_recorded(outputs: dict[str, Any], polled: str = "") -> Recorded:
    """The export that outputs in the state describe; ``polled``: the ARN of its id."""
    written = outputs.get("exported_objects")
    return Recorded(
        request=Request.of(outputs),
        status=outputs["export_status"],
        created=objects.moment(outputs["creation_time"]),
        written=Written.from_state(written) if written else None,
        errors=outputs.get("export_error_details"),
        verify=outputs.get("verify_objects", True) is not False,
        late=bool(outputs.get("__late")),
        sure=not outputs.get("__unsure"),
        polled=polled,
    )
