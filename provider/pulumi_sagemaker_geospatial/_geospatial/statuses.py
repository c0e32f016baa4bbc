"""The statuses of jobs and exports, and what each means to an export."""

from __future__ import annotations

from typing import Literal

from ..errors import UnknownStatusError

ExportStatus = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]

EXPORT_STATUSES: tuple[ExportStatus, ...] = ("IN_PROGRESS", "SUCCEEDED", "FAILED")
TERMINAL_STATUSES: frozenset[str] = frozenset({"SUCCEEDED", "FAILED"})

#: A job with one of these can be exported.
EXPORTABLE_JOB_STATUSES = frozenset({"COMPLETED"})
#: A job with one of these may become exportable.
PENDING_JOB_STATUSES = frozenset({"INITIALIZING", "IN_PROGRESS"})

#: How long the status of a job may lag behind its exports, in seconds. An export takes about five minutes.
MAX_STATUS_LAG = 900.0


def parse_export_status(status: str, arn: str) -> ExportStatus:
    """Return the status.

    Raises:
        UnknownStatusError: the API page does not list it.
    """
    if status not in EXPORT_STATUSES:
        raise UnknownStatusError(
            f"the export of {arn} has the status {status}, which this version does not know: upgrade the package."
        )
    return status
