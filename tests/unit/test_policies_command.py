"""`python -m pulumi_sagemaker_geospatial policies`: what it prints and writes, and the sentences for invalid arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import policies
from pulumi_sagemaker_geospatial.__main__ import main

from tests.support.aws_names import ROLE, job_arn

JOB = job_arn("lake00000000")
KEY = "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VALID = {"--job": JOB, "--destination": "s3://exports/lake/", "--role": ROLE}


def arguments(*more: str, **changes: str) -> list[str]:
    """Return valid arguments with changes."""
    given = {**VALID, **{f"--{name}": value for name, value in changes.items()}}
    return ["policies", *(text for option in given.items() for text in option), *more]


def printed(capsys: pytest.CaptureFixture[str], *more: str, **changes: str) -> dict[str, Any]:
    """Return what the command prints."""
    main(arguments(*more, **changes))
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def statement(policy: dict[str, Any], sid: str) -> dict[str, Any]:
    [found] = [each for each in policy["Statement"] if each["Sid"] == sid]
    return dict(found)


def sids(policy: dict[str, Any]) -> list[str]:
    return [each["Sid"] for each in policy["Statement"]]


def test_the_policies_name_the_given_resources(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "--delete-objects", "--save-job-metadata", key=KEY)
    assert list(found) == list(policies.NAMES)
    assert statement(found["caller"], "ExportJobs")["Resource"] == JOB
    assert statement(found["caller"], "PassExecutionRole")["Resource"] == ROLE
    assert statement(found["caller"], "DetectDrift") == {
        "Sid": "DetectDrift",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::exports",
        "Condition": {"StringLike": {"s3:prefix": "lake/*"}},
    }
    assert statement(found["caller"], "DeleteObjects")["Resource"] == "arn:aws:s3:::exports/lake/*"
    assert statement(found["execution-role"], "WriteObjects")["Resource"] == "arn:aws:s3:::exports/lake/*"
    assert statement(found["execution-role"], "UseKey")["Resource"] == KEY
    assert statement(found["bucket"], "DetectDrift")["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert statement(found["key"], "EncryptExports")["Principal"] == {"AWS": ROLE}
    assert "${" not in json.dumps(found)


def test_without_options_only_what_every_export_needs_is_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys)
    assert sids(found["caller"]) == ["ExportJobs", "PassExecutionRole", "DetectDrift"]
    assert sids(found["execution-role"]) == ["WriteObjects", "ListUploads", "ReadJobs"]
    assert sids(found["bucket"]) == ["WriteObjects", "ListUploads", "DetectDrift"]
    assert "key" not in found


def test_the_options_add_what_deleting_objects_and_listing_jobs_need(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "--delete-objects", "--list-jobs")
    assert sids(found["caller"])[3:] == ["ListVersionsToDelete", "DeleteObjects", "ListJobs"]
    assert sids(found["bucket"])[3:] == ["ListVersionsToDelete", "DeleteObjects"]


def test_the_options_of_the_commands_add_what_these_need(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "--report", "--delete-jobs", key=KEY)
    assert sids(found["caller"])[3:] == ["ListJobsOfBothKinds", "DeleteJobs", "ReadMetadata", "Decrypt"]
    assert statement(found["caller"], "DeleteJobs")["Resource"] == JOB
    assert statement(found["caller"], "ReadMetadata")["Resource"] == "arn:aws:s3:::exports/lake/*.job.json"
    assert sids(found["bucket"])[3:] == ["ReadMetadata"]
    assert sids(found["key"])[1:] == ["Decrypt"]


def test_several_jobs_are_allowed_by_their_arns(capsys: pytest.CaptureFixture[str]) -> None:
    second = job_arn("river0000000")
    found = printed(capsys, "--job", second)
    assert statement(found["execution-role"], "ReadJobs")["Resource"] == [JOB, second]


@pytest.mark.parametrize(
    ("destination", "prefix"),
    [("s3://exports", "*"), ("s3://exports/", "*"), ("s3://exports/a/b", "a/b/*"), ("s3://exports/a*b/", "a${*}b/*")],
)
def test_a_prefix_ends_at_a_slash_and_has_no_wildcards(
    capsys: pytest.CaptureFixture[str], destination: str, prefix: str
) -> None:
    found = printed(capsys, destination=destination)
    assert statement(found["caller"], "DetectDrift")["Condition"]["StringLike"]["s3:prefix"] == prefix
    assert statement(found["execution-role"], "WriteObjects")["Resource"] == f"arn:aws:s3:::exports/{prefix}"


def test_the_partition_is_that_of_the_role(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, role=ROLE.replace("arn:aws:", "arn:aws-us-gov:"))
    assert statement(found["execution-role"], "ListUploads")["Resource"] == "arn:aws-us-gov:s3:::exports"


def test_the_policies_are_written_to_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    expected = printed(capsys, key=KEY)
    main(arguments("--out", str(tmp_path / "new"), key=KEY))
    assert capsys.readouterr().out == ""
    files = {file.stem: json.loads(file.read_text()) for file in (tmp_path / "new").iterdir()}
    assert files == expected


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"job": "lake"}, "--job must be the ARN of an Earth observation job, "),
        ({"role": JOB}, "--role must be the ARN of an IAM role, "),
        ({"destination": "exports/lake"}, "--destination must be an S3 URI, s3://BUCKET/PREFIX/ "),
        ({"key": "alias/exports"}, "--key must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID; "),
        ({"out": "/dev/null/x"}, "--out /dev/null/x cannot be written: Not a directory"),
    ],
)
def test_an_invalid_argument_is_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], changes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments(**changes))
    output = capsys.readouterr()
    assert (caught.value.code, output.out, output.err.count("\n")) == (2, "", 1)
    assert output.err.startswith(f"python -m pulumi_sagemaker_geospatial policies: {sentence}")


@pytest.mark.parametrize("given", [[], ["policy"], ["policies"], ["policies", "--job"]])
def test_missing_and_unknown_arguments_are_one_line(capsys: pytest.CaptureFixture[str], given: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(given)
    output = capsys.readouterr()
    assert (caught.value.code, output.out, output.err.count("\n")) == (2, "", 1)


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="PREFIX"):
        policies.fill_policy("execution-role", {"BUCKET_ARN": "b", "JOB_ARN": "j", "KEY_ARN": None})


def test_the_actions_are_those_of_the_kind_of_job(capsys: pytest.CaptureFixture[str]) -> None:
    job = JOB.replace("earth-observation", "vector-enrichment")
    found = printed(capsys, "--list-jobs", job=job)
    text = json.dumps(found)
    assert "EarthObservation" not in text
    for action in ("ExportVectorEnrichmentJob", "GetVectorEnrichmentJob", "ListVectorEnrichmentJobs"):
        assert f"sagemaker-geospatial:{action}" in text


def test_jobs_of_two_kinds_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exc:
        main(arguments("--job", JOB.replace("earth-observation", "vector-enrichment")))
    assert exc.value.code == 2
    assert "--job must be the ARN of an Earth observation job" in capsys.readouterr().err
