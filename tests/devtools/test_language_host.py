"""Our language host runs programs as Pulumi's own does: each sentence is tried by a program on the real engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.harness import CHECKOUT

from .conftest import Project

DYNAMIC = """
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("an-id", props)

class Thing(Resource):
    def __init__(self, name, **props):
        super().__init__(Provider(), name, props)
"""


def test_a_program_finds_the_world_as_a_script_does(project: Project) -> None:
    project.write("beside.py", "answer = 42")
    done = project.preview("""
        import json, os, sys, beside
        seen = [os.getcwd(), sys.path[0], __name__, __file__, sys.argv, sys.modules["__main__"].__dict__ is globals()]
        print("seen", json.dumps(seen), beside.answer)
    """)
    line = next(line for line in done.stdout.splitlines() if line.strip().startswith("seen"))
    here = str(project.directory)
    assert json.loads(line.strip().removeprefix("seen ").removesuffix(" 42")) == [
        here, ".", "__main__", f"{here}/__main__.py", ["."], True,
    ]  # fmt: skip


def test_a_program_that_pulumi_yaml_names_runs_in_its_own_directory(project: Project) -> None:
    project.settings(more="main: inner/app.py\n")
    project.write("inner/near.py", "answer = 7")
    project.write("inner/app.py", "import os, near\nprint('in', os.getcwd(), near.answer)")
    assert f"in {project.directory / 'inner'} 7" in project.pulumi("preview").stdout


def test_a_main_that_is_a_directory_is_run_by_its_main_file(project: Project) -> None:
    project.settings(more="main: folder/\n")
    project.write("folder/close.py", "answer = 8")
    project.write("folder/__main__.py", "import os, close\nprint('in', os.getcwd(), close.answer)")
    assert f"in {project.directory / 'folder'} 8" in project.pulumi("preview").stdout


def test_a_project_without_a_program_is_told_so(project: Project) -> None:
    (project.directory / "__main__.py").unlink(missing_ok=True)
    done = project.pulumi("preview")
    assert done.returncode != 0
    assert "unable to find main python program `__main__.py`" in done.stdout


def test_stdout_and_stderr_are_shown(project: Project) -> None:
    done = project.preview(
        "import sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\nprint('unended', end='')"
    )
    assert done.returncode == 0
    for text in ("to stdout", "to stderr", "unended"):
        assert text in done.stdout


def test_output_is_shown_while_the_program_runs(project: Project) -> None:
    project.write("__main__.py", "import time\nprint('first')\ntime.sleep(1.5)\nprint('second')")
    with _running(project, "preview") as process:
        times: dict[str, float] = {}
        for line in process.stdout or ():
            times.setdefault(line.strip().rpartition(" ")[2], time.monotonic())
    assert times["second"] - times["first"] > 1


def test_an_exception_is_its_traceback_from_the_programs_first_line(project: Project) -> None:
    done = project.preview("""
        def inner():
            raise ValueError("boom") from KeyError("cause")
        inner()
    """)
    assert done.returncode not in (0, None)
    assert "Program failed with an unhandled exception:" in done.stdout
    for text in ("KeyError: 'cause'", "in inner", "ValueError: boom"):
        assert text in done.stdout
    assert "language_host.py" not in done.stdout
    assert "1 error\n" in done.stdout, "said once"


def test_an_exception_in_an_apply_is_shown_too(project: Project) -> None:
    done = project.preview("import pulumi\npulumi.Output.from_input(1).apply(lambda x: x / 0)")
    assert done.returncode != 0
    assert "ZeroDivisionError: division by zero" in done.stdout


def test_a_run_error_is_its_sentence_alone(project: Project) -> None:
    done = project.preview("import pulumi\nraise pulumi.RunError('just this sentence')")
    assert done.returncode != 0
    assert "error: just this sentence\n" in done.stdout
    assert "Traceback" not in done.stdout
    assert "exit code" not in done.stdout


@pytest.mark.parametrize(
    ("code", "fails", "said"),
    [
        ("0", False, ""),
        ("None", False, ""),
        ("3", True, "program exited with non-zero exit code: 3"),
        ("'the reason'", True, "the reason"),
    ],
)
def test_sys_exit_ends_a_program_with_its_code(project: Project, code: str, fails: bool, said: str) -> None:
    done = project.preview(f"import sys\nsys.exit({code})")
    assert (done.returncode != 0) is fails
    assert said in done.stdout
    assert "Traceback" not in done.stdout


def test_a_syntax_error_names_the_line(project: Project) -> None:
    done = project.preview("x = 1\ndef (:\n")
    assert done.returncode != 0
    assert '__main__.py", line 2' in done.stdout
    assert "SyntaxError" in done.stdout


def test_config_and_secrets_reach_the_program(project: Project) -> None:
    assert project.pulumi("config", "set", "plain", "a value").returncode == 0
    assert project.pulumi("config", "set", "hidden", "hush-hush", "--secret").returncode == 0
    done = project.up("""
        import pulumi
        config = pulumi.Config()
        pulumi.export("plain", config.require("plain"))
        pulumi.export("hidden", config.require_secret("hidden"))
        pulumi.export("where", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
    """)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hush-hush" not in done.stdout
    outputs = json.loads(project.pulumi("stack", "output", "--json", "--show-secrets").stdout)
    assert outputs == {"plain": "a value", "hidden": "hush-hush", "where": ["project", "test", "organization"]}


def test_the_state_keeps_no_frame_below_the_program_but_one(project: Project) -> None:
    done = project.up(DYNAMIC + "Thing('shallow', a=1)\n")
    assert done.returncode == 0, done.stdout + done.stderr
    resources = json.loads(project.pulumi("stack", "export").stdout)["deployment"]["resources"]
    thing = next(each for each in resources if each["type"] == "pulumi-python:dynamic:Resource")
    frames = [frame["sourcePosition"] for frame in thing["stackTrace"]]
    below = [frame for frame in frames if "__main__.py" not in frame]
    assert len(below) <= 1, frames
    assert thing["sourcePosition"].startswith("project:///__main__.py#")


@pytest.mark.parametrize("verb", ["refresh", "destroy"])
def test_run_program_runs_it_for_refresh_and_destroy(project: Project, verb: str) -> None:
    project.write("__main__.py", DYNAMIC + f"print('ran for {verb}')\nThing('kept', a=1)\n")
    done = project.pulumi(verb, "--yes", "--skip-preview", "--run-program")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ran for {verb}" in done.stdout


def test_an_async_program_and_transforms_work(project: Project) -> None:
    done = project.preview("""
        import asyncio, pulumi
        pulumi.runtime.register_resource_transform(lambda args: print("transformed", args.name))

        class Component(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("a:b:Component", name)

        Component("early")

        async def main():
            await asyncio.sleep(0.01)
            Component("late")
            return {"exported": "asynchronously"}

        pulumi.run(main)
    """)
    assert done.returncode == 0, done.stdout + done.stderr
    for text in ("transformed early", "transformed late", "asynchronously"):
        assert text in done.stdout


def test_a_signal_handler_can_be_set_as_on_any_main_thread(project: Project) -> None:
    done = project.preview("import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nprint('set')")
    assert done.returncode == 0
    assert "set" in done.stdout


def test_the_virtual_environment_of_pulumi_yaml_runs_the_program(project: Project) -> None:
    venv = _venv(project.directory / "its venv")
    project.settings(options="  options:\n    virtualenv: 'its venv'\n")
    done = project.preview("import os, sys\nprint('prefix', sys.prefix, os.environ['VIRTUAL_ENV'])")
    assert f"prefix {venv} {venv}" in done.stdout, done.stdout + done.stderr


def test_a_host_of_another_python_hands_the_program_to_the_right_one(project: Project) -> None:
    # Written so that the launcher's look at Pulumi.yaml does not see it: the host itself must correct the guess.
    venv = _venv(project.directory / "hidden")
    project.settings(options='  options: {"virtual\\u0065nv": hidden}\n')
    done = project.preview("import sys\nprint('prefix', sys.prefix)\nprint('live', file=sys.stderr)")
    assert f"prefix {venv}" in done.stdout, done.stdout + done.stderr
    assert "live" in done.stdout
    failed = project.preview("raise ValueError('over there')")
    assert failed.returncode != 0
    assert "ValueError: over there" in failed.stdout


def test_a_virtual_environment_that_is_not_there_is_named_with_the_way_to_make_it(project: Project) -> None:
    project.settings(options="  options: {virtualenv: nowhere}\n")
    done = project.preview("print('no')")
    assert done.returncode != 0
    assert "nowhere" in done.stdout
    assert "-m venv" in done.stdout


def test_an_inline_program_of_the_automation_api_runs(project: Project) -> None:
    script = project.write("automate.py", """
        import os, sys
        from pulumi import automation, export

        def program():
            export("said", "inline")

        stack = automation.create_or_select_stack("inline", project_name="inlined", program=program)
        print(stack.up().outputs["said"].value, stack.preview().change_summary)
        """)  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(script)], cwd="/", env=project.env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.startswith("inline "), done.stdout + done.stderr


@pytest.mark.parametrize(
    "program",
    [
        "import time\nprint('started')\ntime.sleep(60)\n",
        "import asyncio, pulumi\nasync def main():\n    print('started')\n    await asyncio.sleep(60)\npulumi.run(main)\n",
    ],
    ids=["asleep", "awaiting"],
)
def test_ctrl_c_ends_it_at_once_and_without_noise(project: Project, program: str) -> None:
    project.write("__main__.py", program)
    with _running(project, "preview") as process:
        seen: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            seen.append(line)
            if "started" in line:
                break
        began = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        rest = threading.Thread(target=lambda: seen.extend(process.stdout or ()))
        rest.start()
        process.wait(timeout=20)
        rest.join(timeout=5)
    assert time.monotonic() - began < 3
    output = "".join(seen)
    assert "preview canceled" in output
    for noise in ("Traceback", "KeyboardInterrupt", "unhandled", "rpc error", "EOF"):
        assert noise not in output


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a thread be named to take a signal")
def test_a_signal_that_another_thread_has_taken_ends_it() -> None:
    command = [sys.executable, str(CHECKOUT / "devtools/plugins/language_host.py"), "127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        threads = [int(each.name) for each in Path(f"/proc/{process.pid}/task").iterdir()]
        os.kill(next(each for each in threads if each != process.pid), signal.SIGINT)
        assert process.wait(timeout=10) == 0


def _running(project: Project, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        cwd=project.directory,
        env=project.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _venv(path: Path) -> Path:
    """A virtual environment that borrows the packages of the one that runs the tests, so that it costs no download."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)
    packages = next(path.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text("\n".join(entry for entry in sys.path if entry.endswith("site-packages")))
    return path
