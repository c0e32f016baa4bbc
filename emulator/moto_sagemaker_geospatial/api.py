"""The HTTP side of control: JSON below /moto-api/sagemaker-geospatial/."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from moto.core.request import Request
from moto.core.responses import BaseResponse

from .control import control
from .models import SageMakerGeospatialBackend, sagemakergeospatial_backends

PREFIX = "/moto-api/sagemaker-geospatial/"
REGION = "us-west-2"


def answer(request: Request) -> tuple[int, str]:
    """Status and JSON text for a request below PREFIX."""
    name = request.path.removeprefix(PREFIX).rstrip("/")
    handler = _ROUTES.get((request.method, name))
    if handler is None:
        methods = [method for method, known in _ROUTES if known == name]
        if methods:
            return 405, json.dumps({"message": f"{request.method} is not for {name}: use {' or '.join(methods)}."})
        names = ", ".join(sorted({known for _, known in _ROUTES}))
        return 404, json.dumps({"message": f"There is no {PREFIX}{name}: there are {names}."})
    try:
        body = json.loads(request.data) if request.data else None
        return 200, json.dumps(handler(_backend(request), body))
    except (ValueError, TypeError, AttributeError) as exc:
        return 400, json.dumps({"message": str(exc)})


def _backend(request: Request) -> SageMakerGeospatialBackend:
    """The backend of the account that signed the request, by moto's rule."""
    response = BaseResponse("sagemaker-geospatial")
    response.headers = request.headers
    response.querystring = {}
    return sagemakergeospatial_backends[response.get_current_account()][REGION]


def _objects(body: Any) -> list[dict[str, Any]]:
    """One object, or a list of them."""
    found = body if isinstance(body, list) else [body]
    if not all(isinstance(item, dict) for item in found):
        raise TypeError("the body is a JSON object or a list of them")
    return found


def _get_settings(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    return control.described()


def _put_settings(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    if not isinstance(body, dict):
        raise TypeError("settings are a JSON object")
    control.configure(**body)
    return control.described()


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
    return control.report()


def _delete_calls(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    control.forget_calls()
    return control.report()


def _get_jobs(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    backend.settle()
    return [
        {
            "arn": job.arn,
            "name": job.name,
            "status": job.current(),
            "objects": job.objects,
            "exports": [{"status": export._status, "s3_uri": export.request.s3_uri} for export in job.exports],
        }
        for job in list(backend.jobs.values())
    ]


def _post_jobs(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    arns = []
    for asked in _objects(body):
        fields = dict(asked)
        job_id = fields.pop("id", None)
        arn = fields.pop("arn", None)
        if arn is not None:
            job_id = arn.rpartition("/")[2]
            if backend._arn(job_id) != arn:
                raise ValueError(f"{arn} is not of account {backend.account_id} in {REGION}")
        arns.append(backend.add_job(job_id, **fields).arn)
    return arns


def _post_reset(backend: SageMakerGeospatialBackend, body: Any) -> Any:
    """Jobs, exports, tokens, settings, faults and calls: all of this service, and nothing of S3, IAM and KMS."""
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
    ("POST", "reset"): _post_reset,
}
