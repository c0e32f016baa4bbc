"""What each error of the service means: one table with the retry rule and the remediation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .._runtime.aws_errors import (
    SERVER_FAULT,
    SIGN_IN,
    THROTTLED,
    UNEXPECTED_RESPONSE,
    UNREACHABLE,
    UNREACHABLE_TIMEOUT,
    AwsError,
)
from .._runtime.endpoint_names import endpoint_settings
from ..error_ids import ErrorId
from ..errors import JobNotFoundError, ServiceCallError, UnexpectedResponseError
from .arns import SERVICE_REGION
from .responses import Redact

#: boto3's name of the service.
SERVICE = "sagemaker-geospatial"

#: How long IAM may take to propagate a new role before its refusal is final, in seconds.
IAM_PROPAGATION_TIMEOUT = 120.0

#: Refusals that the service reports under a code of another meaning; see `MESSAGE_RULES`.
ROLE_NOT_ASSUMABLE = "RoleNotAssumable"
ROLE_OF_ANOTHER_ACCOUNT = "RoleOfAnotherAccount"
CLIENT_TOKEN_USED = "ClientTokenUsed"

#: What the row of an export shows that waits for another one of its job.
JOB_IS_BUSY = "queued: job is busy"


class Retry(Enum):
    """Whether another attempt may succeed."""

    NEVER = "never"
    WITHIN_GRACE_PERIOD = "within the grace period"
    UNTIL_DEADLINE = "until the deadline"


@dataclass(frozen=True)
class ErrorRule:
    """How an error is handled.

    Attributes:
        error_id: what the user finds in docs/troubleshooting.md.
        on_start: whether the call that starts an export is repeated.
        on_read: whether a call that reads is repeated.
        grace_period: seconds since the error was first seen, for ``WITHIN_GRACE_PERIOD``.
        depends_on_job: the job's status decides whether a refused start is final.
        remediation: what to do next, in sentences; ``{permissions}`` stands for the actions that the caller needs,
            ``{endpoint}`` for what decides on the endpoint of the service that was called.
        waiting: what a resource's row shows while the error is waited for; at most 25 characters.
    """

    error_id: ErrorId
    on_start: Retry
    on_read: Retry
    remediation: str
    grace_period: float = 0.0
    depends_on_job: bool = False
    waiting: str = "waiting: service"


CREDENTIALS_REMEDIATION = (
    "Check the credentials and the region: the stack's aws: config and the AWS settings of the environment; "
    "with SSO, run `aws sso login`."
)

ERROR_RULES = {
    "AccessDeniedException": ErrorRule(
        ErrorId.CALLER_NOT_ALLOWED,
        Retry.NEVER,
        Retry.NEVER,
        "Allow the caller {permissions}.",
    ),
    ROLE_NOT_ASSUMABLE: ErrorRule(
        ErrorId.ROLE_NOT_USABLE,
        Retry.WITHIN_GRACE_PERIOD,
        Retry.NEVER,
        "Let execution_role_arn trust sagemaker-geospatial.amazonaws.com (sts:AssumeRole), and allow the caller "
        "iam:PassRole on it with iam:PassedToService sagemaker-geospatial.amazonaws.com.",
        grace_period=IAM_PROPAGATION_TIMEOUT,
        waiting="waiting: role not usable",
    ),
    ROLE_OF_ANOTHER_ACCOUNT: ErrorRule(
        ErrorId.ROLE_OF_ANOTHER_ACCOUNT,
        Retry.NEVER,
        Retry.NEVER,
        "Use an execution_role_arn of the job's own account.",
    ),
    "ConflictException": ErrorRule(
        ErrorId.CONFLICT,
        Retry.UNTIL_DEADLINE,
        Retry.NEVER,
        "Another export of the job is running, or the job is not COMPLETED; run `pulumi up` again when it has ended.",
        depends_on_job=True,
        waiting=JOB_IS_BUSY,
    ),
    CLIENT_TOKEN_USED: ErrorRule(
        ErrorId.CLIENT_TOKEN_USED,
        Retry.NEVER,
        Retry.NEVER,
        "Use a new client_token, or omit it to have one derived from the request.",
    ),
    SERVER_FAULT: ErrorRule(
        ErrorId.SERVICE_FAULT,
        Retry.UNTIL_DEADLINE,
        Retry.UNTIL_DEADLINE,
        "The service has a fault; run `pulumi up` again.",
        waiting="waiting: service fault",
    ),
    "ResourceNotFoundException": ErrorRule(
        ErrorId.JOB_NOT_FOUND,
        Retry.NEVER,
        Retry.NEVER,
        "Check the property arn: its region and account, and whether the job was deleted.",
    ),
    "ServiceQuotaExceededException": ErrorRule(
        ErrorId.QUOTA_EXCEEDED,
        Retry.UNTIL_DEADLINE,
        Retry.NEVER,
        "Run `pulumi up` again when other exports have ended, or request a higher quota.",
        waiting="queued: quota",
    ),
    THROTTLED: ErrorRule(
        ErrorId.THROTTLED,
        Retry.UNTIL_DEADLINE,
        Retry.UNTIL_DEADLINE,
        "Lower sagemakergeospatial:maxCallsPerSecond in the stack's config, or run `pulumi up` again.",
        waiting="waiting: throttled",
    ),
    "ValidationException": ErrorRule(
        ErrorId.REQUEST_NOT_VALID,
        Retry.NEVER,
        Retry.NEVER,
        "Correct the property that the service names.",
        depends_on_job=True,
    ),
    UNREACHABLE: ErrorRule(
        ErrorId.UNREACHABLE,
        Retry.WITHIN_GRACE_PERIOD,
        Retry.WITHIN_GRACE_PERIOD,
        "Check the network, {endpoint}.",
        grace_period=UNREACHABLE_TIMEOUT,
        waiting="waiting: no connection",
    ),
    UNEXPECTED_RESPONSE: ErrorRule(
        ErrorId.UNEXPECTED_RESPONSE,
        Retry.NEVER,
        Retry.WITHIN_GRACE_PERIOD,
        "Check aws:endpoints and any proxy between this machine and AWS, and run `pulumi up` again.",
        grace_period=UNREACHABLE_TIMEOUT,
        waiting="waiting: bad response",
    ),
    SIGN_IN: ErrorRule(ErrorId.SIGN_IN, Retry.NEVER, Retry.NEVER, CREDENTIALS_REMEDIATION),
}
_OTHER = ErrorRule(ErrorId.OTHER_ERROR, Retry.NEVER, Retry.NEVER, CREDENTIALS_REMEDIATION)


@dataclass(frozen=True)
class MessageRule:
    """Errors with one of these codes whose message matches have a rule of their own."""

    codes: frozenset[str]
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    becomes: str

    def applies_to(self, code: str, message: str) -> bool:
        matches = code in self.codes and bool(self.pattern.search(message))
        return matches and not (self.unless and self.unless.search(message))


#: Under these codes, services refuse credentials that have expired or that they do not know.
_SIGN_IN_CODES = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

MESSAGE_RULES = (
    MessageRule(_SIGN_IN_CODES, re.compile(""), None, SIGN_IN),
    MessageRule(
        frozenset({"ConflictException", "ValidationException"}),
        re.compile(r"token", re.IGNORECASE),
        re.compile(r"NextToken"),
        CLIENT_TOKEN_USED,
    ),
    MessageRule(
        frozenset({"ValidationException", "AccessDeniedException"}),
        re.compile(r"cross-account pass role", re.IGNORECASE),
        None,
        ROLE_OF_ANOTHER_ACCOUNT,
    ),
    MessageRule(
        frozenset({"ValidationException", "AccessDeniedException"}),
        # Also where the role's ARN, with its ":role/", has been redacted.
        re.compile(r"\brole\b|\[execution_role_arn\]", re.IGNORECASE),
        re.compile(r"not authorized to perform", re.IGNORECASE),
        ROLE_NOT_ASSUMABLE,
    ),
)


#: What the service says of an export that FAILED because its role is not allowed something, and the action it names.
_ROLE_NOT_ALLOWED = re.compile(r"not authorized|access ?denied|forbidden", re.IGNORECASE)
_ACTION = re.compile(r"\b[a-z][a-z0-9-]*:[A-Z]\w+")


def failure_remediation(details: str) -> str:
    """Return what to do about an export that FAILED with these details, as the beginning of a sentence."""
    if not _ROLE_NOT_ALLOWED.search(details):
        return "Fix the cause"
    action = _ACTION.search(details)
    return (
        f"Allow execution_role_arn {action[0] if action else 'what it needs'}, as in the policies that "
        "`python -m pulumi_sagemaker_geospatial policies` prints (a bucket or a key of another account has to allow it too)"
    )


def rule_name(code: str, message: str) -> str:
    """Return the name in `ERROR_RULES` under which an error is handled."""
    for rule in MESSAGE_RULES:
        if rule.applies_to(code, message):
            return rule.becomes
    return code


def rule_for(error: ServiceCallError) -> ErrorRule:
    """Return how an error is handled."""
    return ERROR_RULES.get(rule_name(error.code, error.service_message), _OTHER)


def waiting_status(error: ServiceCallError) -> str:
    """Return what a resource's row shows while an error is waited for."""
    return rule_for(error).waiting


def is_token_reuse_error(error: ServiceCallError) -> bool:
    """Return whether the service refused a client token that was used before."""
    return rule_name(error.code, error.service_message) == CLIENT_TOKEN_USED


def is_transient_read_error(error: ServiceCallError) -> bool:
    """Return whether a call that reads may succeed when it is repeated."""
    return rule_for(error).on_read is not Retry.NEVER


def _endpoint(service: str) -> str:
    """Return what to check where a service does not answer."""
    settings = endpoint_settings(service)
    return f"{settings}; the service is available in {SERVICE_REGION} only" if service == SERVICE else settings


def service_error(
    doing: str, error: AwsError, redact: Redact, permissions: str, service: str = SERVICE
) -> ServiceCallError:
    """Return the error that tells the user what was being done, why it failed and what to do next.

    ``service``: boto3's name of the service that was called.
    """
    message = redact(error.message)
    rule = ERROR_RULES.get(rule_name(error.code, error.message), _OTHER)
    remediation = rule.remediation.format(permissions=permissions, endpoint=_endpoint(error.service or service))
    if error.code == UNEXPECTED_RESPONSE:
        why = f"the response is not one that the service's API describes: {message}"
        return UnexpectedResponseError(f"{doing} failed: {why}. {remediation}", error.code, message, rule.error_id)
    why = f"was refused: {error.reported_code}: {message}" if error.is_refusal else f"failed: {message}"
    error_class = JobNotFoundError if error.code == "ResourceNotFoundException" else ServiceCallError
    return error_class(f"{doing} {why}. {remediation}", error.code, message, rule.error_id)
