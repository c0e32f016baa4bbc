"""What is printed of an error that several exports share."""

from __future__ import annotations

import pytest
from pulumi_sagemaker_geospatial import CancelledError, ErrorId, ExportError, ExportFailedError, JobNotFoundError
from pulumi_sagemaker_geospatial._geospatial.error_causes import cause_of
from pulumi_sagemaker_geospatial._runtime.error_reports import ErrorReports

from tests.support.aws_names import ROLE, job_arn

URN = "urn:pulumi:dev::project::pulumi-python:dynamic:ExportEarthObservationJob::lake-"


@pytest.fixture
def reports() -> ErrorReports:
    reports = ErrorReports()
    reports.cause_of = cause_of
    return reports


def role_error(number: int, role: str = ROLE) -> ExportError:
    message = f"starting the export of {job_arn(f'lake{number}')} was refused: Could not assume role {role}."
    return ExportError(message, ErrorId.ROLE_NOT_USABLE)


def test_an_error_that_exports_share_is_printed_in_full_once_and_counted(reports: ErrorReports) -> None:
    printed = [reports.message_for(role_error(number), f"{URN}{number}") for number in range(100)]
    assert printed[0] == str(role_error(0))
    assert set(printed[1:]) == {"same error as lake-0 [SGE302]"}
    assert reports.counts() == ["100 resources failed with the error of lake-0 [SGE302]"]
    assert reports.counts() == []


def test_the_first_export_that_fails_again_is_printed_in_full_again(reports: ErrorReports) -> None:
    assert reports.message_for(role_error(0), f"{URN}0") == reports.message_for(role_error(0), f"{URN}0")
    assert reports.counts() == []


def test_the_folder_of_an_export_does_not_tell_its_mistake_from_that_of_others(reports: ErrorReports) -> None:
    denied = "not authorized to perform: s3:PutObject on arn:aws:s3:::exports/lake/{}/output/"
    reports.message_for(ExportFailedError(denied.format(1)), f"{URN}1")
    assert reports.message_for(ExportFailedError(denied.format(2)), f"{URN}2") == "same error as lake-1 [SGE402]"


@pytest.mark.parametrize(
    "error",
    [
        role_error(1, f"{ROLE}-b"),
        ExportError(role_error(1).message, ErrorId.CALLER_NOT_ALLOWED),
        JobNotFoundError("there is no job", "ResourceNotFoundException"),
        CancelledError("exporting: cancelled."),
    ],
    ids=["another role", "another kind", "another message", "cancelled"],
)
def test_another_error_is_printed_in_full(reports: ErrorReports, error: ExportError) -> None:
    reports.message_for(role_error(0), f"{URN}0")
    assert reports.message_for(error, f"{URN}1") == str(error)


def test_a_cancellation_is_printed_in_full_once_and_not_counted_as_a_mistake(reports: ErrorReports) -> None:
    cancelled = [
        CancelledError(f"waiting for the export of {job_arn(f'lake{number}')}: cancelled.") for number in (1, 2)
    ]
    assert reports.message_for(cancelled[0], f"{URN}1") == str(cancelled[0])
    assert reports.message_for(cancelled[1], f"{URN}2") == "same error as lake-1 [SGE502]"
    assert reports.counts() == []


def test_an_error_without_a_resource_is_printed_in_full(reports: ErrorReports) -> None:
    assert {reports.message_for(role_error(0), "") for _ in range(2)} == {str(role_error(0))}


@pytest.mark.parametrize("error_id", [ErrorId.JOB_NOT_FOUND, ErrorId.JOB_NOT_EXPORTABLE, ErrorId.REQUEST_NOT_VALID])
def test_an_error_about_the_job_names_each_job(reports: ErrorReports, error_id: ErrorId) -> None:
    first, second = (ExportError(f"reading {job_arn(f'lake{number}')} was refused.", error_id) for number in (1, 2))
    assert reports.message_for(first, f"{URN}1") == str(first)
    reference = f"same error as lake-1, for {job_arn('lake2')} [{error_id.value}]"
    assert reports.message_for(second, f"{URN}2") == reference
    assert reports.counts() == [f"2 resources failed with the error of lake-1 [{error_id.value}]"]


def test_exports_of_both_kinds_with_the_same_name_are_told_apart(reports: ErrorReports) -> None:
    reports.message_for(role_error(1), f"{URN}1")
    other = f"{URN}1".replace("EarthObservation", "VectorEnrichment")
    reference = "same error as lake-1 (ExportEarthObservationJob) [SGE302]"
    assert reports.message_for(role_error(2), other) == reference
    assert reports.counts() == ["2 resources failed with the error of lake-1 [SGE302]"]
