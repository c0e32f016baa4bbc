"""The jobs of an account, whether exports are declared for them or not: listing and deleting them."""

from __future__ import annotations

from .._geospatial.client import GeospatialClient
from .._geospatial.error_rules import service_error
from .._geospatial.job_summaries import JobPage, JobSummary
from .._geospatial.kinds import ExportKind
from .._runtime.aws_errors import describe_error
from .._runtime.context import OperationContext
from .._runtime.pages import Parameters, read_pages
from .waiters import RetryingClient


class AccountJobs:
    """Calls of the service that no export needs, with the retries of those that read."""

    def __init__(self, client: GeospatialClient, retrying: RetryingClient) -> None:
        self._client, self._retrying = client, retrying

    def account(self, region: str, ctx: OperationContext) -> str:
        """Return the account that the calls are made in. Raises ServiceCallError, WrongAccountError."""
        return self._client.get_account(region, ctx)

    def list(self, kind: ExportKind, region: str, ctx: OperationContext) -> list[JobSummary]:
        """Return all jobs of a kind, the oldest first.

        Raises:
            ServiceCallError, CancelledError, WaitTimeoutError
        """
        doing = f"listing the {kind.job}s of"

        def fetch(parameters: Parameters) -> JobPage:
            def call(kind: ExportKind, region: str, ctx: OperationContext, _: object) -> JobPage:
                return self._client.list_job_page(kind, region, parameters, ctx)

            return self._retrying.read_with_retries(call, kind, region, ctx, doing)

        try:
            # By ARN: a job may move from one page to the next while they are read.
            found = {job.arn: job for page in read_pages(fetch, lambda page: page.following) for job in page.jobs}
        except ValueError as exc:
            permissions = kind.permissions_of(kind.list_operation)
            raise service_error(f"{doing} {region}", describe_error(exc), str, permissions) from exc
        return list(found.values())

    def delete(self, kind: ExportKind, arn: str, ctx: OperationContext) -> None:
        """Delete a job and the results that the service stores for it. It has no effect on exports.

        Raises:
            JobNotFoundError: the job was deleted before.
            ServiceCallError, CancelledError, WaitTimeoutError
        """

        def call(kind: ExportKind, arn: str, ctx: OperationContext, _: object) -> None:
            self._client.delete_job(kind, arn, ctx)

        self._retrying.read_with_retries(call, kind, arn, ctx, "deleting")
