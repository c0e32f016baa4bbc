"""The public exception tree: every error that this package raises on purpose.

    ExportError
    ├── ServiceCallError         a call was refused or failed: what was called, the service's message, what to do next
    │   ├── JobNotFoundError     the service does not know the job
    │   └── UnexpectedResponseError  the response was not one that the API page describes
    ├── JobNotExportableError    the job has failed, was stopped or is being deleted
    ├── ExportFailedError        the export ended FAILED, with the service's ExportErrorDetails
    ├── ClientTokenUsedError     the client token in the program cannot start another export
    ├── OutcomeUndeterminedError whether the export succeeded cannot be determined
    ├── ResponseMismatchError    the service answered for another request than ours
    ├── UnknownStatusError       the service answered with a status that its API page does not list
    ├── StateError               a resource's recorded state is damaged
    ├── WaitInterruptedError     the wait ended before the export did; the export continues
    │   ├── WaitTimeoutError     the create or update timeout has passed
    │   └── CancelledError       Ctrl-C, or the engine has gone
    └── WrongAccountError        the stack's config does not allow the credentials' account

Each message says what was being done to which job, why it failed and what to do next, and ends with the identifier of
its entry in docs/troubleshooting.md.
"""

from __future__ import annotations

from typing import ClassVar

import pulumi

from .error_ids import ErrorId

#: What an interrupted create or update tells the user.
EXPORT_CONTINUES = "The export may still be running; the next `pulumi up` resumes waiting."
#: The command that exports again where an existing export would be adopted.
FORCE_NEW_EXPORT = "PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace URN"


class ExportError(pulumi.RunError):
    """Base of every error that this package raises on purpose. A program that ends in one prints its message only.

    Attributes:
        message: the sentences, without the identifier.
        error_id: the kind of the error, whose identifier ends the message as it is printed.
    """

    default_id: ClassVar[ErrorId] = ErrorId.OTHER_ERROR

    def __init__(self, message: str, error_id: ErrorId | None = None) -> None:
        super().__init__(message)
        self.message, self.error_id = message, error_id or self.default_id

    def __str__(self) -> str:
        return self.error_id.mark(self.message)

    def with_note(self, note: str) -> ExportError:
        """Return the same error with one more sentence in its message."""
        return type(self)(f"{self.message} {note}", self.error_id)


class ServiceCallError(ExportError):
    """A call was refused, or it failed without a response.

    Attributes:
        code: the error's name as on the API page, or one of the names in ``_geospatial.error_rules``.
        service_message: the service's own message, with the values of inputs redacted.
    """

    def __init__(self, message: str, code: str, service_message: str = "", error_id: ErrorId | None = None) -> None:
        super().__init__(message, error_id)
        self.code, self.service_message = code, service_message

    def with_note(self, note: str) -> ServiceCallError:
        return type(self)(f"{self.message} {note}", self.code, self.service_message, self.error_id)

    @property
    def words(self) -> str:
        """Deprecated alias of ``service_message``."""
        return self.service_message


class JobNotFoundError(ServiceCallError):
    """ResourceNotFoundException: the job was deleted, or the ARN is of another account or region."""

    default_id = ErrorId.JOB_NOT_FOUND


class UnexpectedResponseError(ServiceCallError):
    """A response lacks a field, or is not what the service model describes (HTML, an empty body, a bad date)."""

    default_id = ErrorId.UNEXPECTED_RESPONSE


class JobNotExportableError(ExportError):
    """The job will never be COMPLETED, so its results cannot be exported."""

    default_id = ErrorId.JOB_NOT_EXPORTABLE


class ExportFailedError(ExportError):
    """The export ended FAILED."""

    default_id = ErrorId.EXPORT_FAILED


class ClientTokenUsedError(ExportError):
    """The client token in the program belongs to an export that has ended."""

    default_id = ErrorId.CLIENT_TOKEN_USED


class OutcomeUndeterminedError(ExportError):
    """The evidence does not tell whether this export succeeded; the message says what to check."""

    default_id = ErrorId.OUTCOME_UNDETERMINED


class ResponseMismatchError(ExportError):
    """The response's OutputConfig, role or flags differ from the request's."""

    default_id = ErrorId.RESPONSE_MISMATCH


class UnknownStatusError(ExportError):
    """A status that the API page does not list."""

    default_id = ErrorId.UNKNOWN_STATUS


class StateError(ExportError):
    """A recorded output or internal key of a resource has a value that cannot be decoded."""

    default_id = ErrorId.STATE_DAMAGED


class WaitInterruptedError(ExportError):
    """The wait ended before the export did. The export continues, and the next ``pulumi up`` resumes waiting."""

    default_id = ErrorId.WAIT_TIMED_OUT


class WaitTimeoutError(WaitInterruptedError):
    """The operation's timeout (``custom_timeouts``, 60 minutes by default) has passed."""


class CancelledError(WaitInterruptedError):
    """The operation was cancelled."""

    default_id = ErrorId.CANCELLED


class WrongAccountError(ExportError):
    """``aws:allowedAccountIds`` or ``aws:forbiddenAccountIds`` does not allow the credentials' account."""

    default_id = ErrorId.WRONG_ACCOUNT


# A traceback names the exception by its module; users import these from the package itself.
for _error in [_value for _value in vars().values() if isinstance(_value, type) and issubclass(_value, ExportError)]:
    _error.__module__ = "pulumi_sagemaker_geospatial"

# Names of version 0.1.0, deprecated.
CallFailed = ServiceCallError
JobNotFound = JobNotFoundError
JobNotExportable = JobNotExportableError
ExportFailed = ExportFailedError
TokenSpent = ClientTokenUsedError
AnswerMismatch = ResponseMismatchError
StatusUnknown = UnknownStatusError
WaitEnded = WaitInterruptedError
TimedOut = WaitTimeoutError
Cancelled = CancelledError
WrongAccount = WrongAccountError
