"""`delete-jobs` that is killed or interrupted, in a process of its own: the next run deletes the rest, and nothing else."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness import BUCKET, CHECKOUT, Emulator, job_arn, wait_until
from tests.support.command_stack import CommandStack
from tests.support.fake_pulumi import FakePulumi
from tests.support.provider_harness import FAST, ProviderHarness

DELETE = "DeleteEarthObservationJob"
JOURNAL = Path("prod.delete-jobs.jsonl")
FIRST, DRIFTED, DELETED_UNSEEN, DRIFTS_LATER, *OTHERS = (f"lake{number:08}" for number in range(8))


@pytest.fixture
def prod(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandStack:
    """Eight exports on an emulator that other processes reach; the objects of one have drifted."""
    config = {
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:endpoints": json.dumps([dict.fromkeys(("sagemakergeospatial", "s3", "sts"), emulator.url)]),
        **FAST,
    }
    tools, work = tmp_path / "tools", tmp_path / "work"
    tools.mkdir()
    work.mkdir()
    pulumi = FakePulumi(tools)
    pulumi.write_config(config)
    pulumi.install(monkeypatch)
    monkeypatch.chdir(work)
    stack = CommandStack(pulumi, ProviderHarness(config), capsys)
    for job in (FIRST, DRIFTED, DELETED_UNSEEN, DRIFTS_LATER, *OTHERS):
        emulator.add_job(job)
        stack.export(job)
    lose_object(emulator, DRIFTED)
    return stack


def lose_object(emulator: Emulator, job: str) -> None:
    key = next(key for key in emulator.list_keys(f"lake/{job}/") if key.endswith(".tif"))
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=key)


def journaled() -> set[str]:
    """Return the jobs that the journal records, without its first line and one that is not whole."""
    content = JOURNAL.read_text() if JOURNAL.exists() else ""
    return set(re.findall(r'"deleted": "\S+/(\w+)".*\n', content))


def deletion_calls(emulator: Emulator) -> Counter[str]:
    """Return how often the deletion of each job was called for."""
    calls = emulator.call_report()["calls"]
    return Counter(each["arn"].rpartition("/")[2] for each in calls if each["operation"] == DELETE)


@contextmanager
def deletion() -> Iterator[subprocess.Popen[str]]:
    """Run the command in a process of its own, which ends before the test goes on."""
    command = [sys.executable, "-m", "pulumi_sagemaker_geospatial", "delete-jobs", "--stack", "prod", "--yes"]
    paths = [str(CHECKOUT / "provider"), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.Popen(
        command,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell starts its background jobs with SIGINT ignored, and they hand that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_after_a_kill_and_ctrl_c_each_job_is_deleted_once_and_drifted_ones_are_kept(
    emulator: Emulator, prod: CommandStack
) -> None:
    # The service deletes the job, and the command is killed before it learns of that.
    emulator.add_fault(DELETE, "hang", arn=job_arn(DELETED_UNSEEN), after=True)
    waiting = {DRIFTS_LATER, OTHERS[0], OTHERS[1]}
    for job in waiting:  # The service does not get to these.
        emulator.add_fault(DELETE, "hang", arn=job_arn(job))
    seen = {FIRST, *OTHERS[2:]}
    with deletion() as process:
        wait_until(lambda: journaled() == seen, "the journal of the others", process=process)
        called = {*seen, *waiting, DELETED_UNSEEN}
        wait_until(lambda: deletion_calls(emulator).keys() == called, "the calls that hang", process=process)
        process.kill()
    with JOURNAL.open("a") as journal:
        journal.write('{"time": "2026-')  # as far as a line gets that is killed while it is written
    emulator.clear_faults()
    lose_object(emulator, DRIFTS_LATER)

    emulator.add_fault(DELETE, "hang", arn=job_arn(OTHERS[1]))
    with deletion() as process:
        wait_until(lambda: deletion_calls(emulator)[OTHERS[1]] == 2, "the call that hangs", process=process)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    assert output.endswith("error: interrupted; run the command again, which goes on where it was\n")
    assert "Traceback" not in output
    assert journaled() == {*seen, OTHERS[0]}
    emulator.clear_faults()

    result = prod.delete_jobs("--yes")
    assert (result.code, result.error) == (1, "")
    assert "4 jobs deleted before" in result.out.replace("\n", " ")
    assert "deleted 1 job" in result.out
    assert "kept 2" in result.out
    assert journaled() == {*seen, *OTHERS[:2]}
    # One call for each job, apart from those whose calls the service did not get to; none for a drifted export's job.
    calls = {**dict.fromkeys((*seen, DELETED_UNSEEN), 1), OTHERS[0]: 2, OTHERS[1]: 3, DRIFTS_LATER: 1}
    assert deletion_calls(emulator) == calls
    service = emulator.client("sagemaker-geospatial")
    for job in (DRIFTED, DRIFTS_LATER):
        assert service.get_earth_observation_job(Arn=job_arn(job))["Status"] == "COMPLETED"
