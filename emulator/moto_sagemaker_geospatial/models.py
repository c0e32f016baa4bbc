"""SageMakerGeospatialBackend: the operations on Earth observation jobs, with their rules."""

from __future__ import annotations

import string
from datetime import datetime
from threading import RLock
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.moto_api import state_manager
from moto.moto_api._internal import mock_random
from moto.utilities.utils import get_partition

from .control import EXPORT_MODEL, JOB_MODEL, control
from .destination import check_role
from .exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from .jobs import ENDED, EarthObservationJob, Export, ExportRequest
from .listing import page
from .tokens import replay, token_differs

JOB_STATUSES = ("INITIALIZING", "IN_PROGRESS", "STOPPING", "COMPLETED", "STOPPED", "FAILED", "DELETING", "DELETED")

_lock = RLock()  # one for every account: an export that ends in one of them may look into a bucket of another


class SageMakerGeospatialBackend(BaseBackend):
    """Jobs, exports and client tokens of one account and region."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.lock = _lock
        self.settling = False
        self.jobs: dict[str, EarthObservationJob] = {}
        self.running: dict[str, Export] = {}  # by the job's ARN: one export of a job at a time
        self.export_tokens: dict[str, Export] = {}
        self.job_tokens: dict[str, tuple[dict[str, Any], EarthObservationJob]] = {}
        state_manager.register_default_transition(JOB_MODEL, {"progression": "immediate"})
        state_manager.register_default_transition(EXPORT_MODEL, {"progression": "immediate"})

    def settle(self) -> bool:
        """Let every export that is due end, as of when it was due. Says whether one did."""
        if not self.running:
            return False
        with self.lock:
            if self.settling:  # asked by S3 while the files are written
                return False
            self.settling = True
            try:
                ended = [arn for arn, export in self.running.items() if export.current() in ENDED]
                for arn in ended:
                    del self.running[arn]
                sagemakergeospatial_backends.endings += len(ended)
            finally:
                self.settling = False
        return bool(ended)

    def add_job(
        self,
        job_id: str | None = None,
        *,
        name: str | None = None,
        status: str = "COMPLETED",
        objects: int | None = None,
        error_details: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> EarthObservationJob:
        """A job as it is asked for; one that is there already becomes so. For tests: no call of the API does this.

        Its status stays as it is under the immediate transition, and moves on under the others.
        """
        if status not in JOB_STATUSES:
            raise ValueError(f"status {status!r} is none of {', '.join(JOB_STATUSES)}")
        arn = self._arn(job_id or self._new_id())
        with self.lock:
            job = EarthObservationJob(
                self.account_id,
                self.region_name,
                arn,
                status,
                self._now(),
                name=name,
                held=True,
                objects=objects,
                error_details=error_details,
                tags=tags,
            )
            if arn in self.jobs:
                job.exports = self.jobs[arn].exports
                job.creation_time = self.jobs[arn].creation_time
                for export in job.exports:
                    export.job = job
            self.jobs[arn] = job
        return job

    def start_earth_observation_job(self, client_token: str | None, **request: Any) -> EarthObservationJob:
        with self.lock:
            if client_token in self.job_tokens:
                first, job = self.job_tokens[client_token]
                if first != request:
                    raise token_differs(client_token)
                return job
            check_role(request["execution_role_arn"], self.account_id, self._now(), control.settings.role_propagation)
            arn = self._arn(self._new_id())
            job = EarthObservationJob(
                self.account_id, self.region_name, arn, "INITIALIZING", self._now(), **_with_collection_name(request)
            )
            self.jobs[arn] = job
            if client_token:
                self.job_tokens[client_token] = (request, job)
            return job

    def get_earth_observation_job(self, arn: str) -> EarthObservationJob:
        with self.lock:
            if arn in self.jobs:
                self.jobs[arn].advance()
            if arn in self.running:
                self.running[arn].advance()
            self.settle()
            return self._job(arn)

    def list_earth_observation_jobs(
        self,
        max_results: int | None = None,
        next_token: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        status_equals: str | None = None,
    ) -> tuple[list[EarthObservationJob], str | None]:
        with self.lock:
            jobs = [job for job in list(self.jobs.values()) if self._is_there(job)]
        chosen = [job for job in jobs if status_equals in (None, job._status)]
        return page(chosen, max_results, next_token, sort_by or "CreationTime", sort_order == "DESCENDING")

    def stop_earth_observation_job(self, arn: str) -> None:
        with self.lock:
            job = self._job(arn)
            if job._status not in ("INITIALIZING", "IN_PROGRESS"):
                raise ConflictException(f"Job {arn} is {job._status}: only a running job can be stopped.")
            job.held = False
            job.move("STOPPING", self._now())

    def delete_earth_observation_job(self, arn: str) -> None:
        with self.lock:
            self.settle()
            job = self._job(arn)
            if job._status in ("INITIALIZING", "IN_PROGRESS", "STOPPING") or arn in self.running:
                doing = "being exported" if arn in self.running else job._status
                raise ConflictException(f"Job {arn} is {doing} and cannot be deleted now.")
            job.held = False
            job.move("DELETING", self._now())

    def export_earth_observation_job(self, request: ExportRequest, client_token: str | None) -> dict[str, Any]:
        """Start an export, or answer with the one that the token has started. Returns the response's fields."""
        with self.lock:
            self.settle()
            job = self._job(request.arn)
            replayed = replay(self.export_tokens, client_token, request, self._now())
            if replayed is not None:
                return replayed.to_dict()
            if job._status != "COMPLETED":
                refusal = ConflictException if job._status in ("INITIALIZING", "IN_PROGRESS") else ValidationException
                raise refusal(f"Job {job.arn} is {job._status}: only a COMPLETED job can be exported.")
            settings, now = control.settings, self._now()
            check_role(request.execution_role_arn, self.account_id, now, settings.role_propagation)
            if job.arn in self.running:
                raise ConflictException(f"Job {job.arn} is being exported already.")
            if settings.quota is not None and len(self.running) >= settings.quota:
                raise ServiceQuotaExceededException(
                    f"You have reached the quota of {settings.quota} exports in progress in {self.region_name}."
                )
            faults = control.take_faults("ExportEarthObservationJob", job.arn, failing_export=True)
            objects = settings.objects if job.objects is None else job.objects
            export = Export(job, request, now, objects, faults[0] if faults else None)
            job.exports.append(export)
            self.running[job.arn] = export
            if client_token:
                self.export_tokens[client_token] = export
            control.export_started(job.arn)
            self.settle()
            return export.to_dict()

    def _job(self, arn: str) -> EarthObservationJob:
        job = self.jobs.get(arn)
        if job is None or not self._is_there(job):
            raise ResourceNotFoundException(f"Earth Observation job with ARN {arn} does not exist.")
        return job

    def _is_there(self, job: EarthObservationJob) -> bool:
        if job.current() == "DELETED":
            self.jobs.pop(job.arn, None)
            return False
        return True

    def _now(self) -> datetime:
        now = control.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _arn(self, job_id: str) -> str:
        partition = get_partition(self.region_name)
        where = f"{self.region_name}:{self.account_id}"
        return f"arn:{partition}:sagemaker-geospatial:{where}:earth-observation-job/{job_id}"

    @staticmethod
    def _new_id() -> str:
        return "".join(mock_random.choice(string.ascii_lowercase + string.digits) for _ in range(12))


def _with_collection_name(request: dict[str, Any]) -> dict[str, Any]:
    """The output names the collection that the input gives by ARN."""
    query = request["input_config"].get("RasterDataCollectionQuery")
    if query is None:
        return request
    named = {**query, "RasterDataCollectionName": query["RasterDataCollectionArn"].rpartition("/")[2]}
    return {**request, "input_config": {**request["input_config"], "RasterDataCollectionQuery": named}}


class SageMakerGeospatialBackends(BackendDict[SageMakerGeospatialBackend]):
    """What a test asked of the service ends with the data: moto's reset clears both."""

    endings = 0  # how many exports have ended in this process: a state file looks at it

    def clear(self) -> None:
        control.reset()
        super().clear()

    def settle(self) -> bool:
        """Let every export of every account end that is due. Says whether one did."""
        found = [backend for regions in list(self.values()) for backend in list(regions.values())]
        ended = [backend.settle() for backend in found]
        return any(ended)


sagemakergeospatial_backends = SageMakerGeospatialBackends(
    SageMakerGeospatialBackend,
    "sagemaker-geospatial",
    # moto asks the backend of us-east-1 for its URLs; the service itself is in us-west-2 alone
    additional_regions=["us-east-1"],
)
