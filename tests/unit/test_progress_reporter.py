"""What is reported about a run, to the engine and to the progress file, and when."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi_sagemaker_geospatial._progress.file import ProgressFile, candidate_paths, is_being_written, read_lines
from pulumi_sagemaker_geospatial._progress.lines import RecordedRun, parse_lines
from pulumi_sagemaker_geospatial._progress.operations import Result, Verb
from pulumi_sagemaker_geospatial.errors import CancelledError, ExportFailedError

from tests.support.recorded_progress import RecordedProgress, end
from tests.support.threads import Background


@pytest.fixture
def live(tmp_path: Path) -> RecordedProgress:
    return RecordedProgress(tmp_path, is_live=True)


@pytest.fixture
def quiet(tmp_path: Path) -> RecordedProgress:
    return RecordedProgress(tmp_path, is_live=False)


def test_a_terminal_shows_each_status_and_its_time(live: RecordedProgress) -> None:
    with live.operation("lake") as operation:
        operation.set_status("queued: quota")
        live.now += 10
        operation.set_status("queued: quota")  # the same one is shown with its time by `update`
        live.reporter.update()
        operation.set_status("running")
        live.now += 240
        operation.set_status("waiting: throttled")
        operation.set_status("running")  # for as long as before
        live.now += 2
        live.reporter.update()
        operation.set_result(Result.DONE, 3, 3000)
    assert live.rows == [
        ("lake", "queued: quota 0s"),
        ("lake", "queued: quota 10s"),
        ("", "0/1 done, 10s, 1 queued: quota"),
        ("lake", "0s running"),
        ("lake", "waiting: throttled 4m00s"),
        ("lake", "4m00s running"),
        ("lake", "4m02s running"),
        ("", "0/1 done, 4m12s"),
        ("lake", "3 objects verified"),
    ]
    live.reporter.on_cancel()
    assert live.messages == [("", "exports: 1 done, 3 objects, 3.0 kB, 4m12s, 1 warning")]


def test_a_log_has_the_stacks_line_and_one_line_for_an_adoption(quiet: RecordedProgress) -> None:
    with quiet.operation("lake") as operation:
        operation.set_status("running")
        quiet.now += 60
        quiet.reporter.update()
        operation.set_result(Result.DONE, 3, 3000)
    with quiet.operation("old") as operation:
        operation.set_adopted("adopted an existing export")
        operation.set_result(Result.DONE, 3, 3000)
    assert quiet.rows == [("", "0/1 done, 1m00s"), ("old", "adopted")]
    quiet.reporter.on_cancel()
    totals = "exports: 2 done (1 adopted), 6 objects, 6.0 kB, 1m00s, 1 warning"
    assert quiet.messages == [("old", "adopted an existing export"), ("", totals)]


def test_several_adoptions_are_one_line(quiet: RecordedProgress) -> None:
    for name in "abc":
        with quiet.operation(name) as operation:
            operation.set_adopted("adopted an existing export")
            operation.set_result(Result.DONE, 3, 3000)
    quiet.reporter.on_cancel()
    [(urn, sentence), _] = quiet.messages
    assert (urn, sentence.partition(":")[0]) == ("", "3 exports adopted (9 objects, 9.0 kB)")


def test_many_rows_are_updated_at_a_limited_rate(live: RecordedProgress) -> None:
    operations = [live.begin(str(number)) for number in range(100)]
    live.rows.clear()
    for _ in range(10):
        live.now += 1
        live.reporter.update()
    assert len([urn for urn, _ in live.rows if urn]) == 200  # each of them every five seconds
    end(*operations)


def test_the_totals_are_reported_once_and_only_when_nothing_runs(live: RecordedProgress) -> None:
    live.reporter.on_cancel()  # of a run without operations
    with live.operation("lake"):
        live.reporter.on_cancel()  # Ctrl-C
        assert live.messages == []
    for _ in range(3):
        live.reporter.on_cancel()
    assert [text for _, text in live.messages] == ["exports: 1 done, 1 warning"]


def test_the_end_of_an_interrupted_run_waits_for_the_operations(live: RecordedProgress) -> None:
    operation = live.begin("lake")
    live.reporter.on_cancel()
    ending = Background(live.reporter.on_cancel)
    end(operation, error=CancelledError("cancelled"))
    ending.result()
    [(_, cancelled), (_, totals)] = live.messages
    assert cancelled.startswith("1 export cancelled: lake; ")
    assert totals == "exports: 1 cancelled, 1 warning"


def test_the_file_tells_the_run_while_it_goes_on_and_is_removed_after_a_success(quiet: RecordedProgress) -> None:
    for name in ("lake", "next"):
        quiet.expect(name)
    assert not quiet.path.exists()  # a preview expects operations, and begins none
    with quiet.operation("lake") as operation:
        operation.set_status("running")
        assert quiet.statuses() == {"lake": "running", "next": "pending"}
        assert is_being_written(quiet.path)
        assert stat.S_IMODE(quiet.path.stat().st_mode) == 0o600
        lines = len(read_lines(quiet.path) or [])
        operation.set_status("running")
        assert len(read_lines(quiet.path) or []) == lines
        operation.set_result(Result.DONE, 3, 3000)
    [lake, _] = quiet.recorded().run
    assert (lake.job, lake.kind, lake.objects, lake.size) == ("lake-job", "Earth observation job", 3, 3000)
    with quiet.operation("next", Verb.UPDATE) as operation:
        operation.set_result(Result.UPDATED)
    assert quiet.statuses()["next"] == "updated"
    quiet.reporter.on_cancel()
    assert not quiet.path.exists()


def test_the_file_is_kept_after_a_failure(quiet: RecordedProgress) -> None:
    with pytest.raises(ExportFailedError), quiet.operation("lake"):
        raise ExportFailedError("no")
    with pytest.raises(CancelledError), quiet.operation("other"):
        raise CancelledError("stopped")
    quiet.reporter.on_cancel()
    assert quiet.statuses() == {"lake": "failed", "other": "cancelled"}
    recorded = quiet.recorded()
    assert (recorded.project, recorded.stack, recorded.ended, recorded.run.warnings) == ("project", "dev", 1000.0, 1)
    assert not is_being_written(quiet.path)


def test_without_a_urn_nothing_is_reported(live: RecordedProgress) -> None:
    with live.reporter.operation("", "", "", Verb.CREATE) as operation:
        operation.set_status("running")
        operation.set_adopted("adopted an existing export")
        operation.set_result(Result.DONE)
    live.reporter.on_cancel()
    assert live.rows == live.messages == []


def test_a_folder_that_cannot_be_written_gives_way_to_the_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    paths = candidate_paths("a/b", "dev", tmp_path / "missing", None)
    file = ProgressFile(paths)
    file.create('{"progress":1}\n')
    assert file.path == paths[1]
    assert (paths[1].name, stat.S_IMODE(paths[1].parent.stat().st_mode)) == ("a_b.dev.jsonl", 0o700)
    file.remove()
    assert not paths[1].exists()
    paths[1].parent.rmdir()
    (tmp_path / "elsewhere").mkdir()
    paths[1].parent.symlink_to(tmp_path / "elsewhere")
    assert_refused(ProgressFile(paths))
    other = os.getuid() + 1
    (tmp_path / f"pulumi-geospatial-{other}").mkdir()  # made by this user, for another one
    monkeypatch.setattr("os.getuid", lambda: other)
    assert_refused(ProgressFile(candidate_paths("project", "dev", tmp_path / "missing", None)))


def assert_refused(file: ProgressFile) -> None:
    file.create("one\n")
    file.write("two\n")
    assert file.path is None


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("target")], ids=["folder", "pipe", "link"]
)
def test_what_is_no_file_is_kept_and_neither_read_nor_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    target, path = tmp_path / "target", tmp_path / "progress.jsonl"
    target.write_text('{"progress":1}\n')
    make(path)
    assert read_lines(path) is None
    assert not is_being_written(path)
    assert ProgressFile([path]).create("new\n") == f"{path}: is no regular file"
    assert (target.read_text(), path.exists()) == ('{"progress":1}\n', True)
    fallback = ProgressFile([path, tmp_path / "other"])
    assert fallback.create("new\n") is None
    assert fallback.path == tmp_path / "other"
    fallback.close()


def test_a_file_that_another_update_writes_is_kept_until_that_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    first, second = ProgressFile([path]), ProgressFile([path])
    first.create('{"progress":1}\n')
    assert second.create("new\n") == f"{path}: is the progress file of another update, which is running"
    first.close()
    assert second.create("new\n") is None
    second.close()


def test_a_file_that_is_no_progress_file_is_kept_and_a_warning_says_so(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: precious")
    progress = RecordedProgress(tmp_path, setting="Pulumi.yaml")
    with progress.operation("lake"):
        pass
    assert (tmp_path / "Pulumi.yaml").read_text() == "name: precious"
    [(name, warning)] = progress.messages
    assert (name, warning) == (
        "",
        "progress is not recorded, as PULUMI_GEOSPATIAL_PROGRESS names a file that cannot be used: "
        f"{tmp_path}/Pulumi.yaml: is no progress file, and is not overwritten",
    )


@pytest.mark.parametrize(
    ("content", "is_replaced"), [("", True), ('{"progress":1,"project":"p"}\n', True), ("x", False)]
)
def test_an_empty_file_or_one_of_an_earlier_run_is_replaced(tmp_path: Path, content: str, is_replaced: bool) -> None:
    path = tmp_path / "progress.jsonl"
    path.write_text(content)
    file = ProgressFile([path])
    assert (file.create("new\n") is None) is is_replaced
    file.close()
    assert path.read_text() == ("new\n" if is_replaced else content)


def test_a_folder_that_was_chosen_and_does_not_exist_is_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "progress.jsonl"
    assert ProgressFile([path]).create("new\n") == f"{path}: No such file or directory"


def test_the_setting_is_a_path_or_off(tmp_path: Path) -> None:
    assert candidate_paths("project", "dev", tmp_path, "off") == []
    assert candidate_paths("project", "dev", tmp_path, "/run/progress") == [Path("/run/progress")]
    assert candidate_paths("project", "dev", tmp_path, "progress") == [tmp_path / "progress"]


@pytest.mark.parametrize("text", ["", "{}", "no JSON", '{"progress":2,"project":"p","stack":"s"}', "[1]"])
def test_another_file_is_not_taken_for_one_of_progress(text: str) -> None:
    assert parse_lines([text]) is None


def test_a_line_that_was_cut_off_is_skipped() -> None:
    recorded = parse_lines(['{"progress":1,"project":"p","stack":"s","time":1.0}', '{"urn":"u","ver', '{"warnings":1}'])
    assert recorded == RecordedRun("p", "s", 1.0)
