"""One Earth observation job and one export of it, as the service keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.core.common_models import BaseModel

from .control import EXPORT_MODEL, JOB_MODEL, Fault, control
from .destination import ExportProblem, file_names, write_files
from .transitions import TimedState

RASTER_COLLECTION = "raster-data-collection/public/nmqj48dcu3g7ayw8"
DEFAULT_JOB_CONFIG: dict[str, Any] = {"LandCoverSegmentationConfig": {}}
ENDED = ("SUCCEEDED", "FAILED")


@dataclass(frozen=True)
class ExportRequest:
    """What a client token stands for. No key and an empty key are the same, and so are no flag and a false one."""

    arn: str
    execution_role_arn: str
    s3_uri: str
    kms_key_id: str | None
    export_source_images: bool | None

    def meaning(self) -> tuple[object, ...]:
        return (self.arn, self.execution_role_arn, self.s3_uri, self.kms_key_id, bool(self.export_source_images))


class Export(BaseModel, TimedState):
    """An export: IN_PROGRESS, then SUCCEEDED with files in S3, or FAILED with a reason."""

    def __init__(
        self, job: EarthObservationJob, request: ExportRequest, at: datetime, objects: int, fault: Fault | None = None
    ):
        TimedState.__init__(self, EXPORT_MODEL, [("IN_PROGRESS", "SUCCEEDED")], "IN_PROGRESS", at)
        self.job = job
        self.request = request
        self.objects = objects
        self.fault = fault
        self.creation_time = at
        self.error_details: dict[str, Any] | None = None

    def move(self, status: str, at: datetime) -> None:
        try:
            if self.fault is not None:
                raise ExportProblem(self.fault.message or "The export failed.")
            request = self.request
            names = file_names(self.objects, bool(request.export_source_images))
            job = self.job
            write_files(request.s3_uri, request.kms_key_id, job.job_id, names, at, job.account_id, job.region_name)
        except ExportProblem as problem:
            status = "FAILED"
            kind = self.fault.type if self.fault else "CLIENT_ERROR"
            self.error_details = {"ExportResults": {"Type": kind, "Message": str(problem)}}
        super().move(status, at)

    def to_dict(self) -> dict[str, Any]:
        s3_data = {"S3Uri": self.request.s3_uri}
        if self.request.kms_key_id:
            s3_data["KmsKeyId"] = self.request.kms_key_id
        return _present(
            Arn=self.request.arn,
            CreationTime=self.creation_time,
            ExecutionRoleArn=self.request.execution_role_arn,
            ExportSourceImages=self.request.export_source_images,
            ExportStatus=self._status,
            OutputConfig={"S3Data": s3_data},
        )


class EarthObservationJob(BaseModel, TimedState):
    """A job. `held` keeps a status that a test asked for against the immediate transition."""

    def __init__(self, account_id: str, region_name: str, arn: str, status: str, at: datetime, **fields: Any):
        transitions: list[tuple[str | None, str]] = [
            ("INITIALIZING", "IN_PROGRESS"),
            ("IN_PROGRESS", "COMPLETED"),
            ("STOPPING", "STOPPED"),
            ("DELETING", "DELETED"),
        ]
        TimedState.__init__(self, JOB_MODEL, transitions, status, at)
        self.account_id = account_id
        self.region_name = region_name
        self.arn = arn
        self.job_id = arn.rpartition("/")[2]
        self.creation_time = at
        self.name: str = fields.get("name") or self.job_id
        self.held: bool = fields.get("held", False)
        self.objects: int | None = fields.get("objects")
        self.error_details: dict[str, str] | None = fields.get("error_details")
        self.execution_role_arn: str | None = fields.get("execution_role_arn")
        self.kms_key_id: str | None = fields.get("kms_key_id") or None
        self.input_config: dict[str, Any] = fields.get("input_config") or self._default_input()
        self.job_config: dict[str, Any] = fields.get("job_config") or DEFAULT_JOB_CONFIG
        self.tags: dict[str, str] = fields.get("tags") or {}
        self.exports: list[Export] = []

    def moves_immediately(self) -> bool:
        return not self.held

    def _default_input(self) -> dict[str, Any]:
        query = {
            "RasterDataCollectionArn": f"arn:aws:sagemaker-geospatial:{self.region_name}:378778860802:{RASTER_COLLECTION}",
            "RasterDataCollectionName": "Sentinel-2 L2A COGs",
            "TimeRangeFilter": {
                "StartTime": self.creation_time - timedelta(days=30),
                "EndTime": self.creation_time,
            },
        }
        return {"RasterDataCollectionQuery": query}

    def duration(self, now: datetime) -> int:
        running = self._status in ("INITIALIZING", "IN_PROGRESS", "STOPPING")
        return max(0, int(((now if running else self.since) - self.creation_time).total_seconds()))

    def seen_export(self, now: datetime) -> tuple[str | None, dict[str, Any] | None]:
        """Status and error details of the last export as Get shows them: what was so `status_lag` seconds ago."""
        lag = timedelta(seconds=control.settings.status_lag)
        seen = [export for export in self.exports if now >= export.creation_time + lag]
        if not seen:
            return None, None
        last = seen[-1]
        if last._status in ENDED and now < last.since + lag:
            return "IN_PROGRESS", None
        return last._status, last.error_details

    def to_summary(self, now: datetime) -> dict[str, Any]:
        return _present(
            Arn=self.arn,
            CreationTime=self.creation_time,
            DurationInSeconds=self.duration(now),
            Name=self.name,
            OperationType=next(iter(self.job_config)).removesuffix("Config").upper(),
            Status=self._status,
            Tags=self.tags or None,
        )

    def to_dict(self, now: datetime) -> dict[str, Any]:
        export_status, export_error_details = self.seen_export(now)
        return _present(
            Arn=self.arn,
            CreationTime=self.creation_time,
            DurationInSeconds=self.duration(now),
            ErrorDetails=self.error_details,
            ExecutionRoleArn=self.execution_role_arn,
            ExportErrorDetails=export_error_details,
            ExportStatus=export_status,
            InputConfig=self.input_config,
            JobConfig=self.job_config,
            KmsKeyId=self.kms_key_id,
            Name=self.name,
            Status=self._status,
            Tags=self.tags or None,
        )


def _present(**fields: Any) -> dict[str, Any]:
    """Optional fields that have no value are absent on the wire, not null."""
    return {name: value for name, value in fields.items() if value is not None}
