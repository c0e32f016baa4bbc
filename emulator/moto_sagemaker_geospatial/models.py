"""SageMakerGeospatialBackend: the operations on jobs, with their rules. They are the same for each kind of job."""

from __future__ import annotations

import re
import string
from datetime import datetime
from threading import RLock
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.moto_api import state_manager
from moto.moto_api._internal import mock_random
from moto.utilities.utils import get_partition

from .control import EXPORT_MODEL, control
from .control_values import require_count, require_texts
from .destination import check_role
from .exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from .jobs import TERMINAL_STATUSES, Export, ExportRequest, Job
from .kinds import EARTH_OBSERVATION, KINDS, JobKind, find_kind, kind_of
from .listing import page
from .tokens import replay, token_differs

JOB_STATUSES = ("INITIALIZING", "IN_PROGRESS", "STOPPING", "COMPLETED", "STOPPED", "FAILED", "DELETING", "DELETED")
JOB_ID = re.compile(r"[a-z0-9]{12,}")  # as in the pattern of a job's ARN

_lock = RLock()  # one for all accounts: an export that ends in one of them may write to a bucket of another


class SageMakerGeospatialBackend(BaseBackend):
    """Jobs, exports and client tokens of one account and region."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.lock = _lock
        self.applying_transitions = False
        self.jobs: dict[str, Job] = {}
        self.running: dict[str, Export] = {}  # by the job's ARN: one export of a job at a time
        # by the kind's resource and the token: each operation has client tokens of its own
        self.export_tokens: dict[str, dict[str, Export]] = {kind.resource: {} for kind in KINDS}
        self.job_tokens: dict[str, dict[str, tuple[dict[str, Any], Job]]] = {kind.resource: {} for kind in KINDS}
        for kind in KINDS:
            state_manager.register_default_transition(kind.state_model, {"progression": "immediate"})
        state_manager.register_default_transition(EXPORT_MODEL, {"progression": "immediate"})

    def apply_due_transitions(self) -> bool:
        """End the exports that are due, dated when they were due. Returns whether there were any."""
        if not self.running:
            return False
        with self.lock:
            if self.applying_transitions:  # called by S3 while the files are written
                return False
            self.applying_transitions = True
            try:
                ended = [arn for arn, export in self.running.items() if export.status in TERMINAL_STATUSES]
                for arn in ended:
                    del self.running[arn]
                sagemakergeospatial_backends.completed_exports += len(ended)
            finally:
                self.applying_transitions = False
        return bool(ended)

    def add_job(
        self,
        job_id: str | None = None,
        *,
        kind: str | None = None,
        job_type: str | None = None,
        name: str | None = None,
        status: str = "COMPLETED",
        objects: int | None = None,
        error_details: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> Job:
        """Add a job with the given fields, or change the existing one. For tests: the API has no such call.

        `kind` is the resource type of its ARN and `job_type` what List calls its type; an Earth observation job without
        either. `error_details` has Type and Message for each kind.
        Its status is pinned: it changes only if the test sets `job_seconds` or moto's transition, or by Stop and Delete.
        """
        if job_id is not None and not JOB_ID.fullmatch(str(job_id)):
            raise ValueError(f"job id {job_id!r} is not one of 12 or more lowercase letters and digits")
        require_count("objects", objects)
        if status not in JOB_STATUSES:
            raise ValueError(f"status {status!r} is none of {', '.join(JOB_STATUSES)}")
        require_texts(name, tags, error_details)
        unknown = set(error_details or ()) - set(EARTH_OBSERVATION.error_fields)
        if unknown:
            raise ValueError(f"error_details have Type and Message, not {', '.join(sorted(unknown))}")
        job_kind, job_config = find_kind(kind, job_type)
        arn = self.job_arn(job_id or self._new_id(), job_kind)
        with self.lock:
            job = Job(
                self.account_id,
                self.region_name,
                arn,
                status,
                self.now(),
                name=name,
                pinned_status=True,
                objects=objects,
                error_details=error_details,
                job_config=dict(job_config),
                tags=tags,
            )
            if arn in self.jobs:
                job.exports = self.jobs[arn].exports
                job.creation_time = self.jobs[arn].creation_time
                for export in job.exports:
                    export.job = job
            self.jobs[arn] = job
        return job

    def start_job(self, kind: JobKind, client_token: str | None, **request: Any) -> dict[str, Any]:
        """Start a job, INITIALIZING, or replay the client token's job with its present status. Returns the response."""
        tokens = self.job_tokens[kind.resource]
        with self.lock:
            if client_token in tokens:
                first_request, job = tokens[client_token]
                if first_request != request:
                    raise token_differs(client_token)
                job.apply_due_transitions()
                return job.to_dict(self.now())
            check_role(request["execution_role_arn"], self.account_id, self.now(), control.settings.role_propagation)
            arn = self.job_arn(self._new_id(), kind)
            job = Job(
                self.account_id, self.region_name, arn, "INITIALIZING", self.now(), **_with_collection_name(request)
            )
            self.jobs[arn] = job
            if client_token:
                tokens[client_token] = (request, job)
            return job.to_dict(self.now())

    def get_job(self, arn: str) -> Job:
        with self.lock:
            if arn in self.jobs:
                self.jobs[arn].advance()
            if arn in self.running:
                self.running[arn].advance()
            self.apply_due_transitions()
            return self._job(arn)

    def list_jobs(
        self,
        kind: JobKind,
        max_results: int | None = None,
        next_token: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        status_equals: str | None = None,
    ) -> tuple[list[Job], str | None]:
        with self.lock:
            jobs = [job for job in list(self.jobs.values()) if job.kind is kind and self._exists(job)]
        filtered = [job for job in jobs if status_equals in (None, job.last_status)]
        return page(filtered, max_results, next_token, sort_by or "CreationTime", sort_order == "DESCENDING")

    def stop_job(self, arn: str) -> None:
        with self.lock:
            job = self._job(arn)
            if job.last_status not in ("INITIALIZING", "IN_PROGRESS"):
                raise ConflictException(f"Job {arn} is {job.last_status}: only a running job can be stopped.")
            job.pinned_status = False
            job.enter("STOPPING", self.now())

    def delete_job(self, arn: str) -> None:
        with self.lock:
            self.apply_due_transitions()
            job = self._job(arn)
            if job.last_status in ("INITIALIZING", "IN_PROGRESS", "STOPPING") or arn in self.running:
                state = "being exported" if arn in self.running else job.last_status
                raise ConflictException(f"Job {arn} is {state} and cannot be deleted now.")
            if job.last_status != "DELETING":  # the operation is idempotent: a second call does not delay the end
                job.pinned_status = False
                job.enter("DELETING", self.now())

    def export_job(self, request: ExportRequest, client_token: str | None) -> dict[str, Any]:
        """Start an export, IN_PROGRESS, or replay the client token's with its present status. Returns the response."""
        with self.lock:
            self.apply_due_transitions()
            job = self._job(request.arn)
            tokens = self.export_tokens[job.kind.resource]
            replayed = replay(tokens, client_token, request, self.now())
            if replayed is not None:
                return replayed.to_dict()
            self._check_export(job, request)
            fault = control.consume_export_fault(job.kind.operation("Export"), job.arn)
            export = Export(job, request, self.now(), job.object_count(), fault, client_token=client_token)
            if client_token:
                tokens[client_token] = export
            self.start_export(export)
            return export.to_dict()

    def _check_export(self, job: Job, request: ExportRequest) -> None:
        """Raise the error with which the service refuses an export now."""
        status, settings = job.last_status, control.settings
        if status != "COMPLETED":
            refusal = ConflictException if status in ("INITIALIZING", "IN_PROGRESS") else ValidationException
            raise refusal(f"Job {job.arn} is {status}: only a COMPLETED job can be exported.")
        check_role(request.execution_role_arn, self.account_id, self.now(), settings.role_propagation)
        if job.arn in self.running:
            raise ConflictException(f"Job {job.arn} is being exported already.")
        # The service does not document whether each kind of job has a quota of its own: here they share it.
        if settings.quota is not None and len(self.running) >= settings.quota:
            raise ServiceQuotaExceededException(
                f"You have reached the quota of {settings.quota} exports in progress in {self.region_name}."
            )

    def start_export(self, export: Export) -> None:
        """Let an export run, and count it."""
        export.job.exports.append(export)
        self.running[export.job.arn] = export
        control.count_export(export.job.arn, export.foreign)

    def _job(self, arn: str) -> Job:
        job = self.jobs.get(arn)
        if job is None or not self._exists(job):
            raise ResourceNotFoundException(f"{kind_of(arn).title} with ARN {arn} does not exist.")
        return job

    def _exists(self, job: Job) -> bool:
        if job.status == "DELETED":
            self.jobs.pop(job.arn, None)
            return False
        return True

    def now(self) -> datetime:
        """The time of the clock, in milliseconds as the service has it."""
        now = control.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def job_arn(self, job_id: str, kind: JobKind = EARTH_OBSERVATION) -> str:
        partition = get_partition(self.region_name)
        scope = f"{self.region_name}:{self.account_id}"
        return f"arn:{partition}:sagemaker-geospatial:{scope}:{kind.arn_type}/{job_id}"

    @staticmethod
    def _new_id() -> str:
        return "".join(mock_random.choice(string.ascii_lowercase + string.digits) for _ in range(12))


def _with_collection_name(request: dict[str, Any]) -> dict[str, Any]:
    """The request with the collection's name, which the output has and the input has not."""
    query = request["input_config"].get("RasterDataCollectionQuery")
    if query is None:
        return request
    named = {**query, "RasterDataCollectionName": query["RasterDataCollectionArn"].rpartition("/")[2]}
    return {**request, "input_config": {**request["input_config"], "RasterDataCollectionQuery": named}}


class SageMakerGeospatialBackends(BackendDict[SageMakerGeospatialBackend]):
    """All accounts. moto's reset clears the settings and faults together with the data."""

    completed_exports = 0  # in this process; a change means that a state file is out of date

    def clear(self) -> None:
        control.reset()
        super().clear()

    def apply_due_transitions(self) -> bool:
        """End the exports of all accounts that are due. Returns whether there were any."""
        backends = [backend for regions in list(self.values()) for backend in list(regions.values())]
        ended = [backend.apply_due_transitions() for backend in backends]
        return any(ended)


sagemakergeospatial_backends = SageMakerGeospatialBackends(
    SageMakerGeospatialBackend,
    "sagemaker-geospatial",
    # moto reads the URLs from the backend of us-east-1; the service itself is only in us-west-2
    additional_regions=["us-east-1"],
)
