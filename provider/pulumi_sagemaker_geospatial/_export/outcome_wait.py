"""Waiting for the outcome of an export that was started: observes, asks for a decision, and acts on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from .._geospatial.error_rules import failure_remediation, is_token_reuse_error
from .._geospatial.request import ExportRequest
from .._geospatial.responses import JobDescription, StartResponse, format_error_details
from .._geospatial.statuses import MAX_STATUS_LAG, TERMINAL_STATUSES, ExportStatus
from .._runtime.context import OperationContext
from .._runtime.s3_objects import S3Object
from ..errors import (
    ExportFailedError,
    JobNotFoundError,
    OutcomeUndeterminedError,
    ResponseMismatchError,
    ServiceCallError,
    UnknownStatusError,
    WaitInterruptedError,
)
from .listing import ObjectStore, try_list_destination
from .manifest import ExportManifest, ExportWindow
from .outcome import TOKEN_RECHECK_INTERVAL, EvidenceTracker, Objects, Token, Verdict, decide
from .recorded_outcome import decide_recorded
from .spec import CreatePlan, ExportSpec
from .state import ExportState
from .token_behavior import TokenBehavior
from .waiters import RetryingClient

_DOING = "waiting for the export of"


@dataclass
class OutcomeWaiter:
    """Waits for one export.

    Attributes:
        started: the response to the call that started it.
        tracker: the evidence so far.
        is_recorded: an earlier run has started it, and the state records it.
    """

    client: RetryingClient
    store: ObjectStore
    tokens: TokenBehavior
    spec: ExportSpec
    plan: CreatePlan
    attempt: int
    ctx: OperationContext
    started: StartResponse
    tracker: EvidenceTracker
    is_recorded: bool = False

    def wait(self) -> ExportState:
        """Return the export when it has SUCCEEDED.

        Raises:
            ExportFailedError, OutcomeUndeterminedError, JobNotFoundError, ServiceCallError, CancelledError,
            WaitTimeoutError
        """
        try:
            return self._wait()
        except (ServiceCallError, ResponseMismatchError, UnknownStatusError) as exc:
            # Only the observation has ended: expired credentials, say, do not stop an export.
            if isinstance(exc, JobNotFoundError) or not self.ctx.interruption_note:
                raise
            raise exc.with_note(self.ctx.interruption_note) from exc

    def _wait(self) -> ExportState:
        waiting_since = next_question = self.ctx.clock.now()
        self.ctx.log_progress("running")
        while True:
            job = self._poll(waiting_since)
            verdict, objects = self._observe(job)
            now = self.ctx.clock.now()
            if verdict is Verdict.ASK_TOKEN and now >= next_question:
                next_question = now + max(TOKEN_RECHECK_INTERVAL, now - waiting_since)
                reply = self._ask_token()
                if reply == "FAILED":
                    raise self._failed(None)
                if reply == "SUCCEEDED":
                    return self._succeeded(None, late=False)
                verdict, objects = self._observe(job)
            if verdict not in (Verdict.WAIT, Verdict.ASK_TOKEN):
                return self._act(verdict, job, objects)

    def _act(self, verdict: Verdict, job: JobDescription, objects: list[S3Object] | None) -> ExportState:
        if verdict is Verdict.FAILED:
            raise self._failed(job)
        if verdict is Verdict.UNDETERMINED and self.is_recorded:
            raise OutcomeUndeterminedError(
                f"{_DOING} {self.started.arn}: the job's last export is {job.export_status} "
                f"({format_error_details(job.export_errors)}), which may be another one; run `pulumi refresh`, and rerun "
                "`pulumi up`, which asks the service whether this export succeeded."
            )
        if verdict is Verdict.UNDETERMINED:
            raise OutcomeUndeterminedError(
                f"{_DOING} {self.started.arn}: the outcome cannot be determined: the job's last export is "
                f"{job.export_status}, which may be another one, and this export's objects do not tell. Check the objects "
                "at the destination, and change triggers to export again."
            )
        if verdict is Verdict.SUCCEEDED_UNPROVEN:
            self.ctx.log_warning(
                f"the export of {self.started.arn} is taken as SUCCEEDED by the job's status and its objects; the service "
                "does not confirm its client token, so that another export of the job may have been the one that succeeded"
            )
        seen_running = self.tracker.evidence(job.export_status, Objects.HIDDEN, self.ctx.clock.now()).ever_running
        return self._succeeded(objects, late=self.is_recorded and not seen_running)

    def _observe(self, job: JobDescription) -> tuple[Verdict, list[S3Object] | None]:
        """Return what follows from the job's status and, where it matters, from the objects at the destination."""
        if self.tokens.forgets:
            self.tracker.token = Token.EXPIRED
        now = self.ctx.clock.now()
        evidence = self.tracker.evidence(job.export_status, Objects.HIDDEN, now)
        objects = None
        if evidence.continuous or evidence.token is not Token.ASKABLE:
            objects = self._list(job)
            seen, newest = self._classify(objects)
            evidence = self.tracker.evidence(job.export_status, seen, now, newest)
        verdict = decide(evidence)
        if self.is_recorded and verdict in (Verdict.WAIT, Verdict.UNDETERMINED):
            verdict = decide_recorded(evidence.status, evidence.objects, evidence.age)
        return verdict, objects

    def _poll(self, waiting_since: float) -> JobDescription:
        def is_final(job: JobDescription) -> bool:
            now = self.ctx.clock.now()
            self.tracker.record(job.export_status, now, job.responded_at)
            self.ctx.log_progress("running")
            age = self.tracker.evidence(None, Objects.HIDDEN, now).age
            return job.export_status in TERMINAL_STATUSES or (job.export_status is None and age > MAX_STATUS_LAG)

        return self.client.poll_until(self._polled_request, is_final, self.ctx, _DOING, waiting_since)

    @property
    def _polled_request(self) -> ExportRequest:
        return replace(self.spec.request, arn=self.started.arn)

    def _list(self, job: JobDescription) -> list[S3Object] | None:
        if not self.spec.verify_objects or job.export_status not in TERMINAL_STATUSES:
            return None
        return try_list_destination(self.store, self.spec.request, self.ctx)

    def _classify(self, objects: list[S3Object] | None) -> tuple[Objects, datetime | None]:
        """Return whether objects of this export are there, and when the last of them was written."""
        if objects is None:
            return Objects.HIDDEN, None
        times = [each.modified for each in objects]
        own = [time for time in times if self.plan.was_written_by_export(time, self.started.created)]
        return (Objects.SOME, max(own)) if own else (Objects.NONE, None)

    def _ask_token(self) -> ExportStatus | None:
        """Return the status of the export that has this export's token; None where the service does not tell.

        Where the service has forgotten the token, this has started another export, which is this one from now on.
        """
        with self.tokens.asking(self.ctx, f"{_DOING} {self.started.arn}"):
            if self.tokens.forgets:
                return None
            try:
                reply = self.client.ask_token(self.spec.request, self.spec.token_of(self.attempt), self.ctx)
            except ServiceCallError as exc:
                if not is_token_reuse_error(exc):
                    raise
                self.tracker.token = Token.REFUSED
                return None
            if reply is None:
                return None
            if reply.created != self.started.created:
                self.tokens.forgets = True
                self.started, self.tracker = reply, EvidenceTracker(self.ctx.clock.now(), Token.EXPIRED)
                return None
            self.tokens.replays = self.tokens.replays or reply.status in TERMINAL_STATUSES
            return reply.status

    def _succeeded(self, objects: list[S3Object] | None, late: bool) -> ExportState:
        request, manifest = self.spec.request, None
        if self.spec.verify_objects:
            objects = objects if objects is not None else try_list_destination(self.store, request, self.ctx)
        if objects is not None:
            window = ExportWindow(request.kind, self.started.created, late=late)
            manifest = ExportManifest.of(window.select(objects))
            if not manifest.count:
                self.ctx.log_warning(
                    f"the export of {self.started.arn} succeeded, but no objects found at its destination; "
                    "drift detection disabled"
                )
        return ExportState(
            request,
            "SUCCEEDED",
            self.started.created,
            manifest,
            attempt=self.attempt,
            observed_late=late and manifest is not None,
            output_arn=self.started.arn,
        )

    def _failed(self, job: JobDescription | None) -> ExportFailedError:
        if job is None or not job.export_errors:
            try:
                job = self.client.describe(
                    self._polled_request, self.ctx, "getting the reason why the export FAILED of"
                )
            except (ServiceCallError, WaitInterruptedError):
                job = None  # that it FAILED is known, and the reason cannot be had
        details = format_error_details(job.export_errors if job and job.export_status == "FAILED" else None)
        first = "run `pulumi refresh`, and rerun `pulumi up`" if self.is_recorded else "rerun `pulumi up`"
        return ExportFailedError(
            f"exporting {self.started.arn}: the export FAILED: {details}. {failure_remediation(details)} and {first}."
        )
