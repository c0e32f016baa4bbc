"""The WSGI application: SageMaker geospatial, the control API, faults of S3 and STS, and moto's server for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Event
from typing import Any

from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from . import control_api
from .control import control
from .fault_injection import inject_faults
from .operations import SIGNING_NAME, request_paths
from .other_services import error_response, s3_operation, sts_operation
from .responses import SageMakerGeospatialResponse

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

READ_METHODS = ("GET", "HEAD", "OPTIONS")
SAVED_SERVICES = ("iam", "kms")  # beside S3: their changes belong into the state file


class ServerRequest(Request):
    from_wsgi_server = True


class Application:
    """`changed` is set by every call that may have changed the account."""

    def __init__(self) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.changed = Event()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        service = _signing_name(environ)
        if path.startswith(control_api.PREFIX):
            return self._control(environ, start_response)
        if service == SIGNING_NAME or (service is None and path.startswith(request_paths())):
            return self._geospatial(environ, start_response)
        if path.startswith("/moto-api"):
            service = "moto-api"
        if service in ("s3", None):
            operation = s3_operation(environ["REQUEST_METHOD"], path, environ["QUERY_STRING"])
            return self._with_faults("s3", operation, environ, start_response)
        if service == "sts":
            return self._with_faults("sts", sts_operation(environ), environ, start_response)
        response: Iterable[bytes] = self.moto(environ, start_response)
        if service in SAVED_SERVICES or service == "moto-api":
            self.changed.set()
        return response

    def _control(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status, text = control_api.handle(_json_request(environ))
        self.changed.set()
        return _respond(start_response, status, {"Content-Type": "application/json"}, text)

    def _geospatial(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = _json_request(environ)
        try:
            response = SageMakerGeospatialResponse.dispatch(request, request.raw_url, request.headers)
        finally:
            if environ["REQUEST_METHOD"] != "GET" and not environ["PATH_INFO"].startswith("/list-"):
                self.changed.set()
        return _respond(start_response, *response)

    def _with_faults(
        self, service: str, operation: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """A call of S3 or STS."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        name = f"{service}:{operation}"
        control.count(name)
        try:
            replaced = inject_faults(
                name,
                None,
                lambda: b"".join(self.moto(environ, _ignore_response)),
                lambda fault: error_response(service, fault, path),
                path,
            )
            if replaced is None:
                response: Iterable[bytes] = self.moto(environ, start_response)
                return response
        finally:
            if method not in READ_METHODS and service == "s3":
                self.changed.set()
        body = "" if method == "HEAD" else replaced.body
        return _respond(start_response, replaced.status, replaced.headers, body)


def _json_request(environ: Environ) -> ServerRequest:
    environ["CONTENT_TYPE"] = "application/json"  # whatever the client says: curl -d says that it is a form
    return ServerRequest(environ)


def _signing_name(environ: Environ) -> str | None:
    """The service in the scope of an AWS signature, in the header or in the query string; None without a signature."""
    signature = environ.get("HTTP_AUTHORIZATION") or environ["QUERY_STRING"].replace("%2F", "/")
    if "Credential=" not in signature:
        return None
    scope = signature.partition("Credential=")[2].partition(",")[0].partition("&")[0].split("/")
    return scope[3].lower() if len(scope) >= 5 else None


def _ignore_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
    """A `start_response` for a response that nobody receives."""
    return len


def _respond(start_response: StartResponse, status: int, headers: dict[str, Any], body: str | bytes) -> Iterable[bytes]:
    content = body.encode() if isinstance(body, str) else body
    sent = [(name, str(value)) for name, value in headers.items() if name.lower() not in ("content-length", "status")]
    sent.append(("Content-Length", str(len(content))))
    known = {each.value for each in HTTPStatus}
    start_response(f"{status} {HTTPStatus(status).phrase if status in known else 'Unknown'}", sent)
    return [content]
