"""How the outcome of a recorded export is decided without sending its token, which could start another export.

docs/outcome.md has the truth table.
"""

from __future__ import annotations

from .._geospatial.statuses import MAX_STATUS_LAG, ExportStatus
from .outcome import Objects, Verdict


def decide_recorded(status: ExportStatus | None, objects: Objects, age: float) -> Verdict:
    """Return what the job's status and the export's objects say of an export that is recorded as IN_PROGRESS.

    ``age`` is the number of seconds since the export was started. UNDETERMINED: a replacement first asks the same
    attempt's token.
    """
    status_may_lag = age <= MAX_STATUS_LAG
    if status == "IN_PROGRESS" or (status is None and status_may_lag):
        return Verdict.WAIT
    if status == "SUCCEEDED" and objects is not Objects.NONE:
        return Verdict.SUCCEEDED
    if status == "SUCCEEDED" and status_may_lag:
        return Verdict.WAIT
    if status == "FAILED" and objects is not Objects.SOME and not status_may_lag:
        return Verdict.FAILED
    return Verdict.UNDETERMINED
