"""What a refresh looks at: the job and the objects that it asks for, and what it does where they are not told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pulumi_sagemaker_geospatial._export.refresh import Refreshed, refresh_export
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._export.waiters import RetryingClient
from pulumi_sagemaker_geospatial._geospatial.statuses import MAX_STATUS_LAG
from pulumi_sagemaker_geospatial._runtime.context import OperationContext
from pulumi_sagemaker_geospatial._runtime.s3_objects import Folder, S3Object
from pulumi_sagemaker_geospatial.errors import ServiceCallError, WaitTimeoutError

from tests.support.aws_names import ROLE
from tests.support.recorded_exports import at, foreign_objects, recorded, written_objects
from tests.support.scripted_calls import ScriptedCalls, refusal, scripted_calls
from tests.support.service_responses import ARN

OWN = written_objects(3)
SUCCEEDED = recorded("SUCCEEDED", OWN)
RUNNING = recorded("IN_PROGRESS")
MISSING = refusal("ResourceNotFoundException", "no job", 404)
THROTTLED = refusal("ThrottlingException", "slow down", 429)


def job(export_status: str | None) -> dict[str, Any]:
    """Return the description of a job whose last export has this status."""
    return {"Arn": ARN, "Status": "COMPLETED", "ExportStatus": export_status}


class Destination:
    """A folder in S3, or the error of its listing. ``listings``: the folders that were listed, and for what."""

    def __init__(self, objects: list[S3Object] | Exception = OWN) -> None:
        self._objects = objects
        self.listings: list[tuple[Folder, OperationContext, str]] = []

    def list_objects(self, folder: Folder, ctx: OperationContext, doing: str) -> list[S3Object]:
        self.listings.append((folder, ctx, doing))
        if isinstance(self._objects, Exception):
            raise self._objects
        return self._objects


def refresh(
    scripted: ScriptedCalls, state: ExportState, destination: Destination | None = None, seconds: float = 400
) -> Refreshed:
    """Return what a refresh tells ``seconds`` after the export's start."""
    client = RetryingClient(scripted.client, 1.0)
    return refresh_export(client, destination or Destination(), state, at(seconds), scripted.ctx)


def test_the_job_is_described_and_the_exports_folder_is_listed() -> None:
    scripted, destination = scripted_calls(job("SUCCEEDED")), Destination()
    assert refresh(scripted, SUCCEEDED, destination) == Refreshed(SUCCEEDED)
    assert scripted.calls == [("get_earth_observation_job", {"Arn": ARN})]
    doing = f"listing the objects of the export of {ARN}"
    assert destination.listings == [(SUCCEEDED.folder, scripted.ctx, doing)]


def test_the_job_of_the_resources_id_is_asked_for_and_the_declared_one_has_the_objects() -> None:
    scripted, destination = scripted_calls(job("SUCCEEDED")), Destination()
    state = replace(SUCCEEDED, output_arn=f"{ARN}-of-the-id")
    assert refresh(scripted, state, destination).state == state
    assert scripted.calls == [("get_earth_observation_job", {"Arn": f"{ARN}-of-the-id"})]
    assert [folder for folder, _, _ in destination.listings] == [SUCCEEDED.folder]


@pytest.mark.parametrize(
    ("state", "answer", "is_listed"),
    [
        (SUCCEEDED, job("SUCCEEDED"), True),
        (SUCCEEDED, job("IN_PROGRESS"), True),
        (SUCCEEDED, MISSING, True),
        (replace(SUCCEEDED, verify_objects=False), job("SUCCEEDED"), False),
        (recorded("FAILED"), job("FAILED"), False),
        (recorded("FAILED"), MISSING, False),
        (RUNNING, job("IN_PROGRESS"), False),
        (RUNNING, job("SUCCEEDED"), True),
        (RUNNING, job("FAILED"), True),
        (RUNNING, job(None), True),
        (RUNNING, MISSING, True),
        (replace(RUNNING, verify_objects=False), job("SUCCEEDED"), False),
    ],
)
def test_objects_are_listed_only_where_they_decide(state: ExportState, answer: Any, is_listed: bool) -> None:
    destination = Destination()
    refresh(scripted_calls(answer), state, destination)
    assert len(destination.listings) == is_listed


def test_an_export_whose_job_was_deleted_is_refreshed_by_its_objects() -> None:
    warning = "the job was deleted; this export's objects are intact"
    assert refresh(scripted_calls(MISSING), SUCCEEDED) == Refreshed(SUCCEEDED, [warning])
    assert refresh(scripted_calls(MISSING), SUCCEEDED, Destination([])) == Refreshed(None)


def test_an_export_that_has_ended_unobserved_gets_the_manifest_of_its_objects() -> None:
    refreshed = refresh(scripted_calls(job("SUCCEEDED")), RUNNING, Destination([*foreign_objects(1, -10), *OWN]))
    assert refreshed == Refreshed(recorded("SUCCEEDED", OWN, observed_late=True))


@pytest.mark.parametrize(("seconds", "is_drift"), [(MAX_STATUS_LAG, False), (MAX_STATUS_LAG + 1, True)])
def test_success_without_objects_is_believed_after_the_statuss_lag(seconds: float, is_drift: bool) -> None:
    refreshed = refresh(scripted_calls(job("SUCCEEDED")), RUNNING, Destination([]), seconds)
    assert refreshed.state is not None
    assert bool(refreshed.state.drift) == is_drift


def test_a_destination_that_may_not_be_listed_is_a_warning_and_the_record_stays() -> None:
    warnings: list[str] = []
    scripted = scripted_calls(job("SUCCEEDED"))
    scripted.ctx = replace(scripted.ctx, log_warning_once=warnings.append)
    denied = Destination(ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2"))
    assert refresh(scripted, SUCCEEDED, denied) == Refreshed(SUCCEEDED)
    assert warnings == [
        "cannot list the destination of an export (AccessDenied); using the job's status only. Grant s3:ListBucket on it, "
        "or set verify_objects=False [SGE409]"
    ]


def test_throttling_is_waited_for_and_shown_in_the_row() -> None:
    scripted = scripted_calls(THROTTLED, THROTTLED, job("SUCCEEDED"))
    assert refresh(scripted, SUCCEEDED) == Refreshed(SUCCEEDED)
    assert scripted.rows == ["waiting: throttled"] * 2


def test_a_refused_description_is_the_refreshs_error_with_secret_inputs_redacted() -> None:
    destination = Destination()
    with pytest.raises(ServiceCallError) as caught:
        refresh(scripted_calls(refusal("ValidationException", f"not {ROLE}")), SUCCEEDED, destination)
    assert caught.value.message.startswith(f"getting the status of {ARN} was refused: ValidationException: not [exec")
    assert destination.listings == []


def test_a_description_that_is_throttled_until_the_deadline_ends_the_refresh() -> None:
    with pytest.raises(WaitTimeoutError) as caught:
        refresh(scripted_calls(*[THROTTLED] * 1000), SUCCEEDED)
    assert str(caught.value) == (
        f"getting the status of {ARN}: timed out; increase custom_timeouts. Last error: getting the status of {ARN} was "
        "refused: ThrottlingException: slow down. Lower sagemakergeospatial:maxCallsPerSecond in the stack's config, or "
        "run `pulumi up` again. [SGE308] [SGE501]"
    )
