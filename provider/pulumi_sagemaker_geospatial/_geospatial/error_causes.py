"""Which errors of several exports are one mistake, such as a role that does not exist."""

from __future__ import annotations

import re

from .._runtime.error_reports import ErrorCause
from ..error_ids import ErrorId
from ..errors import ExportError

_JOB_ARN = re.compile(r"arn:[\w-]+:sagemaker-geospatial:[\w-]*:(\d*):[\w-]+/\w+")
_LOCATION = re.compile(r"(s3://|arn:[\w-]+:s3:::)([^/\s]+)/[^\s,'\"]*")

#: Errors about the job itself: each job needs a look of its own, so each is named.
_ABOUT_THE_JOB = frozenset({ErrorId.JOB_NOT_FOUND, ErrorId.JOB_NOT_EXPORTABLE, ErrorId.REQUEST_NOT_VALID})


def cause_of(error: ExportError) -> ErrorCause:
    """Return the cause of an error: its message without the export's own job and folder."""
    key = _LOCATION.sub(r"\1\2", _JOB_ARN.sub(r"job of \1", error.message))
    job = _JOB_ARN.search(error.message) if error.error_id in _ABOUT_THE_JOB else None
    return ErrorCause(key, job[0] if job else "")
