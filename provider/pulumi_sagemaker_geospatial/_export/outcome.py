"""How an export's outcome is decided: one pure function of the evidence. docs/outcome.md has the truth table.

The job's status describes its last export, whoever started it, and it may lag. Objects may have been written by an export
that FAILED later. Only the reply to the export's own client token is proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from .._geospatial.statuses import MAX_STATUS_LAG, ExportStatus

#: A poll this long after the start shows no status of an earlier export, unless the status lags for longer; in seconds.
SETTLING_TIME = 60.0
#: No other export fits between two polls that are this close together, in seconds: an export takes a minute or more. One
#: second is to spare, as the service and S3 tell times in whole seconds.
MAX_POLL_GAP = 59.0
#: The token is not asked more often than this, in seconds.
TOKEN_RECHECK_INTERVAL = 30.0


class Objects(Enum):
    """What a listing shows of this export's objects."""

    SOME = "some"
    NONE = "none"
    HIDDEN = "hidden"  # verify_objects=False, or the destination cannot be listed


class Token(Enum):
    """What is known of the export's client token."""

    ASKABLE = "askable"
    REFUSED = "refused"  # the service reports that it was used, and not how that export ended
    EXPIRED = "expired"  # the service forgets tokens: asking would start another export


class Verdict(Enum):
    """What follows from the evidence."""

    WAIT = "wait"
    ASK_TOKEN = "ask the token"
    SUCCEEDED = "succeeded"
    SUCCEEDED_UNPROVEN = "succeeded, unproven"
    FAILED = "failed"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Evidence:
    """What is known of an export that is being waited for.

    Attributes:
        status: the status of the job's last export, anyone's; None where the job has none.
        objects: this export's objects.
        age: seconds since this export was started, or resumed.
        since_running: seconds since the last poll that showed IN_PROGRESS at least `SETTLING_TIME` after the start; None
            if there was none, or if polling was interrupted for longer than `MAX_POLL_GAP` before it.
        written_since_running: objects of this export were written after that poll, or in its second, by the service's clock.
        ever_running: any poll has shown IN_PROGRESS.
    """

    status: ExportStatus | None
    objects: Objects
    age: float
    since_running: float | None = None
    written_since_running: bool = False
    ever_running: bool = False
    token: Token = Token.ASKABLE

    @property
    def continuous(self) -> bool:
        """Whether no other export fits between the last poll that showed IN_PROGRESS and the present one."""
        return self.since_running is not None and self.since_running <= MAX_POLL_GAP

    @property
    def proven(self) -> bool:
        """Whether this export was still running at the last poll that showed IN_PROGRESS, and none fits between."""
        return self.objects is Objects.SOME and self.continuous and self.written_since_running


def decide(evidence: Evidence) -> Verdict:
    """Return what follows from the evidence."""
    status_may_lag = evidence.age <= MAX_STATUS_LAG
    if evidence.status == "IN_PROGRESS" or (evidence.status is None and status_may_lag):
        return Verdict.WAIT
    if evidence.status == "SUCCEEDED" and evidence.proven:
        return Verdict.SUCCEEDED
    if evidence.token is Token.ASKABLE:
        return Verdict.ASK_TOKEN
    return _decide_without_token(evidence, status_may_lag)


def _decide_without_token(evidence: Evidence, status_may_lag: bool) -> Verdict:
    """Return what the status and the objects alone allow."""
    succeeded, hidden = evidence.status == "SUCCEEDED", evidence.objects is Objects.HIDDEN
    if succeeded and evidence.objects is Objects.SOME and (evidence.ever_running or not status_may_lag):
        return Verdict.SUCCEEDED_UNPROVEN
    if succeeded and hidden and evidence.ever_running and (evidence.continuous or not status_may_lag):
        return Verdict.SUCCEEDED_UNPROVEN
    if evidence.status == "FAILED" and evidence.objects is not Objects.SOME and evidence.continuous:
        return Verdict.FAILED
    if status_may_lag or evidence.status is None:
        return Verdict.WAIT
    if evidence.status == "FAILED" and evidence.objects is Objects.NONE:
        return Verdict.FAILED
    return Verdict.UNDETERMINED


class EvidenceTracker:
    """Collects the evidence about one export from poll to poll. Times are those of one clock."""

    def __init__(self, started_at: float, token: Token = Token.ASKABLE, observed_since: float | None = None) -> None:
        """``observed_since``: when polling began; by default at the start."""
        self._started_at = started_at
        self._last_poll = started_at if observed_since is None else observed_since
        self._interrupted = False
        self._last_running: float | None = None
        self._running_at: datetime | None = None
        self._ever_running = False
        self.token = token

    def record(self, status: ExportStatus | None, now: float, responded_at: datetime | None = None) -> None:
        """Record what a poll has shown. ``responded_at``: when, by the service's clock; None where it does not tell."""
        # Another export may have begun unseen: what is running from now on need not be this one.
        self._interrupted = self._interrupted or now - self._last_poll > MAX_POLL_GAP
        self._last_poll = now
        if status != "IN_PROGRESS":
            return
        self._ever_running = True
        if now - self._started_at >= SETTLING_TIME:
            self._last_running = None if self._interrupted else now
            self._running_at = responded_at

    def evidence(
        self, status: ExportStatus | None, objects: Objects, now: float, newest: datetime | None = None
    ) -> Evidence:
        """Return the evidence at the present poll. ``newest``: when the last of this export's objects was written."""
        written = newest is not None and self._running_at is not None and newest >= self._running_at
        return Evidence(
            status=status,
            objects=objects,
            age=now - self._started_at,
            since_running=None if self._last_running is None else now - self._last_running,
            written_since_running=written,
            ever_running=self._ever_running,
            token=self.token,
        )
