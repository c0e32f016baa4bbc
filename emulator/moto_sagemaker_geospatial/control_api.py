"""The control API over HTTP: JSON below /moto-api/sagemaker-geospatial/."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from inspect import signature
from typing import Any

from moto.core.request import Request
from moto.core.responses import BaseResponse

from .control import control
from .control_values import require_fields
from .foreign_exports import run_export
from .jobs import Export
from .kinds import job_type, kind_of
from .models import SageMakerGeospatialBackend, sagemakergeospatial_backends

PREFIX = "/moto-api/sagemaker-geospatial/"
REGION = "us-west-2"
_JOB_FIELDS = {"id", "arn", *signature(SageMakerGeospatialBackend.add_job).parameters} - {"self", "job_id"}
_EXPORT_FIELDS = set(signature(run_export).parameters) - {"backend"}


def handle(request: Request) -> tuple[int, str]:
    """The status and JSON body of the response to a request below PREFIX."""
    name = request.path.removeprefix(PREFIX).rstrip("/")
    handler = _ROUTES.get((request.method, name))
    if handler is None:
        methods = [method for method, route in _ROUTES if route == name]
        if methods:
            return 405, json.dumps(
                {"message": f"{name} does not support {request.method}: use {' or '.join(methods)}."}
            )
        names = ", ".join(sorted({route for _, route in _ROUTES}))
        return 404, json.dumps({"message": f"There is no {PREFIX}{name}: use one of {names}."})
    try:
        body = json.loads(request.data) if request.data else None
        return 200, json.dumps(handler(_backend(request), body))
    except (ValueError, TypeError, AttributeError) as exc:
        return 400, json.dumps({"message": str(exc)})


def _backend(request: Request) -> SageMakerGeospatialBackend:
    """The backend of the account that signed the request, as moto determines it."""
    response = BaseResponse("sagemaker-geospatial")
    response.headers = request.headers
    response.querystring = {}
    return sagemakergeospatial_backends[response.get_current_account()][REGION]


def _objects(body: Any) -> list[dict[str, Any]]:
    """One object, or a list of them."""
    objects = body if isinstance(body, list) else [body]
    if not all(isinstance(item, dict) for item in objects):
        raise TypeError("the body is a JSON object or a list of them")
    return objects


def _post_time(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    if not isinstance(body, dict) or body.keys() != {"advance"}:
        raise TypeError('the body is {"advance": SECONDS}')
    now = control.advance(body["advance"])
    backend.apply_due_transitions()
    return {"now": now.isoformat()}


def _get_settings(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    return control.to_dict()


def _put_settings(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    if not isinstance(body, dict):
        raise TypeError("settings are a JSON object")
    control.configure(**body)
    return control.to_dict()


def _get_faults(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    return [asdict(fault) for fault in control.faults]


def _post_faults(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    for fault in _objects(body):
        control.add_fault(**fault)
    return _get_faults(backend, body)


def _delete_faults(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    control.clear_faults()
    return []


def _get_calls(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    return control.call_report()


def _delete_calls(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    control.forget_calls()
    return control.call_report()


def _get_jobs(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    backend.apply_due_transitions()
    return [
        {
            "arn": job.arn,
            "name": job.name,
            "job_type": job_type(job.job_config),
            "status": job.status,
            "objects": job.objects,
            "exports": [_export(export) for export in list(job.exports)],
        }
        for job in list(backend.jobs.values())
    ]


def _export(export: Export) -> dict[str, Any]:
    return {
        "status": export.last_status,
        "s3_uri": export.request.s3_uri,
        "client_token": export.client_token,
        "creation_time": export.creation_time.isoformat(),
        "foreign": export.foreign,
    }


def _post_jobs(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    arns = []
    for requested in _objects(body):
        require_fields("a job", requested, _JOB_FIELDS)
        fields = dict(requested)
        job_id = fields.pop("id", None)
        arn = fields.pop("arn", None)
        if arn is not None:
            kind = kind_of(arn)
            job_id = str(arn).rpartition("/")[2]
            fields.setdefault("kind", kind.arn_type)
            if backend.job_arn(job_id, kind) != arn:
                raise ValueError(f"{arn} is not of account {backend.account_id} in {REGION}")
        arns.append(backend.add_job(job_id, **fields).arn)
    return arns


def _post_exports(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    """Exports of another team. Returns the jobs' ARNs."""
    arns = []
    for export in _objects(body):
        require_fields("an export", export, _EXPORT_FIELDS, ("arn", "s3_uri"))
        run_export(backend, **export)
        arns.append(export["arn"])
    return arns


def _post_reset(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    """Reset jobs, exports, tokens, settings, faults, calls and the time: all of this service, nothing of S3, IAM and KMS."""
    for regions in list(sagemakergeospatial_backends.values()):
        regions.reset()
    control.reset()
    return {"status": "ok"}


_ROUTES: dict[tuple[str, str], Callable[[SageMakerGeospatialBackend, Any], Any]] = {
    ("GET", "settings"): _get_settings,
    ("PUT", "settings"): _put_settings,
    ("GET", "faults"): _get_faults,
    ("POST", "faults"): _post_faults,
    ("DELETE", "faults"): _delete_faults,
    ("GET", "calls"): _get_calls,
    ("DELETE", "calls"): _delete_calls,
    ("GET", "jobs"): _get_jobs,
    ("POST", "jobs"): _post_jobs,
    ("POST", "exports"): _post_exports,
    ("POST", "time"): _post_time,
    ("POST", "reset"): _post_reset,
}
