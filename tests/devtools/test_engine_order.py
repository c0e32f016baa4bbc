"""Where the engine comes from: PATH, the cache, the installer, a build; each forced, and none of them for real."""

from __future__ import annotations

import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import build, cache, find, installer
from devtools.say import Failed

PLUGINS = (cache.LANGUAGE, cache.DYNAMIC)
CHECKOUT = cache.HERE.parent
FAKE_GO = """#!/bin/sh
echo "$*" >>"$FAKE_GO_LOG"
if [ "$1" = version ]; then echo "go version go${FAKE_GO_VERSION:-1.99.0} linux/amd64"; exit; fi
while [ $# -gt 0 ]; do [ "$1" = -o ] && output=$2; shift; done
echo "go: downloading a module"; echo some/package
sleep "${FAKE_GO_SECONDS:-0}"
[ -n "$FAKE_GO_FAILS" ] && { echo "the reason of the failure"; exit 1; }
printf '#!/bin/sh\\necho v3.259.0\\n' >"$output"; chmod +x "$output"
"""
FAKE_SDK = """
import os, pathlib, time
class PulumiCommand:
    version = "3.300.0"
    @classmethod
    def install(cls, root):
        time.sleep(float(os.environ.get("FAKE_INSTALL_SECONDS", "0")))
        for name in os.environ.get("FAKE_INSTALLS", "pulumi pulumi-language-python pulumi-resource-pulumi-python").split():
            executable(pathlib.Path(root) / "bin" / name)
        return cls()
def executable(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\\necho v3.300.0\\n")
    path.chmod(0o755)
"""


def executable(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or "#!/bin/sh\n")
    path.chmod(0o755)
    return path


def engine_at(directory: Path, version: str, *plugins: str) -> Path:
    for plugin in plugins:
        executable(directory / plugin)
    return executable(directory / "pulumi", f"#!/bin/sh\necho v{version}\n").parent


@pytest.fixture
def fake_go(own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `go` that builds at once; gives the file with a line for each time it was called."""
    monkeypatch.setenv("FAKE_GO_LOG", str(tmp_path / "go.log"))
    executable(tmp_path / "bin" / "go", FAKE_GO)
    return tmp_path / "go.log"


@pytest.fixture
def fake_sdk(own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sdk" / "pulumi").mkdir(parents=True)
    (tmp_path / "sdk" / "pulumi" / "__init__.py").touch()
    (tmp_path / "sdk" / "pulumi" / "automation.py").write_text(FAKE_SDK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "sdk"))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A site that can be reached."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PULUMI_ENGINE_SITE", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


# On PATH


def test_a_recent_pulumi_on_path_with_its_plugins_is_used(own_cache: Path, tmp_path: Path) -> None:
    there = engine_at(tmp_path / "bin", "3.300.0", *PLUGINS)
    assert find.ensure() == there
    assert not own_cache.exists(), "it costs nothing"


@pytest.mark.parametrize(
    ("version", "plugins", "why"),
    [
        ("3.258.9", PLUGINS, "is v3.258.9"),
        ("of unknown age", PLUGINS, "or newer is needed"),
        ("3.300.0", PLUGINS[:1], f"has no {cache.DYNAMIC}"),
        ("3.300.0", (), f"has no {cache.LANGUAGE}"),
    ],
)
def test_a_pulumi_on_path_that_cannot_serve_is_passed_over_with_the_reason(
    own_cache: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    version: str,
    plugins: tuple[str, ...],
    why: str,
) -> None:
    engine_at(tmp_path / "bin", version, *plugins)
    assert find.on_path() is None
    assert why in capsys.readouterr().err


def test_an_engine_of_the_cache_on_path_does_not_hide_this_checkouts_plugins(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_at(own_cache / "3.259.0" / "bin", "3.259.0")
    older = engine_at(own_cache / "3.259.0" / "with-plugins-older", "3.259.0", *PLUGINS)
    monkeypatch.setenv("PATH", f"{older}{os.pathsep}{os.environ['PATH']}")
    found = find.on_path()
    assert found is not None
    assert found.parent == older.parent
    assert found != older


# In the cache


def test_the_newest_engine_in_the_cache_is_used_and_an_old_one_is_not(own_cache: Path) -> None:
    engine_at(own_cache / "3.100.0" / "bin", "3.100.0", *PLUGINS)
    assert cache.find() is None
    engine_at(own_cache / "3.259.0" / "bin", "3.259.0", *PLUGINS)
    newest = engine_at(own_cache / "3.1000.0" / "bin", "3.1000.0", *PLUGINS)
    assert find.ensure() == newest


def test_a_built_engine_has_our_plugins_beside_it_and_others_when_they_change(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_at(own_cache / "3.259.0" / "bin", "3.259.0")
    first = cache.find()
    assert first is not None
    assert {file.name for file in first.iterdir()} >= {"pulumi", *PLUGINS}
    assert all(os.access(first / name, os.X_OK) for name in ("pulumi", *PLUGINS))
    assert cache.find() == first
    shutil.copytree(cache.PLUGINS, tmp_path / "plugins")
    with open(tmp_path / "plugins" / "language_host.py", "a") as file:
        file.write("# changed\n")
    monkeypatch.setattr(cache, "PLUGINS", tmp_path / "plugins")
    second = cache.find()
    assert second is not None
    assert second != first
    assert first.exists()
    assert (second / "language_host.py").read_text().endswith("# changed\n")


def test_nothing_in_the_cache_names_the_checkout(own_cache: Path) -> None:
    engine_at(own_cache / "3.259.0" / "bin", "3.259.0")
    found = cache.find()
    assert found is not None
    assert not [file for file in found.iterdir() if str(CHECKOUT).encode() in file.read_bytes()]


# The official installer


def test_the_installer_puts_an_engine_into_the_cache(
    fake_sdk: None, site: None, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "installer")
    assert find.ensure(sys.executable) == own_cache / "3.300.0" / "bin"
    assert not list(own_cache.glob("tmp-*"))


def test_an_installation_without_a_plugin_is_none(
    fake_sdk: None, site: None, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_INSTALLS", "pulumi")
    with pytest.raises(Failed, match=f"brought no {cache.LANGUAGE}"):
        installer.install(sys.executable)
    assert cache.find() is None


def test_a_site_that_says_nothing_costs_less_than_ten_seconds(
    fake_sdk: None, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PULUMI_ENGINE_SITE", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(Failed, match=r"did not answer|cannot be reached"):
            installer.install(sys.executable)
        assert time.monotonic() - began < 10


def test_a_download_that_does_not_start_is_given_up(
    fake_sdk: None, site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installer.REACHED_WITHIN + installer.STARTED_WITHIN < 10
    monkeypatch.setattr(installer, "STARTED_WITHIN", 0.5)
    monkeypatch.setenv("FAKE_INSTALL_SECONDS", "60")
    with pytest.raises(Failed, match="stands still"):
        installer.install(sys.executable)


def test_without_the_sdk_there_is_no_installer(own_cache: Path, tmp_path: Path) -> None:
    python = executable(tmp_path / "bare", "#!/bin/sh\nexit 1\n")
    with pytest.raises(Failed, match="SDK is not installed"):
        installer.install(str(python))


# A build


def test_a_build_is_pinned_stamped_and_kept(fake_go: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "cache,build")
    found = find.ensure()
    assert found.parent == own_cache / "3.259.0"
    assert (found / cache.LANGUAGE).exists()
    command = fake_go.read_text().splitlines()[-1]
    for part in ("-mod=readonly", "-trimpath", f"-X {build.STAMP}=v3.259.0", build.PACKAGE):
        assert part in command
    assert find.ensure() == found
    assert len(fake_go.read_text().splitlines()) == 2, "one `go version` and one `go build`"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("FAKE_GO_VERSION", "1.20.1", "is 1.20.1: install Go"), ("FAKE_GO_FAILS", "1", "the reason of the failure")],
)
def test_a_build_that_cannot_work_says_why(
    fake_go: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Failed, match=said):
        build.build()
    assert not list(own_cache.glob("*.*.*"))
    assert not list(own_cache.glob("tmp-*"))


def test_a_long_build_says_how_far_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from devtools.say import run_with_progress

    command = ["sh", "-c", "echo 'go: downloading x'; echo some/package; sleep 0.6"]
    run_with_progress(command, what="building", describe=build._Progress(), every=0.2)
    assert "building: 0 s, 1 modules fetched, 1 packages compiled" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_is_interrupted_leaves_nothing_and_is_done_again(
    fake_go: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "cache,build")
    monkeypatch.setenv("FAKE_GO_SECONDS", "1.5")
    with ensure_engine() as process:
        until(lambda: fake_go.exists() and "build" in fake_go.read_text())
        process.send_signal(number)
        assert process.wait(timeout=10) != 0
    assert cache.find() is None
    monkeypatch.setenv("FAKE_GO_SECONDS", "0")
    with ensure_engine() as again:
        assert again.wait(timeout=20) == 0
    assert cache.find() is not None
    assert not list(own_cache.glob("tmp-*"))


def test_two_setups_at_once_build_once(fake_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "cache,build")
    monkeypatch.setenv("FAKE_GO_SECONDS", "1")
    both = [ensure_engine(), ensure_engine()]
    answers = [process.communicate(timeout=20)[0] for process in both]
    assert answers[0] == answers[1]
    assert answers[0].strip().startswith("/")
    assert fake_go.read_text().count("build ") == 1


def test_where_nothing_works_it_says_what_to_install(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "path,cache,build")
    with pytest.raises(Failed, match=r"install Pulumi 3\.259\.0 or newer .* or Go 1\.\d+"):
        find.ensure()


def test_a_forced_order_that_is_none_is_refused(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_ENGINE_FROM", "elsewhere")
    with pytest.raises(Failed, match="elsewhere is none of path, cache, installer, build"):
        find.ensure()


def ensure_engine() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "devtools", "ensure"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def until(true: object, seconds: float = 10) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
