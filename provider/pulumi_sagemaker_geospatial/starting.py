"""Getting an export started: what stands in its way is waited for, within the timeout, or ends it with a sentence."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from .errors import GOES_ON, CallFailed, Cancelled, JobNotExportable, JobNotFound, TimedOut
from .limits import Clock, Poller
from .request import Request
from .service import PASSING, UNREACHABLE, Answer, Job, Service

#: How long IAM may take to spread a new role before its refusal is final, in seconds.
ROLE_SPREADS = 120.0
#: How long the service may be out of reach before an export could be started, in seconds.
OUT_OF_REACH = 120.0
#: What a job's status means to an export that needs it COMPLETED; a status that is not here is an error.
READY = frozenset({"COMPLETED"})
RUNNING = frozenset({"INITIALIZING", "IN_PROGRESS"})

_ABOUT_A_ROLE = re.compile(r"\brole\b", re.IGNORECASE)
_ABOUT_PERMISSIONS = re.compile(r"not authorized to perform", re.IGNORECASE)
_ABOUT_A_TOKEN = re.compile(r"token", re.IGNORECASE)

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class World:
    """What an operation needs of the world around it. ``deadline`` is a time of the clock."""

    clock: Clock
    stopped: threading.Event
    deadline: float
    report: Callable[[str], None]
    inform: Callable[[str], None]
    warn: Callable[[str], None]

    def check(self, what: str, last: CallFailed | None = None) -> None:
        """Raise where the wait is over; ``last``: why it was not successful so far."""
        why = f" Last: {last}" if last else ""
        if self.stopped.is_set():
            raise Cancelled(f"{what}: cancelled.{why} {GOES_ON}.")
        if self.clock.now() >= self.deadline:
            raise TimedOut(f"{what}: the timeout is over.{why} {GOES_ON}; custom_timeouts gives it longer.")


class Starter:
    """Starts exports, and watches jobs, for as long as their worlds allow."""

    def __init__(self, service: Service, poller: Poller[Job]) -> None:
        self._service, self._poller = service, poller

    def start(self, request: Request, token: str, world: World) -> Answer:
        """Ask for the export of a token, again and again where that may help."""
        refused: dict[str, float] = {}

        def once() -> Answer:
            try:
                return self._service.start(request, token)
            except CallFailed as exc:
                self._wait_for_the_way(exc, request, world, refused)
                raise _NotYet(exc) from exc

        return self._again(once, world, f"starting the export of {request.arn}")

    def look(self, request: Request, world: World, doing: str) -> Job:
        """What the job's status is; faults that pass are waited for."""

        refused: dict[str, float] = {}

        def once() -> Job:
            try:
                return self._service.look(request.arn, request)
            except CallFailed as exc:
                if exc.code == UNREACHABLE and not self._for(OUT_OF_REACH, "unreachable", refused, world):
                    raise
                if exc.code in PASSING:
                    raise _NotYet(exc) from exc
                raise

        return self._again(once, world, f"{doing} {request.arn}")

    def _again(self, once: Callable[[], Answered], world: World, doing: str) -> Answered:
        """Do it until it does not raise `_NotYet`, within the timeout."""

        last: list[CallFailed] = []

        def checked() -> Answered:
            world.check(doing, *last)
            try:
                return once()
            except _NotYet as exc:
                last[:] = [exc.cause]
                raise

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
        return retrying(checked)

    def _wait_for_the_way(self, exc: CallFailed, request: Request, world: World, refused: dict[str, float]) -> None:
        """Return where asking again may help, when the time has come for it; raise where it never will."""
        if exc.code == UNREACHABLE and self._for(OUT_OF_REACH, "unreachable", refused, world):
            return
        if exc.code in PASSING - {UNREACHABLE} or exc.code == "ServiceQuotaExceededException":
            return
        if exc.code not in ("ConflictException", "ValidationException", "AccessDeniedException") or says_spent(exc):
            raise exc
        if exc.code != "AccessDeniedException":
            job = self.look(request, world, "starting the export of")
            if job.status not in READY:
                self._wait_for_the_job(job, request, world)
                return
            if job.export_status == "IN_PROGRESS":
                world.report("queued: another export of the job runs")
                self.watch(
                    request, lambda seen: seen.export_status != "IN_PROGRESS", world, "waiting for another export of"
                )
                return
        if exc.code == "ConflictException":
            return
        about_a_role = _ABOUT_A_ROLE.search(exc.words) and not _ABOUT_PERMISSIONS.search(exc.words)
        if about_a_role and self._for(ROLE_SPREADS, "role", refused, world):
            return
        raise exc

    def _for(self, seconds: float, what: str, since: dict[str, float], world: World) -> bool:
        """Whether this has not gone on for so long yet."""
        now = world.clock.now()
        return now - since.setdefault(what, now) < seconds

    def _wait_for_the_job(self, job: Job, request: Request, world: World) -> None:
        def ended(seen: Job) -> bool:
            world.report(f"the job is {seen.status}")
            return seen.status not in RUNNING

        if job.status in RUNNING:
            world.report(f"the job is {job.status}")
            job = self.watch(request, ended, world, "waiting for the job")
        if job.status not in READY:
            why = f": {request.without_secrets(job.error)}" if job.error else ""
            raise JobNotExportable(
                f"exporting {request.arn}: the job is {job.status}{why}. Only a COMPLETED job can be exported; "
                "start the job anew and declare its ARN, or remove this export."
            )

    def watch(
        self, request: Request, done: Callable[[Job], bool], world: World, doing: str, since: float | None = None
    ) -> Job:
        """Wait until `done` says so of the job; see `Poller.watch`."""
        try:
            job = self._poller.watch(request.arn, done, world.deadline, since)
        except JobNotFound as exc:
            raise JobNotFound(f"{doing} {request.arn}: the job was deleted meanwhile. {exc}", exc.code) from exc
        if job is None:
            world.check(f"{doing} {request.arn}")
            raise Cancelled(f"{doing} {request.arn}: the wait was ended.")
        return job


class _NotYet(Exception):
    """Asking again later may help."""

    def __init__(self, cause: CallFailed) -> None:
        super().__init__(f"{cause.code}: {cause.words}")
        self.cause = cause


def says_spent(exc: CallFailed) -> bool:
    return exc.code in ("ConflictException", "ValidationException") and bool(_ABOUT_A_TOKEN.search(exc.words))
