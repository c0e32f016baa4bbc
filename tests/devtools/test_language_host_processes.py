"""The language host's processes: virtual environments, second runs, cancellation and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from devtools import paths

from .engine_fakes import TIMEOUT
from .pulumi_project import COMMAND_TIMEOUT, PulumiProject

LANGUAGE_HOST = [sys.executable, str(paths.PLUGINS / "language_host.py"), "127.0.0.1:1"]


def create_venv(path: Path) -> Path:
    """Create a virtual environment with the packages of the tests, so that nothing is downloaded."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)
    packages = next(path.glob("lib/python*/site-packages"))
    (packages / "inherited.pth").write_text("\n".join(entry for entry in sys.path if entry.endswith("site-packages")))
    return path


def test_the_virtual_environment_of_pulumi_yaml_runs_the_program(project: PulumiProject) -> None:
    venv = create_venv(project.directory / "its venv")
    project.write_settings(runtime_options="  options:\n    virtualenv: 'its venv'\n")
    result = project.preview("import os, sys\nprint('prefix', sys.prefix, os.environ['VIRTUAL_ENV'])")
    assert f"prefix {venv} {venv}" in result.stdout, result.stdout + result.stderr


def test_a_host_with_another_interpreter_runs_the_program_in_a_child_process(project: PulumiProject) -> None:
    venv = create_venv(project.directory / "escaped")
    # The launcher does not decode the escaped option, so it starts the language host with another interpreter.
    project.write_settings(runtime_options='  options: {"virtual\\u0065nv": escaped}\n')
    result = project.preview("import sys\nprint('prefix', sys.prefix)\nprint('live', file=sys.stderr)")
    assert f"prefix {venv}" in result.stdout, result.stdout + result.stderr
    assert "live" in result.stdout
    failed = project.preview("raise ValueError('in the child process')")
    assert failed.returncode != 0
    assert "ValueError: in the child process" in failed.stdout


def test_a_missing_virtual_environment_is_an_error_that_says_how_to_create_it(project: PulumiProject) -> None:
    project.write_settings(runtime_options="  options: {virtualenv: nowhere}\n")
    result = project.preview("print('not run')")
    assert result.returncode != 0
    assert "nowhere" in result.stdout
    assert "-m venv" in result.stdout


def test_an_inline_program_of_the_automation_api_runs(project: PulumiProject) -> None:
    script = project.write("automate.py", """
        import os, sys
        from pulumi import automation, export

        def program():
            export("kind", "inline")

        stack = automation.create_or_select_stack("inline", project_name="inlined", program=program)
        print(stack.up().outputs["kind"].value, stack.preview().change_summary)
        """)  # fmt: skip
    result = subprocess.run(
        [sys.executable, str(script)],
        cwd="/",
        env=project.env,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT,
        check=False,
    )
    assert result.stdout.startswith("inline "), result.stdout + result.stderr


@pytest.mark.parametrize(
    "program",
    [
        "import time\nprint('started')\ntime.sleep(600)\n",
        "import asyncio, pulumi\nasync def main():\n    print('started')\n    await asyncio.sleep(600)\npulumi.run(main)\n",
    ],
    ids=["sleeping", "awaiting"],
)
def test_ctrl_c_ends_the_program_without_noise(project: PulumiProject, program: str) -> None:
    lines: list[str] = []
    with project.background_preview(program) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if "started" in line:
                break
        os.kill(process.pid, signal.SIGINT)
        reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
        reader.start()
        process.wait(timeout=TIMEOUT)
        reader.join(timeout=TIMEOUT)
    output = "".join(lines)
    assert "preview canceled" in output
    for noise in ("Traceback", "KeyboardInterrupt", "unhandled", "rpc error", "EOF"):
        assert noise not in output


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can deliver a signal to a thread by its ID")
def test_a_signal_that_is_delivered_to_another_thread_ends_the_host() -> None:
    with subprocess.Popen(LANGUAGE_HOST, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        threads = [int(each.name) for each in Path(f"/proc/{process.pid}/task").iterdir()]
        os.kill(next(each for each in threads if each != process.pid), signal.SIGINT)
        assert process.wait(timeout=TIMEOUT) == 0


def test_the_host_starts_if_python_does_not_add_its_directory_to_the_path() -> None:
    env = {**os.environ, "PYTHONSAFEPATH": "1"}
    with subprocess.Popen(LANGUAGE_HOST, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=TIMEOUT) == 0
