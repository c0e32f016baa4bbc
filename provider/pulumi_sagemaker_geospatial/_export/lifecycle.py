"""Starting an export, or finding the one that was started before, and waiting for its outcome.

Dependencies (client, object store, clock, deadline, cancellation, logging) are injected.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from .._geospatial.error_rules import JOB_IS_BUSY, is_token_reuse_error
from .._geospatial.responses import JobDescription, StartResponse
from .._geospatial.statuses import TERMINAL_STATUSES
from .._runtime.context import OperationContext
from .._runtime.keyed_lock import KeyedLock
from .._runtime.s3_objects import S3Object
from ..errors import FORCE_NEW_EXPORT, ClientTokenUsedError, ServiceCallError
from .listing import ObjectStore, try_list_destination
from .manifest import ExportManifest, ExportWindow, format_count, format_size, format_utc, late_outliers, select_results
from .outcome import EvidenceTracker, Token
from .outcome_wait import OutcomeWaiter
from .preflight import BucketStore, DestinationChecks
from .spec import CreatePlan, ExportSpec
from .state import ExportState
from .token_behavior import TokenBehavior
from .waiters import RetryingClient

#: Attempts that one creation tries: each export of a declaration that has FAILED, or whose objects are gone, takes one.
MAX_ATTEMPTS = 100


@dataclass(frozen=True)
class CreatedExport:
    """An export that was created. ``adopted``: everything at the destination, if an earlier export was adopted."""

    state: ExportState
    adopted: Sequence[S3Object] | None = None


class DestinationStore(ObjectStore, BucketStore, Protocol):
    """The part of S3 that a creation needs; `S3Client` has it."""


class ExportLifecycle:
    """Creates and joins the exports of one process. Exports of one job take turns."""

    def __init__(self, client: RetryingClient, store: DestinationStore, may_adopt: bool = True) -> None:
        self._client, self._store, self._may_adopt = client, store, may_adopt
        self._job_locks = KeyedLock()
        self._destinations = DestinationChecks(store)
        self._tokens = TokenBehavior()

    def check_destination(self, spec: ExportSpec, ctx: OperationContext) -> bool:
        """Raise if nothing can be exported to the bucket; see `DestinationChecks.check`. Nothing is started before."""
        return self._destinations.check(spec, replace(ctx, interruption_note=""))

    def create(self, spec: ExportSpec, plan: CreatePlan, ctx: OperationContext) -> CreatedExport:
        """Start the export, or join or adopt the one that was started before its record was lost.

        Raises:
            ExportFailedError, JobNotExportableError, JobNotFoundError, ClientTokenUsedError, OutcomeUndeterminedError,
            WaitTimeoutError, CancelledError, ServiceCallError
        """
        plan = plan if self._may_adopt else replace(plan, may_adopt=False)
        self.check_destination(spec, ctx)
        with self._turn(spec, ctx):
            for attempt in range(plan.attempt, plan.attempt + MAX_ATTEMPTS):
                try:
                    spec, response = self._start(spec, attempt, ctx)
                except ServiceCallError as exc:
                    if not is_token_reuse_error(exc):
                        raise
                    created = self._adopt_from_objects(spec, plan, attempt, exc, ctx)
                else:
                    created = self._join(spec, plan, attempt, response, ctx)
                if created is not None:
                    return created
                ctx.log_progress("starting: next token")
        raise ClientTokenUsedError(
            f"exporting {spec.request.arn}: gave up after {MAX_ATTEMPTS} used tokens; "
            "change triggers to a value that they did not have before, or set client_token."
        )

    def join(self, spec: ExportSpec, state: ExportState, ctx: OperationContext, age: float) -> ExportState:
        """Wait for a recorded export that is running. ``age``: seconds since it was started. Raises as `create`."""
        started = StartResponse(state.output_arn, state.created, "IN_PROGRESS")
        # The token is not asked: where the service has forgotten it, that would start another export.
        started_at = ctx.clock.now() - age
        with self._turn(spec, ctx):
            tracker = EvidenceTracker(started_at, Token.EXPIRED, observed_since=ctx.clock.now())
            return self._wait(started, tracker, spec, CreatePlan(), state.attempt, ctx, is_recorded=True)

    def _turn(self, spec: ExportSpec, ctx: OperationContext) -> AbstractContextManager[None]:
        arn = spec.request.arn
        return self._job_locks.hold(
            arn,
            ctx,
            f"waiting for another export of {arn}",
            lambda: ctx.log_progress(JOB_IS_BUSY),
        )

    def _start(self, spec: ExportSpec, attempt: int, ctx: OperationContext) -> tuple[ExportSpec, StartResponse]:
        """Start the export of one attempt's token. Returns its response, and the spelling in which the service knows it.

        A destination that gained or lost the slash at its end has other tokens. One that the service does not know starts
        an export, so that the other spelling is asked for only where that starts no second one: while an export of the job
        is running, and with a token of the program's that the service has just called used.
        """
        other = spec.with_other_spelling()
        joined: list[StartResponse] = []

        def ask_other() -> StartResponse | None:
            if spec.token is not None or self._tokens.forgets:
                return None
            joined.extend(filter(None, [self._ask(other, attempt, ctx)]))
            return joined[0] if joined else None

        try:
            response = self._client.start(spec.request, spec.token_of(attempt), ctx, ask_other)
        except ServiceCallError as exc:
            found = self._ask(other, attempt, ctx) if spec.token and is_token_reuse_error(exc) else None
            if found is None:
                raise
            return other, found
        return (other if joined else spec), response

    def _ask(self, spec: ExportSpec, attempt: int, ctx: OperationContext) -> StartResponse | None:
        try:
            return self._client.ask_token(spec.request, spec.token_of(attempt), ctx)
        except ServiceCallError as exc:
            if not is_token_reuse_error(exc):
                raise
            return None

    def _join(
        self, spec: ExportSpec, plan: CreatePlan, attempt: int, response: StartResponse, ctx: OperationContext
    ) -> CreatedExport | None:
        """Return the export of one attempt's token; None where the token is used up and the next one is to be tried."""
        if response.status == "IN_PROGRESS":
            if not spec.wait_for_completion:
                return CreatedExport(
                    ExportState(spec.request, "IN_PROGRESS", response.created, attempt=attempt, output_arn=response.arn)
                )
            return CreatedExport(self._wait(response, EvidenceTracker(ctx.clock.now()), spec, plan, attempt, ctx))
        self._tokens.replays = True
        if response.status == "FAILED":
            _reject_if_user_token(spec, "its export has FAILED")
            return None
        return self._adopt(spec, plan, attempt, response, ctx)

    def _adopt(
        self, spec: ExportSpec, plan: CreatePlan, attempt: int, response: StartResponse, ctx: OperationContext
    ) -> CreatedExport | None:
        """Return the export that has SUCCEEDED before, unless it may not be adopted or its objects are gone."""
        if not plan.accepts(response.created):
            _reject_if_user_token(spec, "its export was made before this change")
            return None
        objects = try_list_destination(self._store, spec.request, ctx) if spec.verify_objects else None
        manifest, outliers = None, list[S3Object]()
        if objects is not None:
            own = ExportWindow(spec.request.kind, response.created, late=True).select(objects)
            if not own:
                _reject_if_user_token(spec, "its export has SUCCEEDED, but its objects are gone")
                return None
            manifest = ExportManifest.of(own)
            if outliers := late_outliers(own):
                ctx.log_warning(
                    f"adopting the export of {response.arn}: {format_count(len(outliers), 'adopted object')} modified well "
                    f"after the rest, first {outliers[0].name}: possibly overwritten; to force a new export: "
                    f"{FORCE_NEW_EXPORT}"
                )
        ctx.log_adoption(_adoption_message(manifest, response))
        state = ExportState(
            spec.request,
            "SUCCEEDED",
            response.created,
            manifest,
            attempt=attempt,
            observed_late=manifest is not None,
            ownership_certain=not outliers,
            output_arn=response.arn,
        )
        return CreatedExport(state, objects or ())

    def _adopt_from_objects(
        self, spec: ExportSpec, plan: CreatePlan, attempt: int, exc: ServiceCallError, ctx: OperationContext
    ) -> CreatedExport | None:
        """Return the export of a token that the service refuses as used, from the job's status and the objects."""
        _reject_if_user_token(spec, f"the service reports {exc.code}: {exc.service_message}")
        job = self._client.describe(spec.request, ctx, "exporting")
        if not _has_ended(job):
            ctx.log_progress("running" if job.export_status else "starting")
            job = self._client.poll_until(spec.request, _has_ended, ctx, "waiting for the export of")
        if not (spec.verify_objects and plan.may_adopt and job.export_status == "SUCCEEDED"):
            return None
        objects = try_list_destination(self._store, spec.request, ctx) or ()
        found = select_results(spec.request.kind, objects)
        results = [each for each in found if plan.newer_than is None or each.modified > plan.newer_than]
        if not results:
            return None
        # When the export was started is not known, so that its objects are not certain, and never deleted.
        start = min(each.modified for each in results) - timedelta(seconds=1)
        response = StartResponse(spec.request.arn, start, "SUCCEEDED")
        manifest = ExportManifest.of(results)
        ctx.log_adoption(_adoption_message(manifest, response))
        state = ExportState(
            spec.request,
            "SUCCEEDED",
            start,
            manifest,
            attempt=attempt,
            observed_late=True,
            ownership_certain=False,
            output_arn=spec.request.arn,
        )
        return CreatedExport(state, objects)

    def _wait(
        self,
        started: StartResponse,
        tracker: EvidenceTracker,
        spec: ExportSpec,
        plan: CreatePlan,
        attempt: int,
        ctx: OperationContext,
        is_recorded: bool = False,
    ) -> ExportState:
        waiter = OutcomeWaiter(
            self._client, self._store, self._tokens, spec, plan, attempt, ctx, started, tracker, is_recorded
        )
        return waiter.wait()


def _adoption_message(manifest: ExportManifest | None, response: StartResponse) -> str:
    what = f"{format_count(manifest.count)}, {format_size(manifest.bytes)}, " if manifest else ""
    return (
        f"adopted an existing export ({what}exported at {format_utc(response.created)}); "
        f"to force a new export: {FORCE_NEW_EXPORT}"
    )


def _reject_if_user_token(spec: ExportSpec, why: str) -> None:
    """Raise ClientTokenUsedError where the program sets the token: only a derived token has further attempts."""
    if spec.token is not None:
        raise ClientTokenUsedError(
            f"exporting {spec.request.arn}: client_token cannot start another export: {why}. "
            "Use a new client_token, or omit it to have one derived."
        )


def _has_ended(job: JobDescription) -> bool:
    return job.export_status in TERMINAL_STATUSES
