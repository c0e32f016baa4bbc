"""Serializes the account as JSON and restores it through the methods of moto's backends."""

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

from .faults import Fault
from .geotiff import geotiff
from .jobs import Export, ExportRequest, Job
from .models import SageMakerGeospatialBackend, sagemakergeospatial_backends

EXCLUDED_FIELDS = ("_metadata", "aliases", "managed_policies", "geotiff_of")  # serialized separately
# set by the constructor of FakeKey
CONSTRUCTED_FIELDS = (
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
    raise TypeError(f"a {type(value).__name__} cannot be serialized")


def _decode(value: dict[str, Any]) -> Any:
    if value.keys() == {"$time"}:
        return datetime.fromisoformat(value["$time"])
    if value.keys() == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    return value


def is_serializable(value: Any) -> bool:
    if isinstance(value, dict):
        return type(value) is dict and all(
            isinstance(key, str) and is_serializable(item) for key, item in value.items()
        )
    if isinstance(value, list):
        return all(is_serializable(item) for item in value)
    return value is None or isinstance(value, (str, int, float, bool, datetime, bytes))


def _fields(value: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of one of moto's objects that JSON can hold."""
    return {
        name: value
        for name, value in list(vars(value).items())
        if name not in EXCLUDED_FIELDS and name not in without and is_serializable(value)
    }


def accounts() -> dict[str, Any]:
    """Everything that is stored, by account."""
    names = {*s3_backends, *iam_backends, *kms_backends, *sagemakergeospatial_backends}
    return {account: _account(account) for account in sorted(names)}


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
    snapshot: dict[str, Any] = {"name": version.name}
    if isinstance(version, FakeDeleteMarker):
        return {**snapshot, "marker": {"last_modified": version.last_modified, "_version_id": version.version_id}}
    geotiff_of = getattr(version, "geotiff_of", None)
    if geotiff_of is None:
        snapshot["content"] = version.value
    else:
        snapshot["geotiff"] = list(geotiff_of)
    fields = {name: value for name, value in _fields(version, CONSTRUCTED_FIELDS).items() if value is not None}
    return {**snapshot, "fields": fields, "metadata": dict(version.metadata)}


def _role(role: Role) -> dict[str, Any]:
    return {**_fields(role), "policy_arns": list(role.managed_policies)}


def _geospatial(backend: SageMakerGeospatialBackend) -> dict[str, Any]:
    with backend.lock:
        return {
            "jobs": [
                {**_fields(job), "exports": [_export(export) for export in job.exports]} for job in _jobs(backend)
            ],
            "tokens": {
                resource: {token: [each.job.arn, each.job.exports.index(each)] for token, each in tokens.items()}
                for resource, tokens in backend.export_tokens.items()
            },
            "job_tokens": {
                resource: {token: [request, job.arn] for token, (request, job) in tokens.items()}
                for resource, tokens in backend.job_tokens.items()
            },
        }


def _jobs(backend: SageMakerGeospatialBackend) -> list[Job]:
    """The jobs that exist, and deleted ones that a client token still refers to."""
    exported = [export.job for tokens in backend.export_tokens.values() for export in tokens.values()]
    started = [job for tokens in backend.job_tokens.values() for _, job in tokens.values()]
    return list({**{job.arn: job for job in (*exported, *started)}, **backend.jobs}.values())


def _export(export: Export) -> dict[str, Any]:
    fault = asdict(export.fault) if export.fault else None
    return {**_fields(export), "request": asdict(export.request), "fault": fault}


def clear() -> None:
    BackendDict.reset()


def restore(accounts: dict[str, Any]) -> None:
    """Fill moto's backends, which are empty, with the result of `accounts`."""
    for account, snapshot in accounts.items():
        s3 = s3_backends[account]["aws"]
        for bucket in snapshot["buckets"]:
            _restore_bucket(s3, bucket)
        s3.tagger.tags.update(snapshot["bucket_tags"])
        for role in snapshot["roles"]:
            _restore_role(account, role)
        for region, keys in snapshot["keys"].items():
            for key in keys:
                _restore_key(account, region, key)
        for region, jobs in snapshot["geospatial"].items():
            _restore_geospatial(sagemakergeospatial_backends[account][region], jobs)


def _restore_bucket(s3: S3Backend, snapshot: dict[str, Any]) -> None:
    bucket = s3.create_bucket(snapshot["name"], snapshot["region"])
    vars(bucket).update(snapshot["fields"])
    versions_by_name: dict[str, list[Any]] = {}
    for version in snapshot["objects"]:
        versions = versions_by_name.setdefault(version["name"], [])
        versions.append(_restored_version(s3, bucket, version, versions))
    for name, versions in versions_by_name.items():
        bucket.keys.setlist(name, versions)


def _restored_version(s3: S3Backend, bucket: FakeBucket, snapshot: dict[str, Any], previous: list[Any]) -> Any:
    name = snapshot["name"]
    if "marker" in snapshot:
        marker = FakeDeleteMarker(next(key for key in reversed(previous) if isinstance(key, FakeKey)))
        vars(marker).update(snapshot["marker"])
        return marker
    content = geotiff(*snapshot["geotiff"])[0] if "geotiff" in snapshot else snapshot["content"]
    version = FakeKey(name, content, account_id=s3.account_id, region_name=s3.region_name, bucket_name=bucket.name)
    vars(version).update(snapshot["fields"])
    version.set_metadata(snapshot["metadata"])
    if "geotiff" in snapshot:
        version.geotiff_of = tuple(snapshot["geotiff"])  # type: ignore[attr-defined]
    return version


def _restore_role(account: str, snapshot: dict[str, Any]) -> None:
    backend = iam_backends[account]["aws"]
    arns = snapshot.pop("policy_arns")
    trust = snapshot["assume_role_policy_document"]
    role = backend.create_role(snapshot["name"], trust, snapshot["path"], None, snapshot["description"], [], None)
    backend.roles.pop(role.id)
    vars(role).update(snapshot)
    backend.roles[role.id] = role
    for arn in arns:
        if arn in backend.managed_policies:
            backend.attach_role_policy(arn, role.name)


def _restore_key(account: str, region: str, snapshot: dict[str, Any]) -> None:
    backend = kms_backends[account][region]
    names = snapshot.pop("alias_names")
    key = backend.create_key(None, snapshot["key_usage"], snapshot["key_spec"], snapshot["description"], None)
    backend.keys.pop(key.id)
    vars(key).update(snapshot)
    backend.keys[key.id] = key
    for name in names:
        backend.create_alias(key.id, name)


def _restore_geospatial(backend: SageMakerGeospatialBackend, snapshot: dict[str, Any]) -> None:
    jobs = {fields["arn"]: _restored_job(backend, fields) for fields in snapshot["jobs"]}
    backend.jobs.update({arn: job for arn, job in jobs.items() if job.last_status != "DELETED"})
    for resource, tokens in snapshot["tokens"].items():
        for token, (arn, index) in tokens.items():
            backend.export_tokens[resource][token] = jobs[arn].exports[index]
    for resource, tokens in snapshot["job_tokens"].items():
        for token, (request, arn) in tokens.items():
            backend.job_tokens[resource][token] = (request, jobs[arn])


def _restored_job(backend: SageMakerGeospatialBackend, fields: dict[str, Any]) -> Job:
    exports = fields.pop("exports")
    status, entered_at = fields["_status"], fields["entered_at"]
    job = Job(backend.account_id, backend.region_name, fields["arn"], status, entered_at)
    vars(job).update(fields)
    for export_fields in exports:
        request, fault = ExportRequest(**export_fields.pop("request")), export_fields.pop("fault")
        created_at, objects = export_fields["creation_time"], export_fields["objects"]
        export = Export(job, request, created_at, objects, Fault(**fault) if fault else None)
        vars(export).update(export_fields)
        job.exports.append(export)
        if export.last_status == "IN_PROGRESS":
            backend.running[job.arn] = export
    return job
