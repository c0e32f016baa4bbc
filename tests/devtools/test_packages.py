"""The installation of packages: with uv, with pip where uv fails, and from the sources that pip is configured with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from devtools import packages
from devtools.errors import StepFailed

from .engine_fakes import write_executable

FAKE = '#!/bin/sh\necho "$(basename "$0") $*" >> "$(dirname "$0")/log"\n'


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A fake interpreter that logs how it and a fake uv beside it are called."""
    (tmp_path / "bin").mkdir()
    write_executable(tmp_path / "bin" / "python", FAKE)
    return tmp_path / "bin" / "python"


def calls(python: Path) -> list[str]:
    """Return the installations, without pip's own options."""
    lines = (python.parent / "log").read_text().splitlines()
    return [f"{line.split()[0]}: {line.rpartition(' ')[2]}" for line in lines if "install" in line]


def test_packages_are_installed_with_uv_where_the_environment_has_it(python: Path, tmp_path: Path) -> None:
    packages.install(python, "installing", ["a==1"], tmp_path)
    write_executable(python.parent / "uv", FAKE)
    packages.install(python, "installing", ["b==1"], tmp_path)
    assert calls(python) == ["python: a==1", "uv: b==1"]


def test_pip_installs_what_uv_cannot(python: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for broken in (f"{FAKE}echo the reason\nexit 1\n", "not a program\n"):
        write_executable(python.parent / "uv", broken)
        packages.install(python, "installing", ["a==1"], tmp_path)
        assert calls(python)[-1] == "python: a==1"
        log = capsys.readouterr().err
        assert log.startswith("» uv: ")
        assert log.endswith("; trying again with pip\n")
        assert log.count("\n") == 1


def test_the_locked_uv_is_installed_before_the_lock_file(
    python: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "constraints.txt").write_text("a==1 \\\n    --hash=sha256:0\nuv==1 \\\n    --hash=sha256:1\n")
    packages.install(python, "installing", packages.LOCKED, tmp_path)
    assert len(calls(python)) == 2, "uv, and the lock file"
    write_executable(python, f"{FAKE}echo no connection\nexit 1\n")
    with pytest.raises(StepFailed, match=r"^installing failed .*\n  no connection$"):
        packages.install(python, "installing", packages.LOCKED, tmp_path)
    assert capsys.readouterr().err == "» installing uv failed (exit code 1): no connection\n"


def test_uv_uses_the_sources_that_pip_is_configured_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://a.example/simple\ntimeout = 5\ncert = /a.pem\nquiet = 1\n"
        "[install]\nindex-url = https://b.example/simple\ncert = /b.pem\n[freeze]\ntimeout = 10\n"
    )
    monkeypatch.setenv("PIP_CERT", "/c.pem")
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels /more")
    assert packages.uv_settings(Path(sys.executable)) == {
        "UV_DEFAULT_INDEX": "https://b.example/simple",
        "UV_HTTP_TIMEOUT": "5",
        "SSL_CERT_FILE": "/c.pem",
        "UV_FIND_LINKS": "/wheels,/more",
    }
