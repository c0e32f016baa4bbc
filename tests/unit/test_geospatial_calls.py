"""What all calls of the service have in common: their region, the rate limit, their errors, and whether any was answered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from pulumi_sagemaker_geospatial._geospatial.client import GeospatialClient
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT
from pulumi_sagemaker_geospatial._geospatial.request import ExportRequest
from pulumi_sagemaker_geospatial._runtime.calls import call_in_progress
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial.errors import ServiceCallError, WaitTimeoutError

from tests.support.aws_names import REGION
from tests.support.declarations import TOKEN, export_request, inputs
from tests.support.scripted_calls import refusal, scripted_calls
from tests.support.service_responses import ARN, DESCRIBED, STARTED, VECTOR_ARN, VECTOR_STARTED, page_of

REQUEST = export_request(export_source_images=True)
VECTOR_REQUEST = ExportRequest.from_properties(VECTOR_ENRICHMENT, inputs(kind=VECTOR_ENRICHMENT))
PASS_ROLE = "iam:PassRole on execution_role_arn with iam:PassedToService sagemaker-geospatial.amazonaws.com"

Call = Callable[[GeospatialClient, OperationContext], Any]


def export_permissions(job: str) -> str:
    return f"sagemaker-geospatial:Export{job} and sagemaker-geospatial:Get{job} on the job, and {PASS_ROLE}"


#: Each call with its response, its operation, what is being done, and what the caller has to be allowed.
CALLS: list[tuple[Call, Any, str, str, str]] = [
    (
        lambda client, ctx: client.start_export(REQUEST, TOKEN, ctx),
        STARTED,
        "ExportEarthObservationJob",
        f"starting the export of {ARN}",
        export_permissions("EarthObservationJob"),
    ),
    (
        lambda client, ctx: client.start_export(VECTOR_REQUEST, TOKEN, ctx),
        VECTOR_STARTED,
        "ExportVectorEnrichmentJob",
        f"starting the export of {VECTOR_ARN}",
        export_permissions("VectorEnrichmentJob"),
    ),
    (
        lambda client, ctx: client.describe_job(VECTOR_ENRICHMENT, VECTOR_ARN, ctx),
        DESCRIBED,
        "GetVectorEnrichmentJob",
        f"getting the status of {VECTOR_ARN}",
        export_permissions("VectorEnrichmentJob"),
    ),
    (
        lambda client, ctx: client.get_job(EARTH_OBSERVATION, ARN, ctx),
        DESCRIBED,
        "GetEarthObservationJob",
        f"getting the description of {ARN}",
        export_permissions("EarthObservationJob"),
    ),
    (
        lambda client, ctx: client.list_job_page(EARTH_OBSERVATION, REGION, {}, ctx),
        page_of(),
        "ListEarthObservationJobs",
        "listing the Earth observation jobs of us-west-2",
        "sagemaker-geospatial:ListEarthObservationJobs",
    ),
    (
        lambda client, ctx: client.delete_job(VECTOR_ENRICHMENT, VECTOR_ARN, ctx),
        {},
        "DeleteVectorEnrichmentJob",
        f"deleting {VECTOR_ARN}",
        "sagemaker-geospatial:DeleteVectorEnrichmentJob",
    ),
]
each_call = pytest.mark.parametrize(
    ("call", "response", "operation", "doing", "permissions"), CALLS, ids=[each[2] for each in CALLS]
)


@each_call
def test_a_refused_call_says_what_was_being_done_and_which_permission_is_missing(
    call: Call, response: Any, operation: str, doing: str, permissions: str
) -> None:
    denied = refusal("AccessDeniedException", "You may not.", 403)
    scripted = scripted_calls(denied)
    with pytest.raises(ServiceCallError) as caught:
        call(scripted.client, scripted.ctx)
    assert str(caught.value) == (
        f"{doing} was refused: AccessDeniedException: You may not. Allow the caller {permissions}. [SGE301]"
    )
    assert (caught.value.code, caught.value.service_message) == ("AccessDeniedException", "You may not")
    assert caught.value.__cause__ is denied


@each_call
def test_a_call_waits_for_the_rate_limit_of_its_operation_and_is_then_admitted_to_its_first_attempt(
    call: Call, response: Any, operation: str, doing: str, permissions: str
) -> None:
    def answer() -> Any:
        progress = call_in_progress()
        assert progress is not None
        admitted.append((progress.admitted, progress.doing, len(scripted.limiter.asked)))
        return response

    admitted: list[tuple[bool, str, int]] = []
    scripted = scripted_calls(answer)
    call(scripted.client, scripted.ctx)
    assert scripted.session.asked == [("sagemaker-geospatial", REGION, scripted.ctx)]
    assert scripted.limiter.asked == [(scripted.ctx, doing, operation)]
    assert admitted == [(True, doing, 1)]


@each_call
def test_a_call_whose_deadline_passes_at_the_rate_limit_is_not_made(
    call: Call, response: Any, operation: str, doing: str, permissions: str
) -> None:
    scripted = scripted_calls(response)
    scripted.limiter.delay = 3600
    with pytest.raises(WaitTimeoutError) as caught:
        call(scripted.client, scripted.ctx)
    assert str(caught.value) == f"{doing}: timed out; increase custom_timeouts. [SGE501]"
    assert scripted.calls == []


def test_a_call_goes_to_the_region_of_the_jobs_arn() -> None:
    arn = ARN.replace(REGION, "us-east-1")
    scripted = scripted_calls({**STARTED, "Arn": arn}, DESCRIBED, DESCRIBED, page_of(), {})
    scripted.client.start_export(export_request(arn=arn, export_source_images=True), TOKEN, scripted.ctx)
    scripted.client.describe_job(EARTH_OBSERVATION, arn, scripted.ctx)
    scripted.client.get_job(EARTH_OBSERVATION, arn, scripted.ctx)
    scripted.client.list_job_page(EARTH_OBSERVATION, "us-east-1", {}, scripted.ctx)
    scripted.client.delete_job(EARTH_OBSERVATION, arn, scripted.ctx)
    assert [region for _, region, _ in scripted.session.asked] == ["us-east-1"] * 5


@pytest.mark.parametrize(
    ("answers", "has_answered"),
    [
        ([{}], [True]),
        ([refusal("AccessDeniedException", status=403)], [True]),
        ([refusal("ThrottlingException", status=429)], [True]),
        ([EndpointConnectionError(endpoint_url="https://geo")], [False]),
        ([NoCredentialsError()], [False]),
        ([KeyError("Status")], [False]),
        ([NoCredentialsError(), {}, NoCredentialsError()], [False, True, True]),
    ],
    ids=["answered", "denied", "throttled", "unreachable", "no credentials", "another response", "several calls"],
)
def test_the_client_knows_whether_the_service_has_ever_answered(answers: list[Any], has_answered: list[bool]) -> None:
    scripted = scripted_calls(*answers)
    assert scripted.client.has_answered is False
    for expected in has_answered:
        with contextlib.suppress(ServiceCallError):
            scripted.client.delete_job(EARTH_OBSERVATION, ARN, scripted.ctx)
        assert scripted.client.has_answered is expected
