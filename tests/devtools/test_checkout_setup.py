"""The checkout's own things: its virtual environment, its emulator, its environment for a shell, its Makefile."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devtools import cache, place

CHECKOUT = cache.HERE.parent
FAKE_EMULATOR = """
import http.server, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
if "--fails" in open(__file__.replace("__main__", "how")).read():
    sys.exit("the emulator's own words")
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a space in its path, with an empty list of requirements and an emulator that is none."""
    root = tmp_path / "a checkout"
    shutil.copytree(CHECKOUT / "devtools", root / "devtools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "Makefile", root)
    (root / "requirements.txt").write_text("# nothing\n")
    module = root / "emulator" / "moto_sagemaker_geospatial"
    module.mkdir(parents=True)
    (module / "__main__.py").write_text(FAKE_EMULATOR)
    (module / "how.py").write_text("")
    return root


def run(checkout: Path, code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout / "emulator"), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


ENSURE = "from devtools import venv; print(venv.ensure())"


def test_a_virtual_environment_is_made_once_and_made_again_when_it_was_interrupted(checkout: Path) -> None:
    for seconds, number in ((0.3, signal.SIGKILL), (1.2, signal.SIGINT)):
        process = subprocess.Popen([sys.executable, "-c", ENSURE], cwd=checkout, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(number)
        process.wait(timeout=10)
        assert not (checkout / ".venv" / "installed").exists()
    done = run(checkout, ENSURE)
    assert done.returncode == 0, done.stderr
    python = checkout / ".venv" / "bin" / "python"
    assert done.stdout.strip() == str(python)
    assert subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    began = time.monotonic()
    again = run(checkout, ENSURE)
    assert again.stderr == ""
    assert time.monotonic() - began < 1
    for file in ("requirements.txt", "constraints.txt"):
        (checkout / file).write_text("# something else\n")
        changed = run(checkout, ENSURE)
        assert "installing the requirements" in changed.stderr
        assert "making" not in changed.stderr


def test_requirements_that_cannot_be_installed_are_said_with_pips_words(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / "requirements.txt").write_text("./no-such-directory\n")
    code = "from devtools import venv; venv._make = lambda v: None; venv.ensure()"
    done = run(checkout, code)
    assert done.returncode != 0
    assert "no-such-directory" in done.stderr
    assert not (checkout / ".venv" / "installed").exists()


START = "import os; from devtools import emulator; emulator.start({port}, dict(os.environ)); print(emulator._record()['pid'])"
STOP = "from devtools import emulator; emulator.stop()"


@pytest.fixture
def emulated(checkout: Path) -> Path:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".local").mkdir()
    return checkout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_the_emulator_is_started_found_again_moved_and_stopped(emulated: Path) -> None:
    first, other = free_port(), free_port()
    try:
        started = run(emulated, START.format(port=first))
        assert started.returncode == 0, started.stderr
        assert f"http://127.0.0.1:{first}" in started.stderr
        found = run(emulated, START.format(port=first))
        assert found.stdout == started.stdout
        assert found.stderr == ""
        moved = run(emulated, START.format(port=other))
        assert moved.stdout != started.stdout
        assert "starting it anew" in moved.stderr
        os.utime(emulated / "emulator" / "moto_sagemaker_geospatial" / "how.py", (time.time() + 9, time.time() + 9))
        renewed = run(emulated, START.format(port=other))
        assert renewed.stdout != moved.stdout, "other code is another emulator"
    finally:
        run(emulated, STOP)
    assert not (emulated / ".local" / "emulator.pid").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", other)) != 0


def test_a_port_that_is_taken_is_said_with_the_way_to_another(emulated: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(emulated, START.format(port=taken.getsockname()[1]))
    assert done.returncode != 0
    assert "is used by another program" in done.stderr
    assert "make up PORT=" in done.stderr


def test_an_emulator_that_does_not_start_is_said_with_its_last_words(emulated: Path) -> None:
    (emulated / "emulator" / "moto_sagemaker_geospatial" / "how.py").write_text("# --fails\n")
    done = run(emulated, START.format(port=free_port()))
    assert done.returncode != 0
    assert "the emulator's own words" in done.stderr
    assert not (emulated / ".local" / "emulator.pid").exists()


def test_another_port_goes_into_a_copy_of_the_stacks_file(emulated: Path) -> None:
    (emulated / "Pulumi.local.yaml").write_text("config:\n  aws:endpoints: http://127.0.0.1:5577\n")
    code = "from devtools import stack; print(stack.Stack('{}', {}, {{}})._config())"
    assert run(emulated, code.format("local", 5577)).stdout == "[]\n"
    assert run(emulated, code.format("prod", 6000)).stdout == "[]\n"
    copy = emulated / ".local" / "Pulumi.local.yaml"
    assert run(emulated, code.format("local", 6000)).stdout == f"{['--config-file', str(copy)]}\n"
    assert copy.read_text() == "config:\n  aws:endpoints: http://127.0.0.1:6000\n"


def test_a_shell_evaluates_the_environment_with_spaces_and_keeps_what_the_user_set(emulated: Path) -> None:
    code = "from pathlib import Path; from devtools import place; print(place.exports(Path('/an engine/bin')))"
    lines = run(emulated, code, PULUMI_CONFIG_PASSPHRASE="the user's own", PULUMI_DIY_BACKEND_ZSTD="false").stdout
    script = (
        lines + 'printf "%s\\n" "$PATH" "$PULUMI_BACKEND_URL" "$PULUMI_CONFIG_PASSPHRASE" "$PULUMI_DIY_BACKEND_ZSTD"'
    )
    env = {"PATH": "/usr/bin:/bin"}
    shown = subprocess.run(
        ["sh", "-c", script], env=env, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert shown == [
        f"{emulated}/.venv/bin:/an engine/bin:/usr/bin:/bin",
        f"file://{emulated}/.local/state",
        "the user's own",
        "false",
    ]


def test_make_lists_its_commands() -> None:
    done = subprocess.run(["make", "-s", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    for command in ["setup", "up", "preview", "refresh", "destroy", "test", "check", "bench", "clean", "env"]:
        assert f"\n  {command}\t" in done.stdout


def test_make_says_which_python_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "-s", "setup", f"PYTHON={old}"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"{old} is not Python 3.10 or newer: install one, or name it" in done.stderr


def test_what_runs_here_is_this_checkouts() -> None:
    assert place.CHECKOUT == CHECKOUT


@pytest.mark.parametrize(("number", "whole_terminal"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_a_command_in_the_foreground_ends_in_its_own_way(number: signal.Signals, whole_terminal: bool) -> None:
    child = 'trap "echo ended gently; exit 3" INT TERM; echo ready; while :; do sleep 0.1; done'
    code = f"import os, sys; from pathlib import Path; from devtools.say import foreground\nsys.exit(foreground(['sh', '-c', {child!r}], Path('.'), dict(os.environ)))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        (os.killpg if whole_terminal else os.kill)(process.pid, number)
        assert process.stdout.read() == "ended gently\n"
    assert process.returncode == 3
