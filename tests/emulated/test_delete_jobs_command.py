"""`delete-jobs`: only jobs whose exports are all whole are deleted, after an interruption the others."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import moto_sagemaker_geospatial as geospatial
import pytest

from tests.support.aws_names import BUCKET, job_arn
from tests.support.command_stack import CommandStack, add_jobs, stored_job
from tests.support.emulated_account import JOB, client, delete_object, list_names

OTHER = "lake00000001"
JOURNAL = Path("prod.delete-jobs.jsonl")


def is_deleted(job: str) -> bool:
    return stored_job(job_arn(job)).last_status in ("DELETING", "DELETED")


def journaled() -> list[str]:
    """Return the jobs that the journal records."""
    lines = [json.loads(line) for line in JOURNAL.read_text().splitlines()]
    assert lines[0] == {"journal": 1, "stack": "prod", "account": "123456789012"}
    return [each["deleted"] for each in lines[1:]]


def test_without_yes_nothing_is_deleted_or_written(prod: CommandStack) -> None:
    prod.export(JOB)
    result = prod.delete_jobs()
    assert (result.code, result.error) == (0, "")
    assert "would delete 1 job, whose results are 3.9 kB" in result.out
    assert not is_deleted(JOB)
    assert list(Path().iterdir()) == []


def test_whole_exports_jobs_are_deleted_and_others_are_kept(prod: CommandStack) -> None:
    add_jobs(OTHER, "lake00000002")
    for job in (JOB, OTHER):
        prod.export(job)
    prod.export("lake00000002", save_job_metadata=False)
    delete_object(list_names()[0])
    result = prod.delete_jobs("--yes")
    assert result.code == 1
    assert f"{JOB}: 1 of 3 objects is gone" in result.out
    assert "lake00000002: the job's metadata is not saved" in result.out
    assert "deleted 1 job, which stored 3.9 kB (3,882 bytes); kept 2" in result.out
    assert [is_deleted(job) for job in (JOB, OTHER, "lake00000002")] == [False, True, False]
    assert journaled() == [job_arn(OTHER)]


@pytest.mark.parametrize("body", [None, b"{}"])
def test_changed_metadata_keeps_the_job(prod: CommandStack, body: bytes | None) -> None:
    prod.export(JOB)
    if body is None:
        client("s3").delete_object(Bucket=BUCKET, Key=f"lake/{JOB}.job.json")
    else:
        client("s3").put_object(Bucket=BUCKET, Key=f"lake/{JOB}.job.json", Body=body)
    result = prod.delete_jobs("--yes")
    assert result.code == 1
    assert f"the job's metadata {'was overwritten' if body else 'is gone'}" in result.out
    assert not is_deleted(JOB)
    assert not JOURNAL.exists()


def test_one_of_several_exports_that_is_not_whole_keeps_the_job(prod: CommandStack) -> None:
    prod.export(JOB, name="first")
    prod.export(JOB, name="second", prefix="river")
    delete_object(list_names(f"river/{JOB}/")[0], prefix="river")
    assert "second: 1 of 3 objects is gone" in prod.delete_jobs("--yes").out
    assert not is_deleted(JOB)


def test_a_running_export_of_another_team_keeps_the_job(prod: CommandStack) -> None:
    prod.export(JOB)
    geospatial.run_export(job_arn(JOB), f"s3://{BUCKET}/another-team/", seconds=3600)
    assert "an export of the job is running" in prod.delete_jobs("--yes").out
    assert not is_deleted(JOB)


def test_drift_between_the_plan_and_the_deletion_keeps_the_job(
    prod: CommandStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    prod.export(JOB)

    def drift(*arguments: object) -> str:
        delete_object(list_names()[0])
        return "the plan"

    monkeypatch.setattr("pulumi_sagemaker_geospatial._cli.deletion.plan_table", drift)
    result = prod.delete_jobs("--yes")
    assert (result.code, f"kept {JOB}: {JOB}: 1 of 3 objects is gone" in result.out) == (1, True)
    assert not is_deleted(JOB)


def test_vector_enrichment_jobs_are_deleted_too(prod: CommandStack) -> None:
    arn = prod.export_vector("route0000001")["arn"]
    assert "deleted 1 job" in prod.delete_jobs("--yes").out
    assert stored_job(arn).last_status in ("DELETING", "DELETED")


def test_after_an_interruption_the_rest_is_deleted(prod: CommandStack) -> None:
    add_jobs(OTHER)
    prod.export(JOB)
    assert prod.delete_jobs("--yes").code == 0
    with JOURNAL.open("ab") as journal:
        journal.write(b'{"time": "2026-')  # the line that a kill has cut off
    prod.export(OTHER)
    result = prod.delete_jobs("--yes")
    assert "1 job deleted before, as prod.delete-jobs.jsonl says" in result.out.replace("\n", " ")
    assert "deleted 1 job" in result.out
    assert journaled() == [job_arn(JOB), job_arn(OTHER)]


def test_a_job_that_was_deleted_meanwhile_is_reported(prod: CommandStack) -> None:
    prod.export(JOB)
    client("sagemaker-geospatial").delete_earth_observation_job(Arn=job_arn(JOB))
    result = prod.delete_jobs("--yes")
    assert (result.code, "deleted before" in result.out, "deleted 0 jobs" in result.out) == (0, True, True)


def test_no_permission_to_delete_is_one_sentence_after_one_call(prod: CommandStack) -> None:
    add_jobs(OTHER, "lake00000002")
    for job in (JOB, OTHER, "lake00000002"):
        prod.export(job)
    prod.provider.control.add_fault(operation="DeleteEarthObservationJob", kind="access_denied", times=-1)
    result = prod.delete_jobs("--yes")
    assert (result.code, result.error.count("\n")) == (2, 1)
    assert "Allow the caller sagemaker-geospatial:DeleteEarthObservationJob" in result.error
    assert prod.provider.control.counts["DeleteEarthObservationJob"] == 1
    assert not JOURNAL.exists()


def test_a_deletion_that_cannot_be_recorded_ends_the_command_with_one_sentence(
    prod: CommandStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    prod.export(JOB)

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr("os.fsync", fail)
        result = prod.delete_jobs("--yes")
    expected = "error: the journal prod.delete-jobs.jsonl cannot be written: No space left on device [SGE604]\n"
    assert (result.code, result.error) == (2, expected)
    assert prod.delete_jobs("--yes").code == 0


@pytest.mark.parametrize(
    "content", ['{"journal": 1, "stack": "dev", "account": "123456789012"}\n', "nothing of the kind\n", "[]\n"]
)
def test_a_journal_of_another_stack_or_a_damaged_one_is_refused(prod: CommandStack, content: str) -> None:
    prod.export(JOB)
    JOURNAL.write_text(content)
    result = prod.delete_jobs("--yes")
    assert (result.code, "another --journal" in result.error) == (2, True)
    assert not is_deleted(JOB)
    assert JOURNAL.read_text() == content
