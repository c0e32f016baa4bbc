"""The kinds of export that the service has: everything in which they differ, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ExportKind:
    """One kind of export.

    Attributes:
        operation: the operation that starts an export, as botocore's service model spells it.
        describe_operation: the operation that reports a job and the status of its last export.
        job: what the job is called in messages.
        arn_type: the resource type in the ARN of a job.
        has_source_images: whether a request has the field ExportSourceImages.
        error_sections: the parts of ExportErrorDetails, and their names in the state; empty where it has no parts.
        result_suffixes: the endings of result files; empty where none are documented.
        results_prefix: the folder below an export's that the service writes results to.
        pattern_descriptions: what a pattern of the service model means, by the name of its shape.
    """

    operation: str
    describe_operation: str
    job: str
    arn_type: str
    has_source_images: bool = False
    error_sections: Mapping[str, str] = field(default_factory=dict)
    result_suffixes: tuple[str, ...] = ()
    results_prefix: str = "output/"
    pattern_descriptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def job_resource(self) -> str:
        """The job in the names of the service's operations, such as ``EarthObservationJob``."""
        return self.operation.removeprefix("Export")

    @property
    def permissions(self) -> str:
        """What the caller has to be allowed, for messages."""
        return (
            f"sagemaker-geospatial:{self.operation} and sagemaker-geospatial:{self.describe_operation} on the job, and "
            "iam:PassRole on execution_role_arn with iam:PassedToService sagemaker-geospatial.amazonaws.com"
        )

    @property
    def list_operation(self) -> str:
        """The operation that lists the account's jobs."""
        return f"List{self.job_resource}s"

    @property
    def delete_operation(self) -> str:
        """The operation that deletes a job, and the results that the service stores for it."""
        return f"Delete{self.job_resource}"

    def permissions_of(self, operation: str) -> str:
        """What the caller has to be allowed for an operation, for messages."""
        is_own = operation in (self.list_operation, self.delete_operation)
        return f"sagemaker-geospatial:{operation}" if is_own else self.permissions

    @property
    def summaries_field(self) -> str:
        """The field of a listing that has the jobs, such as ``EarthObservationJobSummaries``."""
        return f"{self.job_resource}Summaries"

    def is_result(self, name: str) -> bool:
        """Return whether an object has the ending of a result file; any may be one where no ending is documented."""
        return not self.result_suffixes or name.lower().endswith(self.result_suffixes)

    def is_job_arn(self, arn: str) -> bool:
        """Return whether this is the ARN of a job of this kind."""
        return f":{self.arn_type}/" in arn


_COMMON_PATTERNS = {
    "ExecutionRoleArn": "the ARN of an IAM role, arn:aws:iam::ACCOUNT:role/NAME",
    "S3Uri": "an S3 URI, s3://BUCKET/PREFIX/",
}

#: Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ExportEarthObservationJob.html
EARTH_OBSERVATION = ExportKind(
    operation="ExportEarthObservationJob",
    describe_operation="GetEarthObservationJob",
    job="Earth observation job",
    arn_type="earth-observation-job",
    has_source_images=True,
    error_sections={"ExportResults": "export_results", "ExportSourceImages": "export_source_images"},
    result_suffixes=(".tif", ".tiff"),
    pattern_descriptions={
        "EarthObservationJobArn": "the ARN of an Earth observation job, "
        "arn:aws:sagemaker-geospatial:REGION:ACCOUNT:earth-observation-job/ID",
        **_COMMON_PATTERNS,
    },
)

#: The folder and the names of its results are not documented, so that nothing rests on them.
#: Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_geospatial_ExportVectorEnrichmentJob.html
VECTOR_ENRICHMENT = ExportKind(
    operation="ExportVectorEnrichmentJob",
    describe_operation="GetVectorEnrichmentJob",
    job="vector enrichment job",
    arn_type="vector-enrichment-job",
    pattern_descriptions={
        "VectorEnrichmentJobArn": "the ARN of a vector enrichment job, "
        "arn:aws:sagemaker-geospatial:REGION:ACCOUNT:vector-enrichment-job/ID",
        **_COMMON_PATTERNS,
    },
)

KINDS = (EARTH_OBSERVATION, VECTOR_ENRICHMENT)
