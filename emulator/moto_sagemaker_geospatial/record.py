"""The account as JSON and back: what each of moto's objects holds in plain values, restored by the backends' methods."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from moto.core.base_backend import BackendDict
from moto.iam.models import Role, iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend, s3_backends

from .control import Fault
from .geotiff import geotiff
from .jobs import EarthObservationJob, Export, ExportRequest
from .models import SageMakerGeospatialBackend, sagemakergeospatial_backends

_LEFT_OUT = ("_metadata", "aliases", "managed_policies", "geotiff_of")  # each is kept in a way of its own
# what a FakeKey is made with anyhow
_REMADE = (
    *("account_id", "bucket_name", "name", "partition", "region_name", "model_name", "contentsize", "disposed"),
    *("_max_buffer_size", "_tick", "_time_progressed"),
)


def dumps(value: Any) -> str:
    return json.dumps(value, default=_encode, separators=(",", ":"))


def loads(text: str) -> Any:
    return json.loads(text, object_hook=_decode)


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    raise TypeError(f"a {type(value).__name__} is not kept")


def _decode(value: dict[str, Any]) -> Any:
    if value.keys() == {"$time"}:
        return datetime.fromisoformat(value["$time"])
    if value.keys() == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    return value


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return type(value) is dict and all(isinstance(key, str) and _plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_plain(item) for item in value)
    return value is None or isinstance(value, (str, int, float, bool, datetime, bytes))


def _fields(kept: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        name: value
        for name, value in list(vars(kept).items())
        if name not in _LEFT_OUT and name not in without and _plain(value)
    }


def accounts() -> dict[str, Any]:
    """Everything that is kept, by account."""
    found = {*s3_backends, *iam_backends, *kms_backends, *sagemakergeospatial_backends}
    return {account: _account(account) for account in sorted(found)}


def _account(account: str) -> dict[str, Any]:
    s3, kms = s3_backends[account]["aws"], kms_backends[account]
    return {
        "buckets": [_bucket(bucket) for bucket in list(s3.buckets.values()) if type(bucket) is FakeBucket],
        "bucket_tags": s3.tagger.tags,
        "roles": [_role(role) for role in list(iam_backends[account]["aws"].roles.values())],
        "keys": {
            region: [{**_fields(key), "alias_names": list(key.aliases)} for key in list(backend.keys.values())]
            for region, backend in list(kms.items())
            if backend.keys
        },
        "geospatial": {
            region: _geospatial(backend) for region, backend in list(sagemakergeospatial_backends[account].items())
        },
    }


def _bucket(bucket: FakeBucket) -> dict[str, Any]:
    objects = [_version(version) for _, versions in list(bucket.keys.lists()) for version in list(versions)]
    return {"name": bucket.name, "region": bucket.region_name, "fields": _fields(bucket), "objects": objects}


def _version(version: Any) -> dict[str, Any]:
    saved: dict[str, Any] = {"name": version.name}
    if isinstance(version, FakeDeleteMarker):
        return {**saved, "marker": {"last_modified": version.last_modified, "_version_id": version.version_id}}
    made = getattr(version, "geotiff_of", None)
    saved["content" if made is None else "geotiff"] = version.value if made is None else list(made)
    fields = {name: value for name, value in _fields(version, _REMADE).items() if value is not None}
    return {**saved, "fields": fields, "metadata": dict(version.metadata)}


def _role(role: Role) -> dict[str, Any]:
    return {**_fields(role), "policy_arns": list(role.managed_policies)}


def _geospatial(backend: SageMakerGeospatialBackend) -> dict[str, Any]:
    with backend.lock:
        tokens = {
            token: [export.job.arn, export.job.exports.index(export)] for token, export in backend.export_tokens.items()
        }
        return {
            "jobs": [
                {**_fields(job), "exports": [_export(export) for export in job.exports]} for job in _jobs(backend)
            ],
            "tokens": tokens,
            "job_tokens": {token: [request, job.arn] for token, (request, job) in backend.job_tokens.items()},
        }


def _jobs(backend: SageMakerGeospatialBackend) -> list[EarthObservationJob]:
    """Those that there are, and those deleted ones that a token still speaks of."""
    spoken_of = {export.job.arn: export.job for export in backend.export_tokens.values()}
    spoken_of.update({job.arn: job for _, job in backend.job_tokens.values()})
    return list({**spoken_of, **backend.jobs}.values())


def _export(export: Export) -> dict[str, Any]:
    fault = asdict(export.fault) if export.fault else None
    return {**_fields(export), "request": asdict(export.request), "fault": fault}


def clear() -> None:
    BackendDict.reset()


def restore(saved: dict[str, Any]) -> None:
    """Fill moto's backends, which are empty, with what `accounts` gave."""
    for account, kept in saved.items():
        s3 = s3_backends[account]["aws"]
        for bucket in kept["buckets"]:
            _restore_bucket(s3, bucket)
        s3.tagger.tags.update(kept["bucket_tags"])
        for role in kept["roles"]:
            _restore_role(account, role)
        for region, keys in kept["keys"].items():
            for key in keys:
                _restore_key(account, region, key)
        for region, jobs in kept["geospatial"].items():
            _restore_geospatial(sagemakergeospatial_backends[account][region], jobs)


def _restore_bucket(s3: S3Backend, saved: dict[str, Any]) -> None:
    bucket = s3.create_bucket(saved["name"], saved["region"])
    vars(bucket).update(saved["fields"])
    versions: dict[str, list[Any]] = {}
    for version in saved["objects"]:
        versions.setdefault(version["name"], []).append(_restored_version(s3, bucket, version, versions))
    for name, those in versions.items():
        bucket.keys.setlist(name, those)


def _restored_version(s3: S3Backend, bucket: FakeBucket, saved: dict[str, Any], before: dict[str, list[Any]]) -> Any:
    name = saved["name"]
    if "marker" in saved:
        marked = FakeDeleteMarker(next(key for key in reversed(before[name]) if isinstance(key, FakeKey)))
        vars(marked).update(saved["marker"])
        return marked
    content = geotiff(*saved["geotiff"])[0] if "geotiff" in saved else saved["content"]
    version = FakeKey(name, content, account_id=s3.account_id, region_name=s3.region_name, bucket_name=bucket.name)
    vars(version).update(saved["fields"])
    version.set_metadata(saved["metadata"])
    if "geotiff" in saved:
        version.geotiff_of = tuple(saved["geotiff"])  # type: ignore[attr-defined]
    return version


def _restore_role(account: str, saved: dict[str, Any]) -> None:
    backend = iam_backends[account]["aws"]
    arns = saved.pop("policy_arns")
    trust = saved["assume_role_policy_document"]
    role = backend.create_role(saved["name"], trust, saved["path"], None, saved["description"], [], None)
    backend.roles.pop(role.id)
    vars(role).update(saved)
    backend.roles[role.id] = role
    for arn in arns:
        if arn in backend.managed_policies:
            backend.attach_role_policy(arn, role.name)


def _restore_key(account: str, region: str, saved: dict[str, Any]) -> None:
    backend = kms_backends[account][region]
    names = saved.pop("alias_names")
    key = backend.create_key(None, saved["key_usage"], saved["key_spec"], saved["description"], None)
    backend.keys.pop(key.id)
    vars(key).update(saved)
    backend.keys[key.id] = key
    for name in names:
        backend.create_alias(key.id, name)


def _restore_geospatial(backend: SageMakerGeospatialBackend, saved: dict[str, Any]) -> None:
    every: dict[str, EarthObservationJob] = {}
    for fields in saved["jobs"]:
        exports = fields.pop("exports")
        status, since = fields["_status"], fields["since"]
        job = EarthObservationJob(backend.account_id, backend.region_name, fields["arn"], status, since)
        vars(job).update(fields)
        every[job.arn] = job
        for kept in exports:
            request, fault = ExportRequest(**kept.pop("request")), kept.pop("fault")
            export = Export(job, request, kept["creation_time"], kept["objects"], Fault(**fault) if fault else None)
            vars(export).update(kept)
            job.exports.append(export)
            if export._status == "IN_PROGRESS":
                backend.running[job.arn] = export
    backend.jobs.update({arn: job for arn, job in every.items() if job._status != "DELETED"})
    for token, (arn, index) in saved["tokens"].items():
        backend.export_tokens[token] = every[arn].exports[index]
    for token, (request, arn) in saved["job_tokens"].items():
        backend.job_tokens[token] = (request, every[arn])
