"""The sentences that end an operation, as exceptions.

    ExportError
    ├── CallFailed          the service refused a call: what was asked, its own words, what to do next
    │   └── JobNotFound     the service does not know the job
    ├── JobNotExportable    the Earth observation job has failed, was stopped or is being deleted
    ├── ExportFailed        the export ended FAILED, with the service's ExportErrorDetails
    ├── TokenSpent          the user's client token cannot start another export
    ├── AnswerMismatch      the service answered for another request than ours
    ├── StatusUnknown       the service answered with a status that its API page does not list
    ├── WaitEnded           the export goes on, but nobody waits for it any longer
    │   ├── TimedOut        the create or update timeout is over
    │   └── Cancelled       Ctrl-C, or the engine has gone
    └── WrongAccount        the credentials belong to an account that the stack's config refuses

Each message says what was being done to which job, why it failed and what to do next.
"""

from __future__ import annotations

import pulumi


class ExportError(pulumi.RunError):
    """Base of every error that this package raises on purpose; a program that ends in one shows its sentence alone."""


class CallFailed(ExportError):
    """A call was refused, or nobody answered it.

    ``code`` is the error's name on the API page, ``words`` are the service's own.
    """

    def __init__(self, message: str, code: str, words: str = "") -> None:
        super().__init__(message)
        self.code, self.words = code, words


class JobNotFound(CallFailed):
    """ResourceNotFoundException: the job was deleted, or the ARN is of another account or region."""


class JobNotExportable(ExportError):
    """The job will never be COMPLETED, so its results cannot be exported."""


class ExportFailed(ExportError):
    """The export ended FAILED."""


class TokenSpent(ExportError):
    """The client token that the program gives belongs to an export that is over."""


class AnswerMismatch(ExportError):
    """The answer's OutputConfig, role or flags are not those that were asked for."""


class StatusUnknown(ExportError):
    """A status that the API page does not list."""


#: What every ended wait says: nothing is lost.
GOES_ON = "The export itself goes on if it has started, and the next `pulumi up` joins it"


class WaitEnded(ExportError):
    """Nobody waits any longer; the export itself goes on, and the next ``pulumi up`` joins it."""


class TimedOut(WaitEnded):
    """The timeout of the operation (``custom_timeouts``, 60 minutes by default) is over."""


class Cancelled(WaitEnded):
    """The operation was cancelled."""


class WrongAccount(ExportError):
    """The credentials are of an account that ``aws:allowedAccountIds`` or ``aws:forbiddenAccountIds`` refuses."""


# A traceback names the exception by its module; users import these from the package itself.
for _error in [_value for _value in vars().values() if isinstance(_value, type) and issubclass(_value, ExportError)]:
    _error.__module__ = "pulumi_sagemaker_geospatial"
