"""`python -m pulumi_sagemaker_geospatial status`: what it prints and returns while an update runs, and afterwards."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import ExportProvider
from pulumi_sagemaker_geospatial.__main__ import main
from pulumi_sagemaker_geospatial._cli.status import show_status
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial._geospatial.request import SECRET_INPUTS
from pulumi_sagemaker_geospatial._progress.operations import Result
from pulumi_sagemaker_geospatial._runtime.dynamic_host import DynamicHost, HostCall, serving
from pulumi_sagemaker_geospatial.errors import ExportFailedError
from rich.console import Console

from tests.harness import job_arn
from tests.support.recorded_progress import URN, RecordedProgress, end

VALID = {
    "execution_role_arn": "arn:aws:iam::123456789012:role/export",
    "output_config": {"s3_data": {"s3_uri": "s3://b/p/"}},
}


@pytest.fixture
def update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedProgress]:
    """An update that began 242 seconds ago, in the project of the current directory: one export runs, others wait."""
    (tmp_path / "Pulumi.yaml").write_text("name: project\nruntime: python\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.delenv("PULUMI_GEOSPATIAL_PROGRESS", raising=False)
    progress = RecordedProgress(tmp_path)
    progress.now = time.time() - 242
    progress.expect("pending")
    yield progress
    progress.reporter.on_cancel()
    progress.reporter.on_cancel()


def run(capture: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["status", "--stack", "acme/project/dev", *arguments])
    return int(ended.value.code or 0), "".join(capture.readouterr())


def test_a_running_update_is_a_table_with_the_waiting_ones_first(
    update: RecordedProgress, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ExportFailedError), update.operation("bad"):
        raise ExportFailedError("no")
    operations = [update.begin("lake"), update.begin("river", "queued: quota"), update.begin("starting", "starting")]
    update.now += 10
    operations.append(update.begin("later"))
    code, shown = run(capsys, "--once")
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[0].startswith("project/dev: 0/6 done, 1 failed, 4m0")
    assert lines[0].endswith(", 1 queued: quota; usually 5m00s")
    assert lines[1] == "export kind job status elapsed"
    order = ["bad", "river", "starting", "lake", "later", "pending"]
    assert [line.partition(" ")[0] for line in lines[2:8]] == order
    assert lines[3].startswith("river Earth observation job river-job queued: quota 4m0")
    assert lines[5].startswith("lake Earth observation job lake-job running 4m0")
    assert lines[5].endswith(" of 5m00s")
    assert lines[7:] == ["pending Earth observation job pending-job pending -", "the update is running"]
    assert code == 0
    end(*operations)


def test_json_is_for_machines(update: RecordedProgress, capsys: pytest.CaptureFixture[str]) -> None:
    operation = update.begin("lake")
    code, shown = run(capsys, "--json")
    document: dict[str, Any] = json.loads(shown)
    assert (code, document["running"], document["project"], document["stack"]) == (0, True, "project", "dev")
    assert [(each["name"], each["status"]) for each in document["exports"]] == [
        ("pending", "pending"),
        ("lake", "running"),
    ]
    assert datetime.fromisoformat(document["began"]) == datetime.fromtimestamp(int(update.now), timezone.utc)
    assert document["exports"][1]["elapsed_seconds"] == pytest.approx(242, abs=30)
    operation.set_result(Result.DONE, 3, 1000)
    end(operation)
    assert json.loads(run(capsys, "--json")[1])["exports"][1]["bytes"] == 1000


@pytest.mark.parametrize(("secret", "shown"), [(["arn"], "[secret]"), (["execution_role_arn"], "lake00000000")])
def test_a_job_is_hidden_where_its_arn_is_secret(
    update: RecordedProgress, capsys: pytest.CaptureFixture[str], secret: list[str], shown: str
) -> None:
    host = DynamicHost()
    host.shared("progress", lambda: update.reporter)
    provider = ExportProvider(EARTH_OBSERVATION, "P", host)
    inputs = {"arn": job_arn("lake00000000"), SECRET_INPUTS: secret}
    with serving(HostCall(f"{URN}lake")):
        provider.check({}, inputs | VALID)
    with serving(HostCall(f"{URN}old")):
        provider.delete("123456789012/lake00000000", inputs)
    jobs = {each["name"]: each["job"] for each in json.loads(run(capsys, "--json")[1])["exports"]}
    assert jobs == {"pending": "pending-job", "lake": shown, "old": shown}
    assert ("lake00000000" in update.path.read_text()) == (shown == "lake00000000")
    assert shown in run(capsys, "--once")[1]


def test_without_an_update_of_the_stack_it_is_one_sentence(
    update: RecordedProgress, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys) == (1, "no update of the stack acme/project/dev is running here\n")
    assert run(capsys, "--json")[0] == 1
    operation = update.begin("lake")
    monkeypatch.setenv("PULUMI_GEOSPATIAL_PROGRESS", str(update.path))
    assert run(capsys, "--once")[0] == 0
    assert run(capsys, "--stack", "prod", "--once") == (1, "no update of the stack prod is running here\n")
    Path("../Pulumi.yaml").write_text("name: neighbor\nruntime: python\n")  # which records into the same file
    assert run(capsys, "--once") == (1, "no update of the stack acme/project/dev is running here\n")
    end(operation)


@pytest.mark.parametrize("setting", [".", "/", "/dev/null", "pipe"])
def test_what_is_no_file_has_no_progress(
    update: RecordedProgress, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    os.mkfifo("../pipe")
    monkeypatch.setenv("PULUMI_GEOSPATIAL_PROGRESS", setting)
    assert run(capsys) == (1, "no update of the stack acme/project/dev is running here\n")


def test_what_an_update_that_failed_has_left_is_shown(
    update: RecordedProgress, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ExportFailedError), update.operation("lake"):
        raise ExportFailedError("no")
    update.reporter.on_cancel()
    code, shown = run(capsys)
    began = datetime.fromtimestamp(int(update.now)).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    assert f"the last update of exports, begun {began}, has ended: exports: 1 failed, 1 not begun, 1 warning" in shown
    assert code == 1


@pytest.mark.parametrize("fails", [True, False])
def test_a_terminal_follows_the_update_to_its_end(
    update: RecordedProgress, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    operations = [update.begin("lake"), update.begin("pending")]
    steps = iter(
        [
            lambda: operations[0].set_status("queued: quota"),
            lambda: end(*operations, error=ExportFailedError("no") if fails else None),
            update.reporter.on_cancel,
        ]
    )
    monkeypatch.setattr("time.sleep", lambda seconds: next(steps)())
    console = Console(file=StringIO(), force_terminal=True, width=80)
    code = show_status("dev", console, is_once=False, as_json=False)
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    assert "queued: quota" in shown
    assert "Earth observation" not in shown  # 80 columns have no room for it
    assert code == (1 if fails else 0)
    assert (", has ended: exports: 2" if fails else "the update has ended: all exports are done") in shown
    erased_last_line = "\x1b[2K"
    left = shown.rpartition(erased_last_line)[2]
    assert ("failed" in left) == fails
    assert ("0/2 done, 2 failed" if fails else "the update has ended") in left.splitlines()[0]


def test_after_ctrl_c_the_table_stays(update: RecordedProgress, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = update.begin("lake")

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    console = Console(file=StringIO(), force_terminal=True, width=80)
    with pytest.raises(KeyboardInterrupt):
        show_status("dev", console, is_once=False, as_json=False)
    assert isinstance(console.file, StringIO)
    assert "lake" in console.file.getvalue().rpartition("\x1b[2K")[2]
    end(operation)


def test_a_folder_without_a_project_and_a_setting_without_a_file_are_errors(
    update: RecordedProgress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULUMI_GEOSPATIAL_PROGRESS", "off")
    assert run(capsys) == (2, "error: PULUMI_GEOSPATIAL_PROGRESS=off: no progress file is kept [SGE601]\n")
    monkeypatch.delenv("PULUMI_GEOSPATIAL_PROGRESS")
    monkeypatch.chdir("/")
    assert run(capsys) == (
        2,
        "error: there is no Pulumi.yaml here: run the command in the project's directory [SGE602]\n",
    )
