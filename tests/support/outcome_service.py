"""A random service to test the outcome decision on: exports of two teams, a status that lags, and three kinds of token.

The exports of one job run one at a time, ours and other teams'. Each ends SUCCEEDED or FAILED, and objects appear at our
destination; a FAILED export may leave some. The job's status is that of its last export, as it was ``lag`` seconds ago. The
reply to a token does not lag. Polling may pause, as in an outage. Objects may be hidden from us. Times are in seconds since
our export was started.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Literal

from pulumi_sagemaker_geospatial._export.outcome import (
    TOKEN_RECHECK_INTERVAL,
    EvidenceTracker,
    Objects,
    Token,
    Verdict,
    decide,
)
from pulumi_sagemaker_geospatial._geospatial.statuses import ExportStatus

#: What the service does with a token that was used: it replays the response, refuses the token, or has forgotten it.
TokenKind = Literal["replay", "refuse", "forget"]
TOKEN_KINDS: tuple[TokenKind, ...] = ("replay", "refuse", "forget")

#: A wait that has not ended by then never will.
END_OF_RUN = 6000.0


@dataclass(frozen=True)
class Export:
    """One export of the job, with the times at which it writes objects to our destination."""

    start: float
    end: float
    result: ExportStatus
    writes: Sequence[float] = ()

    def status_at(self, time: float) -> ExportStatus:
        return "IN_PROGRESS" if time < self.end else self.result


@dataclass(frozen=True)
class Limits:
    """The bounds of a random service. ``foreign_delay``: how soon another export may begin after one has ended."""

    lags: Sequence[float] = (0, 0, 0, 2, 30, 200)
    lengths: Sequence[float] = (20, 90, 300, 300, 300, 600)
    foreign_lengths: Sequence[float] = (20, 90, 300, 300, 300, 600)
    foreign_delay: int = 0
    token_kinds: Sequence[TokenKind] = ("replay", "replay", "refuse", "forget")


@dataclass
class OutcomeService:
    """The exports of one job, and how the service answers."""

    rng: random.Random
    limits: Limits
    lag: float
    token: TokenKind
    objects_visible: bool
    remembers_for: float
    ours: Export
    exports: list[Export] = field(default_factory=list)

    @classmethod
    def generate(cls, rng: random.Random, limits: Limits) -> OutcomeService:
        """Return a random service on which our export has just been started."""
        ours = _random_export(rng, 0, limits.lengths, ours=True)
        service = cls(
            rng=rng,
            limits=limits,
            lag=rng.choice(limits.lags),
            token=rng.choice(limits.token_kinds),
            objects_visible=rng.random() < 0.8,
            remembers_for=rng.choice([-60.0, 300.0]),
            ours=ours,
        )
        if rng.random() < 0.6:
            end = -rng.choice([1, 30, 600])
            service.exports.append(Export(end - rng.randint(60, 400), end, rng.choice(("SUCCEEDED", "FAILED"))))
        service.exports.append(ours)
        after = ours.end
        for _ in range(rng.choice([0, 0, 1, 2])):
            foreign = _random_export(
                rng,
                after + rng.randint(limits.foreign_delay, limits.foreign_delay + 300),
                limits.foreign_lengths,
                ours=False,
            )
            service.exports.append(foreign)
            after = foreign.end
        return service

    def job_status(self, time: float) -> ExportStatus | None:
        """Return the status of the job's last export, as it was at a time."""
        started = [each for each in self.exports if each.start <= time]
        return started[-1].status_at(time) if started else None

    def objects(self, time: float) -> Objects:
        """Return what a listing shows of objects that were written since our export was started."""
        if not self.objects_visible:
            return Objects.HIDDEN
        return Objects.NONE if self.newest_object(time) is None else Objects.SOME

    def newest_object(self, time: float) -> float | None:
        """Return when the last object was written that a listing shows, if it shows one."""
        writes = [write for each in self.exports for write in each.writes if self.ours.start <= write <= time]
        return max(writes, default=None) if self.objects_visible else None

    def truth(self, time: float) -> ExportStatus:
        """Return the status of our export."""
        return self.ours.status_at(time)

    def forgets_at(self, time: float) -> bool:
        return self.token == "forget" and time >= self.ours.end + self.remembers_for

    def start_another(self, time: float) -> bool:
        """Start another export of ours, unless an export is running."""
        if self.job_status(time) == "IN_PROGRESS":
            return False
        self.ours = _random_export(self.rng, time, self.limits.lengths, ours=True)
        self.exports = [each for each in self.exports if each.start < time] + [self.ours]
        return True


def _random_export(rng: random.Random, start: float, lengths: Sequence[float], *, ours: bool) -> Export:
    results: tuple[ExportStatus, ...] = ("SUCCEEDED", "SUCCEEDED", "FAILED")
    length, result = rng.choice(lengths), rng.choice(results)
    count = 3 if rng.random() < 0.95 else 0
    writes: list[float] = []
    if ours or rng.random() < 0.15:  # other teams may export to our destination
        if result == "SUCCEEDED":
            writes = [start + length - rng.randint(0, int(length // 3)) for _ in range(count)]
        elif rng.random() < 0.4:
            writes = [start + rng.randint(1, int(length))]
    return Export(start, start + length, result, writes)


@dataclass(frozen=True)
class WaitResult:
    """How a wait for our export has ended.

    Attributes:
        verdict: None where it never ended.
        truth: the status of our export then.
        questions: how often the token was asked.
        started: how many further exports these questions have started.
    """

    verdict: Verdict | None
    truth: ExportStatus
    questions: int
    started: int

    @property
    def wrong_success(self) -> bool:
        return self.verdict in (Verdict.SUCCEEDED, Verdict.SUCCEEDED_UNPROVEN) and self.truth != "SUCCEEDED"

    @property
    def wrong_failure(self) -> bool:
        return self.verdict is Verdict.FAILED and self.truth != "FAILED"


def wait_for_outcome(service: OutcomeService, rng: random.Random) -> WaitResult:
    """Wait for our export as the provider does: poll, decide, and ask the token where the decision says so."""
    interval = rng.choice([2, 5, 15, 30])
    pause = (rng.randint(1, 300), rng.randint(30, 1800)) if rng.random() < 0.25 else (0, 0)
    tracker, questions, started = EvidenceTracker(0.0), 0, 0
    now, next_question = 0.0, 0.0
    while now < END_OF_RUN:
        now += interval
        if pause[0] <= now < sum(pause):
            continue
        verdict = _observe(service, tracker, now)
        if verdict is Verdict.ASK_TOKEN and now >= next_question:
            questions, next_question = questions + 1, now + max(TOKEN_RECHECK_INTERVAL, now)
            if service.forgets_at(now):
                if service.start_another(now):
                    tracker, started = EvidenceTracker(now, Token.EXPIRED), started + 1
            elif service.token == "refuse":
                tracker.token = Token.REFUSED
            elif service.truth(now) != "IN_PROGRESS":
                return WaitResult(Verdict[service.truth(now)], service.truth(now), questions, started)
            verdict = _observe(service, tracker, now)
        if verdict not in (Verdict.WAIT, Verdict.ASK_TOKEN):
            return WaitResult(verdict, service.truth(now), questions, started)
    return WaitResult(None, service.truth(now), questions, started)


def _observe(service: OutcomeService, tracker: EvidenceTracker, now: float) -> Verdict:
    status = service.job_status(now - service.lag)
    tracker.record(status, now, _as_date(now))
    newest = service.newest_object(now)
    return decide(tracker.evidence(status, service.objects(now), now, None if newest is None else _as_date(newest)))


def _as_date(time: float) -> datetime:
    """Return a time as the service and S3 report it, in whole seconds."""
    return datetime.fromtimestamp(int(time), timezone.utc)
