"""Amazon SageMaker geospatial exports as infrastructure code: a Pulumi dynamic resource.

Import paths are users' state: the names here never move, `P` and `V` among them, by which every state names its provider.
"""

from ._geospatial.jobs import (
    EarthObservationJob,
    JobList,
    VectorEnrichmentJob,
    completed_earth_observation_jobs,
    completed_vector_enrichment_jobs,
)
from ._inputs import OutputConfigArgs, OutputConfigArgsDict, S3DataArgs, S3DataArgsDict
from .error_ids import ErrorId
from .errors import (
    AnswerMismatch,
    CallFailed,
    Cancelled,
    CancelledError,
    ClientTokenUsedError,
    ExportError,
    ExportFailed,
    ExportFailedError,
    JobNotExportable,
    JobNotExportableError,
    JobNotFound,
    JobNotFoundError,
    OutcomeUndeterminedError,
    ResponseMismatchError,
    ServiceCallError,
    StateError,
    StatusUnknown,
    TimedOut,
    TokenSpent,
    UnexpectedResponseError,
    UnknownStatusError,
    WaitEnded,
    WaitInterruptedError,
    WaitTimeoutError,
    WrongAccount,
    WrongAccountError,
)
from .export_earth_observation_job import ExportEarthObservationJob
from .export_vector_enrichment_job import ExportVectorEnrichmentJob
from .outputs import ExportedObjects, JobMetadata, OutputConfig, S3Data
from .provider import ExportProvider as ExportProvider
from .provider import P as P  # the provider references in every state
from .provider import V as V

__version__ = "0.1.0"

__all__ = [
    "AnswerMismatch",
    "CallFailed",
    "Cancelled",
    "CancelledError",
    "ClientTokenUsedError",
    "EarthObservationJob",
    "ErrorId",
    "ExportEarthObservationJob",
    "ExportError",
    "ExportFailed",
    "ExportFailedError",
    "ExportVectorEnrichmentJob",
    "ExportedObjects",
    "JobList",
    "JobMetadata",
    "JobNotExportable",
    "JobNotExportableError",
    "JobNotFound",
    "JobNotFoundError",
    "OutcomeUndeterminedError",
    "OutputConfig",
    "OutputConfigArgs",
    "OutputConfigArgsDict",
    "ResponseMismatchError",
    "S3Data",
    "S3DataArgs",
    "S3DataArgsDict",
    "ServiceCallError",
    "StateError",
    "StatusUnknown",
    "TimedOut",
    "TokenSpent",
    "UnexpectedResponseError",
    "UnknownStatusError",
    "VectorEnrichmentJob",
    "WaitEnded",
    "WaitInterruptedError",
    "WaitTimeoutError",
    "WrongAccount",
    "WrongAccountError",
    "completed_earth_observation_jobs",
    "completed_vector_enrichment_jobs",
]
