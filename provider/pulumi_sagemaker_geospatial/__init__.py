"""Amazon SageMaker geospatial exports as infrastructure code: a Pulumi dynamic resource.

Import paths are users' state: the names here, `P` among them by which every state names the provider, never move.
"""

from .errors import (
    AnswerMismatch,
    CallFailed,
    Cancelled,
    ExportError,
    ExportFailed,
    JobNotExportable,
    JobNotFound,
    StatusUnknown,
    TimedOut,
    TokenSpent,
    WaitEnded,
    WrongAccount,
)
from .jobs import EarthObservationJob, completed_earth_observation_jobs
from .provider import P as P  # what every state names the provider by
from .resource import (
    ExportEarthObservationJob,
    ExportedObjects,
    OutputConfig,
    OutputConfigArgs,
    OutputConfigArgsDict,
    S3Data,
    S3DataArgs,
    S3DataArgsDict,
)

__version__ = "0.1.0"

__all__ = [
    "AnswerMismatch",
    "CallFailed",
    "Cancelled",
    "EarthObservationJob",
    "ExportEarthObservationJob",
    "ExportError",
    "ExportFailed",
    "ExportedObjects",
    "JobNotExportable",
    "JobNotFound",
    "OutputConfig",
    "OutputConfigArgs",
    "OutputConfigArgsDict",
    "S3Data",
    "S3DataArgs",
    "S3DataArgsDict",
    "StatusUnknown",
    "TimedOut",
    "TokenSpent",
    "WaitEnded",
    "WrongAccount",
    "completed_earth_observation_jobs",
]
