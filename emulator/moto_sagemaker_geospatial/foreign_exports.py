"""Exports that another team starts: a test adds them, no call of the API does."""

from __future__ import annotations

from moto.utilities.utils import get_partition

from .control_values import require_count
from .faults import Fault
from .jobs import TERMINAL_STATUSES, Export, ExportRequest
from .kinds import kind_of
from .models import SageMakerGeospatialBackend


def run_export(
    backend: SageMakerGeospatialBackend,
    arn: str,
    s3_uri: str,
    status: str = "SUCCEEDED",
    seconds: float = 0.0,
    objects: int | None = None,
) -> None:
    """Add an export of a job as if somebody else had started it, whose client token nobody knows.

    It is IN_PROGRESS for `seconds` (0: done at the first look), then ends with `status`, having written `objects`
    objects to `s3_uri` (default: as many as other exports of the job; none if FAILED).
    Raises ValueError for an unknown or unfinished job, and while another export of the job is running.
    """
    kind_of(arn)
    _validate(s3_uri, status, seconds, objects)
    with backend.lock:
        backend.apply_due_transitions()
        job = backend.jobs.get(arn)
        if job is None or job.status != "COMPLETED":
            raise ValueError(f"{arn} is not a COMPLETED job")
        if arn in backend.running:
            raise ValueError(f"{arn} is being exported already")
        fault = None
        if status == "FAILED":
            fault = Fault(job.kind.operation("Export"), "fail_export", objects=objects or 0)
        role = f"arn:{get_partition(backend.region_name)}:iam::{backend.account_id}:role/another-team"
        request = ExportRequest(arn, role, s3_uri, kms_key_id=None, export_source_images=None)
        count = job.object_count() if objects is None else objects
        backend.start_export(Export(job, request, backend.now(), count, fault, float(seconds), foreign=True))


def _validate(s3_uri: object, status: object, seconds: object, objects: object) -> None:
    if not isinstance(s3_uri, str) or not s3_uri.startswith("s3://"):
        raise ValueError(f"s3_uri {s3_uri!r} does not start with s3://")
    if status not in TERMINAL_STATUSES:
        raise ValueError(f"status {status!r} is none of {', '.join(TERMINAL_STATUSES)}")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
        raise ValueError(f"seconds {seconds!r} is not a number of 0 or more")
    require_count("objects", objects)
