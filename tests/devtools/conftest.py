"""Fixtures: a project on the real engine, an empty cache of engines, fake sources of an engine, a copy of the checkout."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import cache, installer

from .checkout_copy import copy_checkout
from .engine_fakes import FAKE_GO, FAKE_SDK, TIMEOUT, write_executable
from .pulumi_project import PulumiProject

NO_BUILT_ENGINE = (
    "the language host needs an engine built with Go: run "
    "PULUMI_ENGINE_FROM=cache,build python3 -m devtools find-or-install"
)


@pytest.fixture(scope="session")
def built_engine() -> Path:
    """The bin directory of the built engine with this checkout's plugins."""
    engine = cache.root() / cache.required_version()
    if not (engine / "bin" / "pulumi").exists() or (engine / "bin" / cache.LANGUAGE_PLUGIN).exists():
        if os.environ.get("CI"):
            pytest.fail(NO_BUILT_ENGINE)
        pytest.skip(NO_BUILT_ENGINE)
    return cache.with_plugins(engine)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory, built_engine: Path) -> PulumiProject:
    return PulumiProject(tmp_path_factory.mktemp("engine"), built_engine)


@pytest.fixture
def project(shared_project: PulumiProject) -> Iterator[PulumiProject]:
    yield shared_project
    shared_project.write_settings()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a PATH with the system's commands only, so that no real engine is found."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.delenv("PULUMI_ENGINE_FROM", raising=False)
    (tmp_path / "bin").mkdir()
    return cache.root()


@pytest.fixture
def go_log(empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of a fake `go`: one line for each call."""
    monkeypatch.setenv("FAKE_GO_LOG", str(tmp_path / "go.log"))
    write_executable(tmp_path / "bin" / "go", FAKE_GO)
    return tmp_path / "go.log"


@pytest.fixture
def go_hold(go_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file; the fake `go build` finishes when it is removed."""
    hold = tmp_path / "hold"
    hold.touch()
    monkeypatch.setenv("FAKE_GO_HOLD", str(hold))
    yield hold
    hold.unlink(missing_ok=True)


@pytest.fixture
def fake_sdk(empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sdk" / "pulumi").mkdir(parents=True)
    (tmp_path / "sdk" / "pulumi" / "__init__.py").touch()
    (tmp_path / "sdk" / "pulumi" / "automation.py").write_text(FAKE_SDK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "sdk"))


@pytest.fixture
def installer_site(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A site that responds, and timeouts that a busy machine does not reach."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PULUMI_ENGINE_SITE", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(installer, "CONNECT_TIMEOUT", TIMEOUT)
        monkeypatch.setattr(installer, "FIRST_BYTE_TIMEOUT", TIMEOUT)
        yield
        server.shutdown()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout, with a space in its path."""
    return copy_checkout(tmp_path / "a checkout")
