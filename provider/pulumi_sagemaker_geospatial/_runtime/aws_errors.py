"""What an exception of a call to AWS means: one place that reads botocore's errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004
from botocore.parsers import ResponseParserError

#: Codes of failures that have no code of the service's own.
UNREACHABLE = "Unreachable"
SIGN_IN = "SignIn"
UNEXPECTED_RESPONSE = "UnexpectedResponse"
#: Codes under which all throttling, and all faults of the service's side, are known.
THROTTLED = "ThrottlingException"
SERVER_FAULT = "InternalServerException"
#: Codes after which the same call may succeed.
TRANSIENT_CODES = frozenset({THROTTLED, SERVER_FAULT, UNREACHABLE, UNEXPECTED_RESPONSE})
#: How long an endpoint that has never answered is tried, in seconds.
UNREACHABLE_TIMEOUT = 60.0

#: The names under which AWS services throttle, also with another status than 429.
_THROTTLING_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_MAX_MESSAGE_LENGTH = 500


@dataclass(frozen=True)
class AwsError:
    """A failed call.

    Attributes:
        code: the service's code, with throttling and server faults normalized, or one of this module's.
        reported_code: the code as the service spelled it.
        message: the service's message, or botocore's, in one line and without its full stop.
        service: boto3's name of the service that failed, where another one was being called; otherwise empty.
    """

    code: str
    reported_code: str
    message: str
    service: str = ""

    @property
    def is_refusal(self) -> bool:
        """Whether the service answered, with an error."""
        return self.code not in (UNREACHABLE, SIGN_IN, UNEXPECTED_RESPONSE)


class StsUnreachableError(HTTPClientError):
    """STS did not answer when a call of another service needed the credentials of a role."""

    fmt = "{error}"


#: What reading a response raises where a field is missing or is not what the service model says. RuntimeError is what
#: botocore raises for a number that is no date, and json for a value that is nested too deeply.
PARSING_ERRORS = (
    ResponseParserError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    IndexError,
    OverflowError,
    RuntimeError,
)
#: What a call and the reading of its response raise.
CALL_ERRORS = (ClientError, BotoCoreError, *PARSING_ERRORS)


def describe_error(exc: Exception) -> AwsError:
    """Return the code and the message of what a call raised."""
    if isinstance(exc, ClientError):
        return _from_response(exc)
    message = _one_line(str(exc))
    if isinstance(exc, StsUnreachableError):
        return AwsError(UNREACHABLE, UNREACHABLE, message, service="sts")
    if is_unreachable(exc):
        return AwsError(UNREACHABLE, UNREACHABLE, message)
    if isinstance(exc, BotoCoreError):
        return AwsError(SIGN_IN, SIGN_IN, message)
    if isinstance(exc, KeyError):
        message = f"the response has no {exc.args[0] if exc.args else 'field'}"
    return AwsError(UNEXPECTED_RESPONSE, UNEXPECTED_RESPONSE, message)


def is_unreachable(exc: Exception) -> bool:
    """Return whether a call was not answered."""
    return isinstance(exc, (HTTPClientError, ConnectionError))


def is_throttling(response: Mapping[str, Any]) -> bool:
    """Return whether the service has throttled a call, under whatever name."""
    return _status(response) == 429 or _reported_code(response) in _THROTTLING_CODES


def _status(response: Mapping[str, Any]) -> int:
    return (response.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0


def _reported_code(response: Mapping[str, Any]) -> str:
    return str((response.get("Error") or {}).get("Code") or "Unknown")


def _from_response(exc: ClientError) -> AwsError:
    response: Any = exc.response
    error, status, reported = response.get("Error") or {}, _status(response), _reported_code(response)
    code = reported
    if is_throttling(response):
        code = THROTTLED
    elif status >= 500 or reported in ("InternalError", "InternalFailure", "ServiceUnavailable"):
        code = SERVER_FAULT
    return AwsError(code, reported, _one_line(str(error.get("Message") or "no message")))


def _one_line(message: str) -> str:
    line = re.sub(r"\s+", " ", message).strip().rstrip(".")
    return line if len(line) <= _MAX_MESSAGE_LENGTH else f"{line[:_MAX_MESSAGE_LENGTH]}…"
