"""A project on the real engine with our language host, and a cache of engines that is not the user's."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import cache

NO_BUILD = "our language host needs the engine built by Go: PULUMI_ENGINE_FROM=cache,build python3 -m devtools ensure"


@pytest.fixture(scope="session")
def built_engine() -> Path:
    """The bin directory of the built engine with this checkout's plugins."""
    home = cache.root() / cache.pinned()
    if not (home / "bin" / "pulumi").exists() or (home / "bin" / cache.LANGUAGE).exists():
        if os.environ.get("CI"):
            pytest.fail(NO_BUILD)
        pytest.skip(NO_BUILD)
    return cache.complete(home)


class Project:
    """One project and stack; each test puts its own program into it and says which command to run."""

    def __init__(self, directory: Path, engine: Path) -> None:
        self.directory = directory / "project"
        self.directory.mkdir()
        (directory / "state").mkdir()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
            "PATH": os.pathsep.join([str(engine), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }
        self.settings()
        assert self.pulumi("stack", "init", "test").returncode == 0

    def settings(self, options: str = "", more: str = "") -> None:
        self.write("Pulumi.yaml", f"name: project\nruntime:\n  name: python\n{options}{more}")

    def write(self, name: str, text: str) -> Path:
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        return subprocess.run(
            command, cwd=self.directory, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def preview(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.write("__main__.py", program)
        return self.pulumi("preview", *arguments)

    def up(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.write("__main__.py", program)
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory, built_engine: Path) -> Project:
    return Project(tmp_path_factory.mktemp("engine"), built_engine)


@pytest.fixture
def project(shared_project: Project) -> Iterator[Project]:
    yield shared_project
    shared_project.settings()


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and an empty PATH (but for what a shell script needs), so that nothing real is found."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.delenv("PULUMI_ENGINE_FROM", raising=False)
    (tmp_path / "bin").mkdir()
    return cache.root()
