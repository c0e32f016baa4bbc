"""A job and an export of it, as the service stores them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from moto.core.common_models import BaseModel
from moto.utilities.utils import get_partition

from .control import EXPORT_MODEL, control
from .destination import ExportFailure, write_files
from .faults import Fault
from .kinds import job_type, kind_of
from .results import ResultsOfJob
from .timed_state import TimedState

TERMINAL_STATUSES = ("SUCCEEDED", "FAILED")


@dataclass(frozen=True)
class ExportRequest:
    """A request to export. No key and an empty key are the same, and so are no flag and a false one."""

    arn: str
    execution_role_arn: str
    s3_uri: str
    kms_key_id: str | None
    export_source_images: bool | None

    def idempotency_parameters(self) -> tuple[object, ...]:
        """What has to be the same where a client token is used again."""
        return (self.arn, self.execution_role_arn, self.s3_uri, self.kms_key_id, bool(self.export_source_images))


class Export(BaseModel, TimedState):
    """An export: IN_PROGRESS, then SUCCEEDED with files in S3, or FAILED with error details.

    `seconds` is its own duration; None: that of the settings. `foreign`: started by `run_export`, not through the API.
    """

    def __init__(
        self,
        job: Job,
        request: ExportRequest,
        created_at: datetime,
        objects: int,
        fault: Fault | None = None,
        seconds: float | None = None,
        foreign: bool = False,
        client_token: str | None = None,
    ):
        TimedState.__init__(self, EXPORT_MODEL, [("IN_PROGRESS", "SUCCEEDED")], "IN_PROGRESS", created_at)
        self.job = job
        self.request = request
        self.objects = objects
        self.fault = fault
        self.seconds = seconds
        self.foreign = foreign
        self.client_token = client_token
        self.creation_time = created_at
        self.error_details: dict[str, Any] | None = None

    def transition(self) -> dict[str, Any]:
        if self.seconds is None:
            return super().transition()
        return {"progression": "time", "seconds": self.seconds}

    def enter(self, status: str, at: datetime) -> None:
        try:
            self._write_files(at)
            if self.fault is not None:
                raise ExportFailure(self.fault.message or "The export failed.")
        except ExportFailure as failure:
            status = "FAILED"
            error_type = self.fault.type if self.fault else "CLIENT_ERROR"
            self.error_details = self.job.kind.export_error_details(error_type, str(failure))
        super().enter(status, at)

    def _write_files(self, at: datetime) -> None:
        """Write the files that the export leaves behind: all of them, unless a fault makes it fail."""
        request, job = self.request, self.job
        results = ResultsOfJob(
            job.job_id,
            job.job_config,
            self.objects,
            bool(request.export_source_images),
            control.settings.vector_folder,
        )
        files = job.kind.result_files(results)
        if self.fault is not None:
            if not self.fault.objects:
                return
            files = islice(files, self.fault.objects)
        read_action = None if self.foreign else f"sagemaker-geospatial:{job.kind.operation('Get')}"
        write_files(request, files, at, read_action)

    def to_dict(self) -> dict[str, Any]:
        s3_data = {"S3Uri": self.request.s3_uri}
        if self.request.kms_key_id:
            s3_data["KmsKeyId"] = self.request.kms_key_id
        return _present(
            Arn=self.request.arn,
            CreationTime=self.creation_time,
            ExecutionRoleArn=self.request.execution_role_arn,
            ExportSourceImages=self.request.export_source_images,
            ExportStatus=self.last_status,
            OutputConfig={"S3Data": s3_data},
        )


class Job(BaseModel, TimedState):
    """A job. `pinned_status`: a test has set its status, which stays unless the test also sets a transition."""

    def __init__(self, account_id: str, region_name: str, arn: str, status: str, entered_at: datetime, **fields: Any):
        transitions: list[tuple[str | None, str]] = [
            ("INITIALIZING", "IN_PROGRESS"),
            ("IN_PROGRESS", "COMPLETED"),
            ("STOPPING", "STOPPED"),
            ("DELETING", "DELETED"),
        ]
        self.kind = kind_of(arn)
        TimedState.__init__(self, self.kind.state_model, transitions, status, entered_at)
        self.account_id = account_id
        self.region_name = region_name
        self.arn = arn
        self.job_id = arn.rpartition("/")[2]
        self.creation_time = entered_at
        self.name: str = fields.get("name") or self.job_id
        self.pinned_status: bool = fields.get("pinned_status", False)
        self.objects: int | None = fields.get("objects")
        self.error_details: dict[str, str] | None = fields.get("error_details")
        self.execution_role_arn: str | None = fields.get("execution_role_arn") or self._default_role()
        self.kms_key_id: str | None = fields.get("kms_key_id") or None
        self.input_config: dict[str, Any] = fields.get("input_config") or self.kind.default_input(
            self.job_id, region_name, entered_at
        )
        self.job_config: dict[str, Any] = fields.get("job_config") or dict(self.kind.default_config)
        self.tags: dict[str, str] = fields.get("tags") or {}
        self.exports: list[Export] = []

    def is_pinned(self, transition: dict[str, Any]) -> bool:
        is_default = control.is_default_transition(self.model_name, transition)
        return self.pinned_status and (is_default or transition["progression"] == "immediate")

    def _default_role(self) -> str | None:
        partition = get_partition(self.region_name)
        name = self.kind.default_role
        return f"arn:{partition}:iam::{self.account_id}:role/{name}" if name else None

    def object_count(self) -> int:
        """How many files an export of the job writes."""
        return control.settings.objects if self.objects is None else self.objects

    def duration(self, now: datetime) -> int:
        running = self.last_status in ("INITIALIZING", "IN_PROGRESS", "STOPPING")
        return max(0, int(((now if running else self.entered_at) - self.creation_time).total_seconds()))

    def lagged_export(self, now: datetime) -> tuple[str | None, dict[str, Any] | None]:
        """Status and error details of the last export as Get shows them: those of `status_lag` seconds ago."""
        lag = timedelta(seconds=control.settings.status_lag)
        visible = [export for export in self.exports if now >= export.creation_time + lag]
        if not visible:
            return None, None
        last = visible[-1]
        if last.last_status in TERMINAL_STATUSES and now < last.entered_at + lag:
            return "IN_PROGRESS", None
        return last.last_status, last.error_details

    def to_summary(self, now: datetime) -> dict[str, Any]:
        return _present(
            Arn=self.arn,
            CreationTime=self.creation_time,
            DurationInSeconds=self.duration(now),
            Name=self.name,
            Status=self.last_status,
            Tags=self.tags or None,
            **{self.kind.type_field: job_type(self.job_config)},
        )

    def to_dict(self, now: datetime) -> dict[str, Any]:
        export_status, export_error_details = self.lagged_export(now)
        summary = self.to_summary(now)
        if not self.kind.type_is_described:
            del summary[self.kind.type_field]
        return summary | _present(
            ErrorDetails=self._error_details(),
            ExecutionRoleArn=self.execution_role_arn,
            ExportErrorDetails=export_error_details,
            ExportStatus=export_status,
            InputConfig=self.input_config,
            JobConfig=self.job_config,
            KmsKeyId=self.kms_key_id,
        )

    def _error_details(self) -> dict[str, str] | None:
        if self.error_details is None:
            return None
        return {self.kind.error_fields[name]: text for name, text in self.error_details.items()}


def _present(**fields: Any) -> dict[str, Any]:
    """The fields that have a value: optional ones without a value are absent on the wire, not null."""
    return {name: value for name, value in fields.items() if value is not None}
