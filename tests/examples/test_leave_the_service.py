"""The example `leave-the-service`: every job is exported once, and the report shows what is missing."""

from __future__ import annotations

from tests.examples.leave_the_service_stack import LeaveTheServiceStack
from tests.harness import BUCKET, Emulator, job_arn, kill, wait_until

TYPES = ("MAP_MATCHING", "REVERSE_GEOCODING")
SKIP_CHECKPOINTS = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1", "PULUMI_DIY_BACKEND_ZSTD": "true"}


def add_jobs(emulator: Emulator, numbers: range, status: str = "COMPLETED", prefix: str = "lake") -> list[str]:
    """Add numbered jobs and return their IDs."""
    ids = [f"{prefix}{number:08d}" for number in numbers]
    emulator.request("POST", "jobs", [{"id": each, "name": f"{prefix}-{each[-3:]}", "status": status} for each in ids])
    return ids


def test_after_a_failed_export_the_next_up_starts_only_that_one(
    emulator: Emulator, example: LeaveTheServiceStack
) -> None:
    ids = add_jobs(emulator, range(22))  # more than one page of ListEarthObservationJobs
    emulator.add_fault("ExportEarthObservationJob", "fail_export", arn=job_arn(ids[7]), message="The disk is full.")
    assert "The disk is full." in example.export_all(fails=True)
    assert emulator.exports_started() == 22

    report = example.report(code=1)
    assert "21 exports complete: 63 objects" in report
    assert report.rstrip().endswith("missing: lake-007 (lake00000007): not in the stack: run `pulumi up`")

    example.export_all()
    assert emulator.exports_started() == 23
    assert emulator.exports_started(ids[7]) == 2
    assert len(example.resources()) == 22


def test_jobs_that_are_added_later_are_exported_by_the_next_up(
    emulator: Emulator, example: LeaveTheServiceStack
) -> None:
    add_jobs(emulator, range(3))
    add_jobs(emulator, range(2), prefix="river")  # excluded by the stack's filter
    example.export_all()
    assert emulator.exports_started() == 3

    add_jobs(emulator, range(3, 5))
    add_jobs(emulator, range(5, 6), status="IN_PROGRESS")
    add_jobs(emulator, range(6, 8), status="FAILED")
    report = example.report(code=1)
    assert "3 exports complete: 9 objects" in report
    assert "missing: lake-004 (lake00000004): not in the stack: run `pulumi up`" in report
    assert "lake-005 (lake00000005): the job is IN_PROGRESS: run `pulumi up` when it completes" in report
    assert "2 jobs without results" in report
    assert "missing: river-001 (river00000001): not in the stack" in report  # the report has no filter

    add_jobs(emulator, range(5, 6))
    example.export_all()
    assert emulator.exports_started() == 6
    assert "6 exports complete" in example.report(code=1)


def test_sixty_jobs_of_both_kinds_leave_the_service_once_though_a_run_is_killed(
    emulator: Emulator, example: LeaveTheServiceStack
) -> None:
    example.env.update(SKIP_CHECKPOINTS)
    example.edit("    namePrefix: lake", "    namePrefix: ''")
    add_jobs(emulator, range(30))
    roads = [{"name": f"roads-{number:03}", "job_type": TYPES[number % 2]} for number in range(25)]
    emulator.request("POST", "jobs", roads)
    add_jobs(emulator, range(30, 33), status="FAILED")
    emulator.request(
        "POST", "jobs", [{"job_type": TYPES[0], "status": "STOPPED"}, {"job_type": TYPES[1], "status": "FAILED"}]
    )

    emulator.hold_exports()
    emulator.configure(quota=20)  # so that the run cannot start them all before it is killed
    process = example.start_up("--parallel", "256")
    wait_until(lambda: emulator.exports_started() == 20, "the start of 20 exports", process=process)
    kill(process)
    assert example.resources() == {}  # the state has no record of them

    emulator.configure(quota=None)
    emulator.release_exports()
    example.run("cancel", "--yes")
    example.export_all()
    assert set(emulator.call_report()["exports"].values()) == {1}
    assert emulator.exports_started() == 55

    report = example.report()
    assert "55 exports complete" in report
    assert "5 jobs without results" in report
    assert len([key for key in emulator.list_keys() if key.endswith(".job.json")]) == 55

    example.run_command("delete-jobs", "--stack", "local", "--yes")
    assert emulator.call_count("DeleteEarthObservationJob") == 30
    assert emulator.call_count("DeleteVectorEnrichmentJob") == 25
    example.refresh("--expect-no-changes")
    assert len(example.resources()) == 55


def test_a_larger_batch_adds_the_next_jobs_and_takes_none_out(
    emulator: Emulator, example: LeaveTheServiceStack
) -> None:
    add_jobs(emulator, range(1), status="IN_PROGRESS")
    add_jobs(emulator, range(1, 6))
    example.run("config", "set", "leave-the-service:batch", "3")
    example.export_all()
    before = set(example.resources())
    assert len(before) == emulator.exports_started() == 2  # the oldest counts, though it cannot be exported yet

    add_jobs(emulator, range(1))  # the oldest has completed
    example.run("config", "set", "leave-the-service:batch", "4")
    example.export_all()
    assert before < set(example.resources())
    assert len(example.resources()) == emulator.exports_started() == 4


def test_the_report_shows_deleted_objects_and_reads_secrets_in_the_config(
    emulator: Emulator, example: LeaveTheServiceStack
) -> None:
    add_jobs(emulator, range(2))
    example.run("config", "set", "--secret", "aws:secretKey", "test")
    example.export_all()
    assert emulator.exports_started() == 2
    assert "2 exports complete: 6 objects" in example.report()
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=emulator.list_keys("archive/lake00000001/")[0])
    assert "missing: lake-001 (lake00000001): 1 of 3 objects is gone" in example.report(code=1)


def test_a_filter_that_selects_no_job_is_an_error_of_the_report(
    emulator: Emulator, example: LeaveTheServiceStack
) -> None:
    add_jobs(emulator, range(2))
    example.edit("namePrefix: lake", "namePrefix: sea")
    assert (
        "no Earth observation job in us-west-2 has the status COMPLETED and matches the filter" in example.export_all()
    )
    assert "the state of the stack local has no exports" in example.report(code=2)


def test_an_unknown_field_of_the_filter_is_rejected(emulator: Emulator, example: LeaveTheServiceStack) -> None:
    example.edit("namePrefix", "prefix")
    result = example.export_all(fails=True)
    assert "prefix is not a field of the config leave-the-service:filter, which has namePrefix, tags" in result
    assert "Traceback" not in result
