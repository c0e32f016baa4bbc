"""The official installer, with a fake SDK and a local site."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from devtools import cache, installer, locate
from devtools.errors import StepFailed
from devtools.installer import DownloadMonitor

from .engine_fakes import write_executable


def test_the_installer_adds_an_engine_to_the_cache(
    fake_sdk: None, installer_site: None, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "installer")
    assert locate.find_or_install(sys.executable) == empty_cache / "3.300.0" / "bin"
    assert not list(empty_cache.glob("tmp-*"))


def test_an_installation_without_a_plugin_is_not_cached(
    fake_sdk: None, installer_site: None, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_INSTALLS", "pulumi")
    with pytest.raises(StepFailed, match=f"did not install {cache.LANGUAGE_PLUGIN}"):
        installer.install_engine(sys.executable)
    assert cache.find_newest() is None


def test_without_the_sdk_the_installer_fails(empty_cache: Path, tmp_path: Path) -> None:
    python = write_executable(tmp_path / "bare", "#!/bin/sh\nexit 1\n")
    with pytest.raises(StepFailed, match="SDK is not installed"):
        installer.install_engine(str(python))


def test_an_unreachable_site_costs_at_most_ten_seconds() -> None:
    assert installer.CONNECT_TIMEOUT + installer.FIRST_BYTE_TIMEOUT < 10


def test_a_site_that_does_not_respond_fails_the_installer(fake_sdk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "CONNECT_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PULUMI_ENGINE_SITE", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StepFailed, match=r"did not respond|cannot be reached"):
            installer.install_engine(sys.executable)


def test_a_download_that_does_not_start_is_ended(
    fake_sdk: None, installer_site: None, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "FIRST_BYTE_TIMEOUT", 0.5)
    monkeypatch.setenv("FAKE_INSTALL_SECONDS", "600")
    with pytest.raises(StepFailed, match="stalled at 0 MB"):
        installer.install_engine(sys.executable)
    assert not list(empty_cache.glob("tmp-*"))


def test_a_download_that_stops_growing_stalls() -> None:
    download = DownloadMonitor(now=100.0)
    last_growth = 100.0 + installer.FIRST_BYTE_TIMEOUT
    assert download.update(last_growth, 5_000_000) is None
    download.update(last_growth + installer.STALL_TIMEOUT, 5_000_000)
    with pytest.raises(StepFailed, match="stalled at 5 MB after 66 s"):
        download.update(last_growth + installer.STALL_TIMEOUT + 1, 5_000_000)


def test_a_growing_download_is_reported_once_per_interval() -> None:
    download = DownloadMonitor(now=0.0)
    messages = [download.update(float(second), second * 1_000_000) for second in range(1, 40)]
    assert [message for message in messages if message] == [
        "downloading the engine: 16 s, 16 MB",
        "downloading the engine: 32 s, 32 MB",
    ]
