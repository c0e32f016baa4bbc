"""The stable identifiers of errors and warnings: each is the anchor of an entry in docs/troubleshooting.md."""

from __future__ import annotations

from enum import Enum, unique


@unique
class ErrorId(Enum):
    """The kind of a mistake or a fault, as the identifier that ends its message, such as ``[SGE302]``.

    An identifier never changes its meaning, and a new kind gets a new one. The first digit tells where to look: 1 the
    program and its config, 2 the connection to AWS, 3 what the service refused, 4 the export and its objects, 5 the run,
    6 the commands of the package.
    """

    INVALID_PROPERTY = "SGE101"
    CLIENT_TOKEN_NOT_CHANGED = "SGE102"
    DUPLICATE_CLIENT_TOKEN = "SGE103"
    OVERLAPPING_DESTINATIONS = "SGE104"
    INVALID_CONFIG = "SGE105"
    UNUSED_PROVIDER = "SGE106"
    INVALID_RESOURCE_ID = "SGE107"
    INVALID_ARGUMENT = "SGE108"

    SIGN_IN = "SGE201"
    WRONG_ACCOUNT = "SGE202"
    UNREACHABLE = "SGE203"
    UNEXPECTED_RESPONSE = "SGE204"
    RESPONSE_MISMATCH = "SGE205"
    UNKNOWN_STATUS = "SGE206"

    CALLER_NOT_ALLOWED = "SGE301"
    ROLE_NOT_USABLE = "SGE302"
    ROLE_OF_ANOTHER_ACCOUNT = "SGE303"
    JOB_NOT_FOUND = "SGE304"
    CONFLICT = "SGE305"
    REQUEST_NOT_VALID = "SGE306"
    QUOTA_EXCEEDED = "SGE307"
    THROTTLED = "SGE308"
    SERVICE_FAULT = "SGE309"
    CLIENT_TOKEN_USED = "SGE310"
    OTHER_ERROR = "SGE311"

    JOB_NOT_EXPORTABLE = "SGE401"
    EXPORT_FAILED = "SGE402"
    OUTCOME_UNDETERMINED = "SGE403"
    BUCKET_NOT_FOUND = "SGE404"
    BUCKET_IN_ANOTHER_REGION = "SGE405"
    OBJECTS_NOT_DELETED = "SGE406"
    METADATA_NOT_SAVED = "SGE407"
    DRIFT = "SGE408"
    DESTINATION_NOT_LISTED = "SGE409"

    WAIT_TIMED_OUT = "SGE501"
    CANCELLED = "SGE502"
    STATE_DAMAGED = "SGE503"

    COMMAND_OPTION = "SGE601"
    STACK_NOT_READ = "SGE602"
    OBJECTS_NOT_READ = "SGE603"
    JOURNAL_NOT_USABLE = "SGE604"

    def mark(self, sentence: str) -> str:
        """Return the sentence with the identifier at its end."""
        return f"{sentence} [{self.value}]"
