"""The team that leaves the service: everything is exported once, and a report proves it."""

from __future__ import annotations

import json
import time

from tests.examples.leaving_stack import LeavingStack
from tests.harness import BUCKET, Emulator, arn, kill

SKIPPING = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1", "PULUMI_DIY_BACKEND_ZSTD": "true"}


def make_jobs(emulator: Emulator, numbers: range, status: str = "COMPLETED", prefix: str = "lake") -> list[str]:
    ids = [f"{prefix}{number:08d}" for number in numbers]
    emulator.ask("POST", "jobs", [{"id": each, "name": f"{prefix}-{each[-3:]}", "status": status} for each in ids])
    return ids


def test_one_export_fails_and_the_next_up_exports_only_that_one(emulator: Emulator, leaving: LeavingStack) -> None:
    ids = make_jobs(emulator, range(30))  # more than one page of the service's list
    emulator.fault("ExportEarthObservationJob", "fail_export", arn=arn(ids[7]), message="The disk is full.")
    shown = leaving.leave(fails=True)
    assert "The disk is full." in shown
    assert emulator.started() == 30

    report = leaving.report(code=1)
    assert "29 of 30 jobs are out: 87 objects" in report
    assert report.rstrip().endswith("missing:\n  lake-007 (lake00000007): is not in the stack: run pulumi up")

    leaving.leave()
    assert emulator.started() == 31
    assert emulator.started(ids[7]) == 2
    report = leaving.report("--verify")
    assert "30 of 30 jobs are out: 90 objects" in report
    assert "missing" not in report
    leaving.empty()
    assert emulator.started() == 31


def test_jobs_that_come_later_are_picked_up(emulator: Emulator, leaving: LeavingStack) -> None:
    make_jobs(emulator, range(3))
    make_jobs(emulator, range(2), prefix="river")  # which the stack's filter leaves out
    leaving.leave()
    assert emulator.started() == 3

    make_jobs(emulator, range(3, 5))
    make_jobs(emulator, range(5, 6), status="IN_PROGRESS")
    make_jobs(emulator, range(6, 8), status="FAILED")
    report = leaving.report(code=1)
    assert "3 of 6 jobs are out: 9 objects" in report
    assert "lake-004 (lake00000004): is not in the stack: run pulumi up" in report
    assert "lake-005 (lake00000005): is still IN_PROGRESS: wait for its end" in report
    assert "without results to take out: 2 FAILED" in report
    assert "river" not in report

    make_jobs(emulator, range(5, 6))
    leaving.leave()
    assert emulator.started() == 6
    assert "6 of 6 jobs are out" in leaving.report()


def test_a_killed_run_without_checkpoints_loses_nothing(emulator: Emulator, leaving: LeavingStack) -> None:
    leaving.env.update(SKIPPING)
    make_jobs(emulator, range(40))
    emulator.settings(export_seconds=1)
    process = leaving.start("up", "--yes", "--skip-preview", "--parallel", "256")
    deadline = time.monotonic() + 60
    while emulator.started() < 15 and time.monotonic() < deadline:
        time.sleep(0.02)
    kill(process)
    started = emulator.started()
    assert 15 <= started < 40
    assert leaving.resources() == {}  # not one record

    leaving.run("cancel", "--yes")
    leaving.leave()
    assert set(emulator.calls()["exports"].values()) == {1}
    assert emulator.started() == 40
    assert "40 of 40 jobs are out: 120 objects" in leaving.report("--verify")


def test_the_report_names_what_s3_has_no_longer_and_what_a_refresh_found(
    emulator: Emulator, leaving: LeavingStack
) -> None:
    make_jobs(emulator, range(2))
    leaving.leave()
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=emulator.keys("archive/lake00000001/")[0])
    assert "2 of 2 jobs are out" in leaving.report()
    assert "lake-001 (lake00000001): 1 of 3 objects is gone" in leaving.report("--verify", code=1)

    leaving.refresh()
    report = leaving.report("-", code=1, state=json.dumps(leaving.export()))
    assert "lake-001 (lake00000001): 1 of 3 objects is gone" in report

    leaving.leave()
    assert emulator.started("lake00000001") == 2
    assert "2 of 2 jobs are out: 6 objects" in leaving.report("--verify")


def test_secrets_of_the_stack_s_config_are_used(emulator: Emulator, leaving: LeavingStack) -> None:
    make_jobs(emulator, range(1))
    leaving.run("config", "set", "--secret", "aws:secretKey", "test")
    leaving.leave()
    assert emulator.started() == 1
    assert "1 of 1 jobs are out" in leaving.report("--verify")


def test_a_filter_that_takes_nothing_proves_nothing(emulator: Emulator, leaving: LeavingStack) -> None:
    make_jobs(emulator, range(2))
    leaving.edit("namePrefix: lake", "namePrefix: sea")
    assert "no Earth observation job of us-west-2 is COMPLETED and matches the filter" in leaving.leave()
    assert "no job is listed and none is in the stack" in leaving.report(code=2)


def test_what_cannot_be_told_is_a_sentence(emulator: Emulator, leaving: LeavingStack) -> None:
    make_jobs(emulator, range(1))
    leaving.leave()
    assert "the input is not what `pulumi stack export` prints" in leaving.report("-", code=2, state="{}")
    emulator.fault("s3", "access_denied", times=-1)
    report = leaving.report("--verify", code=2)
    assert "lake00000000 cannot be listed: An error occurred (AccessDenied)" in report
    assert "Traceback" not in report


def test_a_field_that_the_filter_does_not_have_is_said(emulator: Emulator, leaving: LeavingStack) -> None:
    leaving.edit("namePrefix", "prefix")
    shown = leaving.leave(fails=True)
    assert "the stack's config leave-the-service:filter has no prefix: it has namePrefix, tags" in shown
    assert "Traceback" not in shown
    assert "filter has no prefix" in leaving.report(code=2)
