"""The life of one export: start it or find the one that was started, and wait for its end.

It knows nothing of Pulumi: what it needs of the world (a clock, a deadline, an event that cancels, a way to report) is
handed to it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import tenacity
from botocore.exceptions import BotoCoreError, ClientError

from .declared import Plan
from .errors import CallFailed, Cancelled, ExportFailed, JobNotExportable, JobNotFound, TimedOut, TokenSpent
from .limits import Clock, Poller
from .objects import Stored, Written, in_utc, since
from .request import Request, derived_token
from .service import PASSING, Answer, Job, Service, errors_in_words

#: How long IAM may take to spread a new role before its refusal is final, in seconds.
ROLE_SPREADS = 120.0
#: What a job's status means to an export that needs it COMPLETED; a status that is not here is an error.
READY = frozenset({"COMPLETED"})
RUNNING = frozenset({"INITIALIZING", "IN_PROGRESS"})

_ABOUT_A_ROLE = re.compile(r"\brole\b", re.IGNORECASE)
_ABOUT_PERMISSIONS = re.compile(r"not authorized to perform", re.IGNORECASE)
_ABOUT_A_TOKEN = re.compile(r"token", re.IGNORECASE)


@dataclass(frozen=True)
class World:
    """What an operation needs of the world around it. ``deadline`` is a time of the clock."""

    clock: Clock
    stopped: threading.Event
    deadline: float
    report: Callable[[str], None]
    inform: Callable[[str], None]
    warn: Callable[[str], None]

    def check(self, what: str) -> None:
        """Raise where the wait is over."""
        goes_on = "The export itself goes on if it has started, and the next `pulumi up` joins it"
        if self.stopped.is_set():
            raise Cancelled(f"{what}: cancelled. {goes_on}.")
        if self.clock.now() >= self.deadline:
            raise TimedOut(f"{what}: the timeout is over. {goes_on}; custom_timeouts gives it longer.")


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
    """An export as it turned out; ``sure``: which objects are its own is known, and not only likely."""

    answer: Answer
    attempt: int
    written: Written | None = None
    sure: bool = True


class Exports:
    """Exports of one process: those of one job take turns, and all share one poller."""

    def __init__(self, service: Service, poller: Poller[Job], adopts: bool = True) -> None:
        self.service, self._poller, self._adopts = service, poller, adopts
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def create(self, wanted: Wanted, plan: Plan, world: World) -> Outcome:
        """Start the export, or join or adopt the one that was started before its record was lost.

        Raises:
            ExportFailed, JobNotExportable, JobNotFound, TokenSpent, TimedOut, Cancelled, CallFailed
        """
        plan = plan if self._adopts else replace(plan, adopt=False)
        with self._turn(wanted.request.arn, world):
            attempt = plan.attempt
            while True:
                outcome = self._attempt(wanted, plan, attempt, world)
                if outcome is not None:
                    return outcome
                attempt += 1

    def join(self, wanted: Wanted, answer: Answer, attempt: int, world: World) -> Outcome:
        """Wait for an export that runs, to its end."""
        with self._turn(wanted.request.arn, world):
            return self._finish(wanted, Plan(), answer, attempt, world)

    def _attempt(self, wanted: Wanted, plan: Plan, attempt: int, world: World) -> Outcome | None:
        """One token's export; None where that token is spent and the next attempt's turn has come."""
        token = _token(wanted, attempt)
        try:
            answer = self._start(wanted.request, token, world)
        except CallFailed as exc:
            if not _says_spent(exc):
                raise
            return self._spent_unseen(wanted, plan, attempt, exc)
        if answer.status == "IN_PROGRESS":
            return self._finish(wanted, plan, answer, attempt, world)
        if answer.status == "FAILED":
            if answer.fresh:
                raise self._failed(wanted.request, answer.arn)
            self._only_a_derived_token_goes_on(wanted, "its export has FAILED")
            return None
        if answer.fresh:
            return Outcome(answer, attempt, self._written(wanted, answer, world))
        if not plan.takes(answer.created):
            self._only_a_derived_token_goes_on(wanted, "its export was made before this change")
            return None
        written = self._written(wanted, answer, world)
        if written is not None and not written.count:
            self._only_a_derived_token_goes_on(
                wanted, "its export has SUCCEEDED, but its objects are not there any longer"
            )
            return None
        world.inform(
            f"adopted the export of {in_utc(answer.created)}, nothing was exported; to export anew: "
            "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN"
        )
        return Outcome(answer, attempt, written)

    def _only_a_derived_token_goes_on(self, wanted: Wanted, why: str) -> None:
        if wanted.token is None:
            return
        raise TokenSpent(
            f"exporting {wanted.request.arn} with the client_token that the program gives: {why}, so that this token "
            "cannot start another one. Give a new client_token, or leave it out to have one derived."
        )

    def _spent_unseen(self, wanted: Wanted, plan: Plan, attempt: int, exc: CallFailed) -> Outcome | None:
        # This service does not answer for a token that was used, so that the job's last export and the objects tell.
        self._only_a_derived_token_goes_on(wanted, f"the service says: {exc}")
        job = self.service.look(wanted.request.arn, wanted.request)
        if not (wanted.verify and plan.adopt and job.export_status == "SUCCEEDED"):
            return None
        newest = plan.newer_than
        objects = [each for each in self._list(wanted.request, None) or () if newest is None or each.modified > newest]
        if not objects:
            return None
        # When it started is not told: what lies there is taken for its own, and never deleted on that ground.
        start = min(each.modified for each in objects) - timedelta(seconds=1)
        answer = Answer(wanted.request.arn, start, "SUCCEEDED", False)
        return Outcome(answer, attempt, Written.of(objects), sure=False)

    # Starting

    def _start(self, request: Request, token: str, world: World) -> Answer:
        first_refused: list[float] = []

        def once() -> Answer:
            world.check(f"starting the export of {request.arn}")
            try:
                return self.service.start(request, token)
            except CallFailed as exc:
                self._wait_for_the_way(exc, request, world, first_refused)
                raise _NotYet(exc) from exc

        def pause(state: tenacity.RetryCallState) -> None:
            cause = state.outcome.exception() if state.outcome else None
            world.report(f"waiting: {cause}")

        def sleep(seconds: float) -> None:
            world.clock.wait(world.stopped, max(0.0, min(seconds, world.deadline - world.clock.now())))

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_NotYet),
            wait=tenacity.wait_exponential(multiplier=0.5, max=30) + tenacity.wait_random(0, 0.5),
            sleep=sleep,
            before_sleep=pause,
        )
        return retrying(once)

    def _wait_for_the_way(self, exc: CallFailed, request: Request, world: World, refused: list[float]) -> None:
        """Return where asking again may help, when the time has come for it; raise where it never will."""
        if exc.code in PASSING or exc.code == "ServiceQuotaExceededException":
            return
        if exc.code not in ("ConflictException", "ValidationException", "AccessDeniedException") or _says_spent(exc):
            raise exc
        if exc.code != "AccessDeniedException":
            job = self.service.look(request.arn, request)
            if job.status not in READY:
                self._wait_for_the_job(job, request, world)
                return
            if job.export_status == "IN_PROGRESS":
                world.report("queued: another export of the job runs")
                self._watch(
                    request, lambda seen: seen.export_status != "IN_PROGRESS", world, "waiting for another export of"
                )
                return
        if exc.code == "ConflictException":
            return
        if _ABOUT_A_ROLE.search(exc.words) and not _ABOUT_PERMISSIONS.search(exc.words):
            refused.append(world.clock.now())
            if refused[-1] - refused[0] < ROLE_SPREADS:
                return
        raise exc

    def _wait_for_the_job(self, job: Job, request: Request, world: World) -> None:
        def ended(seen: Job) -> bool:
            world.report(f"the job is {seen.status}")
            return seen.status not in RUNNING

        if job.status in RUNNING:
            world.report(f"the job is {job.status}")
            job = self._watch(request, ended, world, "waiting for the job")
        if job.status not in READY:
            why = f": {request.without_secrets(job.error)}" if job.error else ""
            raise JobNotExportable(
                f"exporting {request.arn}: the job is {job.status}{why}. Only a COMPLETED job can be exported; "
                "start the job anew and declare its ARN, or remove this export."
            )

    # Waiting

    def _finish(self, wanted: Wanted, plan: Plan, answer: Answer, attempt: int, world: World) -> Outcome:
        """Wait for the end of an export that runs (unless nobody wants to) and see what it wrote."""
        if not wanted.wait:
            return Outcome(answer, attempt)
        request, forgotten = wanted.request, False
        while True:
            job, seen_running = self._wait(request, answer, world)
            if seen_running or forgotten:
                break
            # The status may lag, and still speak of the export before: only what it wrote, or our token, tells.
            objects = self._list(request, world) if wanted.verify and job.export_status == "SUCCEEDED" else None
            if objects and any(plan.is_newer(each.modified, answer.created) for each in objects):
                return self._succeeded(wanted, answer, attempt, objects, world)
            before, answer = answer, self._start(request, _token(wanted, attempt), world)
            if answer.status == "FAILED":
                raise self._failed(request, answer.arn)
            if answer.status == "SUCCEEDED":
                return self._succeeded(wanted, answer, attempt, None, world)
            # Where the service has forgotten the token, this has started another export; that is not risked twice.
            forgotten = answer.created != before.created
        if job.export_status == "FAILED":
            raise self._failed(request, answer.arn, job)
        return self._succeeded(wanted, answer, attempt, None, world)

    def _wait(self, request: Request, answer: Answer, world: World) -> tuple[Job, bool]:
        """What was seen at the end, and whether the export was seen running before."""
        running, began = False, world.clock.now()

        def ended(job: Job) -> bool:
            nonlocal running
            running = running or job.export_status == "IN_PROGRESS"
            world.report(f"{job.export_status or 'starting'} {_elapsed(world.clock.now() - began)}")
            return job.export_status in ("SUCCEEDED", "FAILED")

        world.report("IN_PROGRESS")
        return self._watch(replace(request, arn=answer.arn), ended, world, "waiting for the export of"), running

    def _succeeded(
        self, wanted: Wanted, answer: Answer, attempt: int, objects: list[Stored] | None, world: World
    ) -> Outcome:
        answer = replace(answer, status="SUCCEEDED")
        written = self._written(wanted, answer, world, objects)
        if written is not None and not written.count:
            world.warn(
                f"the export of {answer.arn} has SUCCEEDED, but nothing that it wrote lies at the destination; "
                "there will be nothing to compare at a refresh"
            )
        return Outcome(answer, attempt, written)

    def _watch(self, request: Request, done: Callable[[Job], bool], world: World, doing: str) -> Job:
        try:
            job = self._poller.watch(request.arn, done, world.deadline)
        except JobNotFound as exc:
            raise JobNotFound(f"{doing} {request.arn}: the job was deleted meanwhile. {exc}", exc.code) from exc
        if job is None:
            world.check(f"{doing} {request.arn}")
            raise Cancelled(f"{doing} {request.arn}: the wait was ended.")
        return job

    def _written(
        self, wanted: Wanted, answer: Answer, world: World, objects: list[Stored] | None = None
    ) -> Written | None:
        if not wanted.verify:
            return None
        objects = objects if objects is not None else self._list(wanted.request, world)
        return None if objects is None else Written.of(since(objects, answer.created))

    def _list(self, request: Request, world: World | None) -> list[Stored] | None:
        return list_or_none(self.service, request, world.warn if world else None)

    def _failed(self, request: Request, arn: str, job: Job | None = None) -> ExportFailed:
        job = job if job and job.export_errors else self.service.look(arn, request)
        words = request.without_secrets(errors_in_words(job.export_errors))
        return ExportFailed(
            f"exporting {arn}: the export ended FAILED: {words}. "
            "Put right what it names; the next `pulumi up` exports anew."
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


class _NotYet(Exception):
    """Asking again later may help."""

    def __init__(self, cause: CallFailed) -> None:
        super().__init__(cause.code)


def _token(wanted: Wanted, attempt: int) -> str:
    return wanted.token or derived_token(wanted.request, wanted.triggers, attempt)


def _says_spent(exc: CallFailed) -> bool:
    return exc.code in ("ConflictException", "ValidationException") and bool(_ABOUT_A_TOKEN.search(exc.words))


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
