"""The WSGI application: our service by the short way, control, S3's faults, and moto's server for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Event
from typing import Any
from xml.sax.saxutils import escape

from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from . import api
from .control import Fault, control
from .responses import ConnectionCut, SageMakerGeospatialResponse

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

SIGNED_AS = "sagemaker-geospatial"
PATHS = ("/earth-observation-jobs", "/export-earth-observation-job", "/list-earth-observation-jobs")
READS = ("GET", "HEAD", "OPTIONS")
S3_ERRORS = {
    "throttle": (503, "SlowDown", "Please reduce your request rate."),
    "internal": (500, "InternalError", "We encountered an internal error. Please try again."),
    "access_denied": (403, "AccessDenied", "Access Denied"),
    "not_found": (404, "NoSuchKey", "The specified key does not exist."),
    "validation": (400, "InvalidRequest", "The request is not valid."),
    "conflict": (409, "OperationAborted", "A conflicting conditional operation is currently in progress."),
    "quota": (503, "ServiceUnavailable", "Service is unable to handle request."),
}
# what distinguishes an operation in the query string, the bucket's and the object's
S3_BUCKET_GETS = {
    "list-type": "ListObjectsV2",
    "versions": "ListObjectVersions",
    "location": "GetBucketLocation",
    "versioning": "GetBucketVersioning",
    "encryption": "GetBucketEncryption",
    "uploads": "ListMultipartUploads",
}
S3_OPERATIONS = {
    ("GET", 1): "ListObjects",
    ("HEAD", 1): "HeadBucket",
    ("PUT", 1): "CreateBucket",
    ("DELETE", 1): "DeleteBucket",
    ("GET", 2): "GetObject",
    ("HEAD", 2): "HeadObject",
    ("PUT", 2): "PutObject",
    ("DELETE", 2): "DeleteObject",
    ("GET", 0): "ListBuckets",
}


class ServerRequest(Request):
    from_wsgi_server = True


class Application:
    """`changed` is set by every call that may have changed the account."""

    def __init__(self) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.changed = Event()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        service = _signed_service(environ)
        ours = path.startswith(PATHS) and service in (SIGNED_AS, None)
        if ours or path.startswith(api.PREFIX):
            environ["CONTENT_TYPE"] = "application/json"  # whatever the client calls it: curl -d says it is a form
        if path.startswith(api.PREFIX):
            status, text = api.answer(ServerRequest(environ))
            self.changed.set()
            return _respond(start_response, status, {"Content-Type": "application/json"}, text)
        if ours:
            return self._geospatial(environ, start_response)
        if service in ("s3", None) and not path.startswith("/moto-api"):
            return self._s3(environ, start_response)
        answer: Iterable[bytes] = self.moto(environ, start_response)
        if service in ("iam", "kms") or path.startswith("/moto-api"):
            self.changed.set()
        return answer

    def _geospatial(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = ServerRequest(environ)
        status, headers, body = SageMakerGeospatialResponse.dispatch(request, request.raw_url, request.headers)
        if environ["REQUEST_METHOD"] != "GET" and not environ["PATH_INFO"].startswith("/list-"):
            self.changed.set()
        return _respond(start_response, status, headers, body)

    def _s3(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        operation = f"s3:{s3_operation(environ['REQUEST_METHOD'], environ['PATH_INFO'], environ['QUERY_STRING'])}"
        control.count(operation)
        cut_after = False
        for fault in control.take_faults(operation, None):
            if fault.kind == "latency":
                control.sleep(fault.seconds)
            elif fault.kind == "cut":
                raise ConnectionCut(endpoint_url=environ["PATH_INFO"])
            elif fault.kind == "cut_after":
                cut_after = True
            else:
                return _s3_error(start_response, fault, environ["PATH_INFO"])
        answer: Iterable[bytes] = self.moto(environ, start_response)
        if environ["REQUEST_METHOD"] not in READS:
            self.changed.set()
        if cut_after:
            b"".join(answer)
            raise ConnectionCut(endpoint_url=environ["PATH_INFO"])
        return answer


def _signed_service(environ: Environ) -> str | None:
    """The service in the scope of an AWS signature, in the header or in the query string; None without one."""
    signature = environ.get("HTTP_AUTHORIZATION") or environ["QUERY_STRING"].replace("%2F", "/")
    if "Credential=" not in signature:
        return None
    scope = signature.partition("Credential=")[2].partition(",")[0].partition("&")[0].split("/")
    return scope[3].lower() if len(scope) >= 5 else None


def s3_operation(method: str, path: str, query: str) -> str:
    """The S3 operation of a path-style request, its HTTP method where that is not easily told."""
    bucket, _, key = path.strip("/").partition("/") if path.strip("/") else ("", "", "")
    depth = 2 if key else 1 if bucket else 0
    names = {part.partition("=")[0] for part in query.split("&") if part}
    if method == "GET" and depth == 1:
        named = next((S3_BUCKET_GETS[name] for name in S3_BUCKET_GETS if name in names), None)
        if named:
            return named
    if method == "POST" and depth == 1 and "delete" in names:
        return "DeleteObjects"
    extra = names - {"prefix", "delimiter", "marker", "max-keys", "encoding-type", "versionId", "x-id"}
    extra = {name for name in extra if not name.startswith(("X-Amz-", "response-"))}
    return method if extra else S3_OPERATIONS.get((method, depth), method)


def _respond(start_response: StartResponse, status: int, headers: dict[str, Any], body: str | bytes) -> Iterable[bytes]:
    content = body.encode() if isinstance(body, str) else body
    sent = [(name, str(value)) for name, value in headers.items() if name.lower() not in ("content-length", "status")]
    sent.append(("Content-Length", str(len(content))))
    start_response(f"{status} {HTTPStatus(status).phrase}", sent)
    return [content]


def _s3_error(start_response: StartResponse, fault: Fault, path: str) -> Iterable[bytes]:
    status, code, message = S3_ERRORS.get(fault.kind, S3_ERRORS["internal"])
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{escape(fault.message or message)}</Message><Resource>{escape(path)}</Resource></Error>"
    )
    return _respond(start_response, status, {"Content-Type": "application/xml"}, text)
