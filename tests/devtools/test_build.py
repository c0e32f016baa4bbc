"""The build of an engine, with a fake Go."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from devtools import build, cache, locate
from devtools.errors import StepFailed

from .engine_fakes import TIMEOUT, find_or_install_process, wait_until


@pytest.fixture(autouse=True)
def build_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "cache,build")


def test_a_build_is_pinned_versioned_and_cached(go_log: Path, empty_cache: Path) -> None:
    engine = locate.find_or_install()
    assert engine.parent == empty_cache / "3.259.0"
    assert (engine / cache.LANGUAGE_PLUGIN).exists()
    command = go_log.read_text().splitlines()[-1]
    for part in ("-mod=readonly", "-trimpath", f"-X {build.VERSION_VARIABLE}=v3.259.0", build.GO_PACKAGE):
        assert part in command
    assert locate.find_or_install() == engine
    assert len(go_log.read_text().splitlines()) == 2, "one `go version` and one `go build`"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("FAKE_GO_VERSION", "1.20.1", "is 1.20.1: install Go"), ("FAKE_GO_FAILS", "1", "the reason of the failure")],
)
def test_a_failed_build_reports_the_reason(
    go_log: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StepFailed, match=reason):
        build.build_engine()
    assert not list(empty_cache.glob("*.*.*"))
    assert not list(empty_cache.glob("tmp-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_build_leaves_nothing_and_is_repeated(
    go_log: Path, go_hold: Path, empty_cache: Path, number: signal.Signals
) -> None:
    with find_or_install_process() as process:
        wait_until(lambda: go_log.exists() and "build" in go_log.read_text())
        process.send_signal(number)
        assert process.wait(timeout=TIMEOUT) != 0
    assert cache.find_newest() is None
    go_hold.unlink()
    with find_or_install_process() as process:
        _, log = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0, log
    assert cache.find_newest() is not None
    assert not list(empty_cache.glob("tmp-*"))


def test_two_setups_at_the_same_time_build_once(go_log: Path, go_hold: Path) -> None:
    with find_or_install_process() as first:
        wait_until(lambda: go_log.exists() and "build" in go_log.read_text())
        with find_or_install_process() as second:
            assert second.stderr is not None
            assert "another setup is installing an engine" in second.stderr.readline()
            go_hold.unlink()
            engines = [process.communicate(timeout=TIMEOUT)[0] for process in (first, second)]
    assert engines[0] == engines[1]
    assert engines[0].startswith("/")
    assert go_log.read_text().count("build ") == 1
