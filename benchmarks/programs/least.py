"""The yardstick within Pulumi: a dynamic resource that makes an export's calls with bare boto3, and does nothing else.

Its `up` is least-up: start, poll, confirm by the token, list. Its `refresh` is least-refresh: one status, one listing.
It has no error handling, adoption, cancellation, rate limit or shared poller.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from typing import Any

from pulumi.dynamic import ConfigureRequest, CreateResult, ReadResult, Resource, ResourceProvider

REGION = "us-west-2"
#: Concurrent calls of the host; each create holds a thread while it waits.
MAX_WORKERS = 5000
MAX_CONNECTIONS = 32
#: Optional properties of the real resource, declared here so that the engine handles as many.
OPTIONAL = ("triggers", "client_token", "export_source_images", "verify_objects", "drift")
COMPUTED = ("creation_time", "export_status", "exported_objects")


class Clients:
    """One boto3 client per service, made at its first use."""

    def __init__(self, endpoint: str, access_key: str, secret_key: str) -> None:
        self._settings = {
            "region_name": REGION,
            "endpoint_url": endpoint,
            "aws_access_key_id": access_key,
            "aws_secret_access_key": secret_key,
        }
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def get(self, service: str) -> Any:
        """Return the client of a service, the same one for all threads."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:
        # Imported late, as in the real provider: a host that makes no call does not need boto3.
        import boto3
        from botocore.config import Config

        self._session = self._session or boto3.Session()
        config = Config(max_pool_connections=MAX_CONNECTIONS)
        return self._session.client(service, config=config, **self._settings)


class LeastProvider(ResourceProvider):
    """Exports with the fewest calls. The state refers to it by name, so it is no secret."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        raise_worker_limit()
        self.poll_interval = float(req.config.require("sagemakergeospatial:pollInterval"))
        endpoint = json.loads(req.config.require("aws:endpoints"))[0]["sagemakergeospatial"]
        self.clients = Clients(endpoint, req.config.require("aws:accessKey"), req.config.require("aws:secretKey"))

    def create(self, props: dict[str, Any]) -> CreateResult:
        geospatial = self.clients.get("sagemaker-geospatial")
        request = export_request(props)
        geospatial.export_earth_observation_job(**request)
        self._wait(geospatial, props["arn"])
        # The job's status may be that of another export; only the reply to the token is about this one.
        reply = geospatial.export_earth_observation_job(**request)
        outputs = {
            "creation_time": f"{reply['CreationTime']:%Y-%m-%dT%H:%M:%SZ}",
            "export_status": reply["ExportStatus"],
            "exported_objects": summarize_objects(self.clients.get("s3"), props),
        }
        return CreateResult(short_id(props["arn"]), without_nulls({**props, **outputs}))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        job = self.clients.get("sagemaker-geospatial").get_earth_observation_job(Arn=props["arn"])
        objects = summarize_objects(self.clients.get("s3"), props)
        return ReadResult(id_, {**props, "export_status": job["ExportStatus"], "exported_objects": objects})

    def _wait(self, geospatial: Any, arn: str) -> None:
        while True:
            time.sleep(self.poll_interval)
            status = geospatial.get_earth_observation_job(Arn=arn).get("ExportStatus")
            if status == "SUCCEEDED":
                return
            if status == "FAILED":
                raise RuntimeError(f"the export of {arn} FAILED")


class LeastExport(Resource, name="LeastExport"):
    """As many properties as an export has: declared, optional and computed ones."""

    def __init__(self, resource_name: str, **properties: Any) -> None:
        super().__init__(LeastProvider(), resource_name, {**dict.fromkeys((*OPTIONAL, *COMPUTED)), **properties})


def raise_worker_limit() -> None:
    """Let the host serve more than four calls at once; `configure` runs in a worker thread of the pool concerned."""
    pool = threading.current_thread()._args[0]()  # type: ignore[attr-defined]
    pool._max_workers = max(pool._max_workers, MAX_WORKERS)


def short_id(arn: str) -> str:
    """Return ACCOUNT/JOB, the real resource's id."""
    return f"{arn.split(':')[4]}/{arn.rpartition('/')[2]}"


def export_request(props: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of ExportEarthObservationJob, with a token that depends on the job alone."""
    return {
        "Arn": props["arn"],
        "ClientToken": hashlib.sha256(props["arn"].encode()).hexdigest(),
        "ExecutionRoleArn": props["execution_role_arn"],
        "OutputConfig": {"S3Data": {"S3Uri": props["output_config"]["s3_data"]["s3_uri"]}},
    }


def summarize_objects(s3: Any, props: dict[str, Any]) -> dict[str, Any]:
    """List the export's folder, and return what the real resource keeps of such a list."""
    uri = props["output_config"]["s3_data"]["s3_uri"]
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    folder = f"{prefix}{props['arn'].rpartition('/')[2]}/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    objects = [each for page in pages for each in page.get("Contents", [])]
    names = "".join(sorted(f"{each['Key']}{each['Size']}{each['ETag']}" for each in objects))
    return {
        "count": len(objects),
        "bytes": sum(each["Size"] for each in objects),
        "fingerprint": hashlib.sha256(names.encode()).hexdigest()[:16],
        "newest": f"{max(each['LastModified'] for each in objects):%Y-%m-%dT%H:%M:%SZ}",
    }


def without_nulls(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that have a value; the real resource stores no others."""
    return {name: value for name, value in properties.items() if value is not None}
