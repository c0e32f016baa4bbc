"""The life of one export: start it or find the one that was started, and wait for its end.

It knows nothing of Pulumi: what it needs of the world (a clock, a deadline, an event that cancels, a way to report) is
handed to it.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .declared import Plan
from .errors import CallFailed, ExportFailed, TokenSpent, WaitEnded
from .limits import Poller
from .objects import Stored, Window, Written, in_utc, results_of
from .request import Request, derived_token
from .service import PATIENCE, Answer, Job, Service, errors_in_words
from .starting import Starter, World, says_spent

#: Attempts that one creation goes through: one for each export of a declaration that has FAILED or whose objects are gone.
MOST_ATTEMPTS = 100
#: Seconds after which the token of an export is asked again, where the job's status does not speak of it.
ASK_AGAIN = 30.0


@dataclass(frozen=True)
class Wanted:
    """An export as it was declared."""

    request: Request
    triggers: Any = None
    token: str | None = None
    wait: bool = True
    verify: bool = True


@dataclass(frozen=True)
class Outcome:
    """An export as it turned out.

    ``late``: its objects were first looked at some time after its end; ``sure``: which of them are its own is known, and
    not only likely.
    """

    answer: Answer
    attempt: int
    written: Written | None = None
    late: bool = False
    sure: bool = True


class Exports:
    """Exports of one process: those of one job take turns, and all share one poller."""

    def __init__(self, service: Service, poller: Poller[Job], adopts: bool = True) -> None:
        self.service, self._starter, self._adopts = service, Starter(service, poller), adopts
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def create(self, wanted: Wanted, plan: Plan, world: World) -> Outcome:
        """Start the export, or join or adopt the one that was started before its record was lost.

        Raises:
            ExportFailed, JobNotExportable, JobNotFound, TokenSpent, TimedOut, Cancelled, CallFailed
        """
        plan = plan if self._adopts else replace(plan, adopt=False)
        with self._turn(wanted.request.arn, world):
            for attempt in itertools.count(plan.attempt):
                outcome = self._attempt(wanted, plan, attempt, world)
                if outcome is not None:
                    return outcome
                world.report(f"attempt {attempt} is spent")
                if attempt - plan.attempt >= MOST_ATTEMPTS:
                    break
            raise TokenSpent(
                f"exporting {wanted.request.arn}: {MOST_ATTEMPTS} client tokens in a row were used before. "
                "Give triggers a value that they did not have before, or give a client_token."
            )

    def look(self, request: Request, world: World) -> Job:
        """What the job's status is; faults that pass are waited for."""
        return self._starter.look(request, world, "asking for the status of")

    def join(self, wanted: Wanted, answer: Answer, attempt: int, world: World) -> Outcome:
        """Wait for an export that runs, to its end."""
        with self._turn(wanted.request.arn, world):
            return self._finish(wanted, Plan(), answer, attempt, world, asks=False)

    def _attempt(self, wanted: Wanted, plan: Plan, attempt: int, world: World) -> Outcome | None:
        """One token's export; None where that token is spent and the next attempt's turn has come."""
        token = _token(wanted, attempt)
        try:
            answer = self._starter.start(wanted.request, token, world)
        except CallFailed as exc:
            if not says_spent(exc):
                raise
            return self._spent_unseen(wanted, plan, attempt, exc, world)
        if answer.status == "IN_PROGRESS":
            return self._finish(wanted, plan, answer, attempt, world)
        if answer.status == "FAILED":
            if answer.fresh:
                raise self._failed(wanted.request, answer.arn, world)
            self._only_a_derived_token_goes_on(wanted, "its export has FAILED")
            return None
        if answer.fresh:
            return Outcome(answer, attempt, self._written(wanted, answer, world))
        if not plan.takes(answer.created):
            self._only_a_derived_token_goes_on(wanted, "its export was made before this change")
            return None
        written = self._written(wanted, answer, world, late=True)
        if written is not None and not written.count:
            self._only_a_derived_token_goes_on(
                wanted, "its export has SUCCEEDED, but its objects are not there any longer"
            )
            return None
        world.inform(
            f"adopted the export of {in_utc(answer.created)}, nothing was exported; to export anew: "
            "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN"
        )
        return Outcome(answer, attempt, written, late=written is not None)

    def _only_a_derived_token_goes_on(self, wanted: Wanted, why: str) -> None:
        if wanted.token is None:
            return
        raise TokenSpent(
            f"exporting {wanted.request.arn} with the client_token that the program gives: {why}, so that this token "
            "cannot start another one. Give a new client_token, or leave it out to have one derived."
        )

    def _spent_unseen(self, wanted: Wanted, plan: Plan, attempt: int, exc: CallFailed, world: World) -> Outcome | None:
        # This service does not answer for a token that was used, so that the job's last export and the objects tell.
        self._only_a_derived_token_goes_on(wanted, f"the service says {exc.code}: {exc.words}")
        job = self._starter.look(wanted.request, world, "exporting")
        if not _has_ended(job):
            world.report(job.export_status or "starting")
            job = self._starter.watch(wanted.request, _has_ended, world, "waiting for the export of")
        if not (wanted.verify and plan.adopt and job.export_status == "SUCCEEDED"):
            return None
        there = results_of(self._list(wanted.request, None) or ())
        results = [each for each in there if plan.newer_than is None or each.modified > plan.newer_than]
        if not results:
            return None
        # When it started is not told: what lies there is taken for its own, and never deleted on that ground.
        start = min(each.modified for each in results) - timedelta(seconds=1)
        answer = Answer(wanted.request.arn, start, "SUCCEEDED")
        return Outcome(answer, attempt, Written.of(results), late=True, sure=False)

    def _finish(
        self, wanted: Wanted, plan: Plan, answer: Answer, attempt: int, world: World, asks: bool = True
    ) -> Outcome:
        """Wait for the end of an export that runs (unless nobody wants to) and see what it wrote.

        ``asks``: whether its token may be asked again, which starts another export where the service has forgotten it.
        """
        if not wanted.wait:
            return Outcome(answer, attempt)
        request, began, forgotten = wanted.request, world.clock.now(), answer.old
        next_ask = began if asks else math.inf
        while True:
            job, seen_running = self._wait(request, answer, began, world)
            if seen_running or forgotten or (job.export_status == "FAILED" and not asks):
                break
            # The status may lag, and still speak of the export before: only what it wrote, or our token, tells.
            objects = self._list(request, world) if wanted.verify and job.export_status == "SUCCEEDED" else None
            if objects and any(plan.is_newer(each.modified, answer.created) for each in objects):
                return self._succeeded(wanted, answer, attempt, objects, world, late=not asks)
            now = world.clock.now()
            if now < next_ask:
                if not asks and (not wanted.verify or now - began > PATIENCE.total_seconds()):
                    break
                continue
            next_ask = now + max(ASK_AGAIN, now - began)
            try:
                again = self._starter.start(request, _token(wanted, attempt), world)
            except CallFailed as exc:
                if not says_spent(exc):
                    raise
                break  # it has ended, and that is all that this service tells of it
            if again.status == "FAILED":
                raise self._failed(request, again.arn, world)
            if again.status == "SUCCEEDED":
                return self._succeeded(wanted, again, attempt, None, world)
            # Where the service has forgotten the token, this has started another export; that is not risked twice.
            forgotten, answer = again.created != answer.created, again
        if job.export_status == "FAILED":
            raise self._failed(request, answer.arn, world, job, first="" if asks else "run `pulumi refresh`, and ")
        return self._succeeded(wanted, answer, attempt, None, world, late=not asks and not seen_running)

    def _wait(self, request: Request, answer: Answer, began: float, world: World) -> tuple[Job, bool]:
        """What was seen at the end, and whether the export was seen running before."""
        running = False

        def ended(job: Job) -> bool:
            nonlocal running
            running = running or job.export_status == "IN_PROGRESS"
            world.report(f"{job.export_status or 'starting'} {_elapsed(world.clock.now() - began)}")
            return _has_ended(job)

        world.report("IN_PROGRESS")
        job = self._starter.watch(replace(request, arn=answer.arn), ended, world, "waiting for the export of", began)
        return job, running

    def _succeeded(
        self,
        wanted: Wanted,
        answer: Answer,
        attempt: int,
        objects: list[Stored] | None,
        world: World,
        late: bool = False,
    ) -> Outcome:
        answer = replace(answer, status="SUCCEEDED")
        written = self._written(wanted, answer, world, objects, late)
        if written is not None and not written.count:
            world.warn(
                f"the export of {answer.arn} has SUCCEEDED, but nothing that it wrote lies at the destination; "
                "there will be nothing to compare at a refresh"
            )
        return Outcome(answer, attempt, written, late=late and written is not None)

    def _written(
        self, wanted: Wanted, answer: Answer, world: World, objects: list[Stored] | None = None, late: bool = False
    ) -> Written | None:
        if not wanted.verify:
            return None
        objects = objects if objects is not None else self._list(wanted.request, world)
        return None if objects is None else Written.of(Window(answer.created, late=late).own(objects))

    def _list(self, request: Request, world: World | None) -> list[Stored] | None:
        return list_or_none(self.service, request, world.warn if world else None)

    def _failed(
        self, request: Request, arn: str, world: World, job: Job | None = None, first: str = ""
    ) -> ExportFailed:
        if job is None or not job.export_errors:
            try:
                job = self._starter.look(replace(request, arn=arn), world, "asking why the export FAILED of")
            except (CallFailed, WaitEnded):
                job = None  # that it FAILED is known; why, cannot be asked
        words = request.without_secrets(errors_in_words(job.export_errors if job else None))
        return ExportFailed(
            f"exporting {arn}: the export ended FAILED: {words}. "
            f"Put right what it names; {first}the next `pulumi up` exports anew."
        )

    @contextmanager
    def _turn(self, arn: str, world: World) -> Iterator[None]:
        with self._lock:
            lock = self._turns.setdefault(arn, threading.Lock())
        if not lock.acquire(blocking=False):
            world.report("queued: another export of the job runs")
            while not lock.acquire(timeout=0.5):
                world.check(f"waiting for another export of {arn}")
        try:
            yield
        finally:
            lock.release()


def list_or_none(service: Service, request: Request, warn: Callable[[str], None] | None) -> list[Stored] | None:
    """What lies at the destination; None, with one warning, where S3 cannot be asked: then the status decides."""
    try:
        return service.listed(request)
    except ClientError as exc:
        if exc.response.get("Error", {}).get("Code") == "NoSuchBucket":
            return []
        reason = exc.response.get("Error", {}).get("Code", "an error")
    except (BotoCoreError, CallFailed) as exc:
        reason = type(exc).__name__
    if warn is not None:
        warn(
            f"the destination cannot be listed ({reason}), so that the status alone decides; allow s3:ListBucket on it, "
            "or set verify_objects=False"
        )
    return None


def _has_ended(job: Job) -> bool:
    return job.export_status in ("SUCCEEDED", "FAILED")


def _token(wanted: Wanted, attempt: int) -> str:
    return wanted.token or derived_token(wanted.request, wanted.triggers, attempt)


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
