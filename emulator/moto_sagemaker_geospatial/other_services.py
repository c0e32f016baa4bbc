"""S3 and STS calls that faults apply to: the names of their operations, and their errors on the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from .fault_injection import RawResponse
from .faults import Fault

S3_ERRORS = {
    "throttle": (503, "SlowDown", "Please reduce your request rate."),
    "internal": (500, "InternalError", "We encountered an internal error. Please try again."),
    "access_denied": (403, "AccessDenied", "Access Denied"),
    "not_found": (404, "NoSuchKey", "The specified key does not exist."),
    "validation": (400, "InvalidRequest", "The request is not valid."),
    "conflict": (409, "OperationAborted", "A conflicting conditional operation is currently in progress."),
    "quota": (503, "ServiceUnavailable", "Service is unable to handle request."),
}
STS_ERRORS = {
    "throttle": (400, "Throttling", "Rate exceeded"),
    "internal": (500, "InternalFailure", "The request processing has failed because of an unknown error."),
    "access_denied": (403, "AccessDenied", "User is not authorized to perform this operation."),
    "not_found": (404, "NoSuchEntity", "The requested entity does not exist."),
    "validation": (400, "ValidationError", "The input fails to satisfy the constraints of the service."),
    "conflict": (409, "ConcurrentModification", "The request conflicts with another one."),
    "quota": (400, "LimitExceeded", "The request exceeds a limit of the account."),
}
# Query parameters that select an operation on a bucket.
S3_BUCKET_GETS = {
    "list-type": "ListObjectsV2",
    "versions": "ListObjectVersions",
    "location": "GetBucketLocation",
    "versioning": "GetBucketVersioning",
    "encryption": "GetBucketEncryption",
    "uploads": "ListMultipartUploads",
}
# By HTTP method and depth of the path: 0 the service, 1 a bucket, 2 an object.
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
# Query parameters that do not change which operation a request is.
S3_PARAMETERS = {"prefix", "delimiter", "marker", "max-keys", "encoding-type", "versionId", "x-id"}


def s3_operation(method: str, path: str, query: str) -> str:
    """The S3 operation of a path-style request; its HTTP method where the operation cannot be told."""
    bucket, _, key = path.strip("/").partition("/")
    depth = 2 if key else 1 if bucket else 0
    names = {part.partition("=")[0] for part in query.split("&") if part}
    if method == "GET" and depth == 1:
        selected = next((S3_BUCKET_GETS[name] for name in S3_BUCKET_GETS if name in names), None)
        if selected:
            return selected
    if method == "POST" and depth == 1 and "delete" in names:
        return "DeleteObjects"
    unknown = {name for name in names - S3_PARAMETERS if not name.startswith(("X-Amz-", "response-"))}
    return method if unknown else S3_OPERATIONS.get((method, depth), method)


def sts_operation(environ: dict[str, Any]) -> str:
    """The STS operation of a WSGI request, read from its form; the form stays readable."""
    stream = environ["wsgi.input"]
    form = stream.read(int(environ.get("CONTENT_LENGTH") or 0)).decode("latin-1")
    stream.seek(0)
    fields = parse_qs(f"{environ['QUERY_STRING']}&{form}")
    return fields.get("Action", ["unknown"])[0]


def error_response(service: str, fault: Fault, path: str) -> RawResponse:
    """The error that a fault asks for, as S3 or STS sends it."""
    errors = S3_ERRORS if service == "s3" else STS_ERRORS
    status, code, default = errors.get(fault.kind, errors["internal"])
    message = escape(fault.message or default)
    if service == "s3":
        xml = f"<Error><Code>{code}</Code><Message>{message}</Message><Resource>{escape(path)}</Resource></Error>"
    else:
        sender = "Sender" if status < 500 else "Receiver"
        error = f"<Error><Type>{sender}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        xml = f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{error}</ErrorResponse>'
    return RawResponse(status, {"Content-Type": "application/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}')
