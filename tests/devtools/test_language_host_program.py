"""The language host runs a program like Pulumi's own: script environment, output, config and state, on the real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .pulumi_project import PulumiProject

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


def test_a_program_has_the_environment_of_a_script(project: PulumiProject) -> None:
    project.write("beside.py", "answer = 42")
    result = project.preview("""
        import json, os, sys, beside
        seen = [os.getcwd(), sys.path[0], __name__, __file__, sys.argv, sys.modules["__main__"].__dict__ is globals()]
        print("seen", json.dumps(seen), beside.answer)
    """)
    line = next(line for line in result.stdout.splitlines() if line.strip().startswith("seen"))
    directory = str(project.directory)
    assert json.loads(line.strip().removeprefix("seen ").removesuffix(" 42")) == [
        directory, ".", "__main__", f"{directory}/__main__.py", ["."], True,
    ]  # fmt: skip


def test_a_main_file_in_pulumi_yaml_runs_in_its_own_directory(project: PulumiProject) -> None:
    project.write_settings(settings="main: inner/app.py\n")
    project.write("inner/near.py", "answer = 7")
    project.write("inner/app.py", "import os, near\nprint('in', os.getcwd(), near.answer)")
    assert f"in {project.directory / 'inner'} 7" in project.pulumi("preview").stdout


def test_a_main_directory_in_pulumi_yaml_runs_its_main_file(project: PulumiProject) -> None:
    project.write_settings(settings="main: folder/\n")
    project.write("folder/close.py", "answer = 8")
    project.write("folder/__main__.py", "import os, close\nprint('in', os.getcwd(), close.answer)")
    assert f"in {project.directory / 'folder'} 8" in project.pulumi("preview").stdout


def test_stdout_and_stderr_are_shown(project: PulumiProject) -> None:
    result = project.preview(
        "import sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\nprint('no newline', end='')"
    )
    assert result.returncode == 0
    for text in ("to stdout", "to stderr", "no newline"):
        assert text in result.stdout


def test_output_is_shown_while_the_program_runs(project: PulumiProject, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = f"""
        import pathlib, sys, time
        print("first")
        deadline = time.monotonic() + 120
        while not pathlib.Path({str(seen)!r}).exists():
            if time.monotonic() > deadline:
                sys.exit("nobody saw the first line")
            time.sleep(0.05)
        print("second")
    """
    lines = []
    with project.background_preview(program) as process:
        for line in process.stdout or ():
            lines.append(line.strip())
            if line.strip().endswith("first"):
                seen.touch()
        assert process.wait() == 0, lines
    assert any(line.endswith("second") for line in lines)


def test_config_and_secrets_reach_the_program(project: PulumiProject) -> None:
    assert project.pulumi("config", "set", "plain", "a value").returncode == 0
    assert project.pulumi("config", "set", "hidden", "hush-hush", "--secret").returncode == 0
    result = project.up("""
        import pulumi
        config = pulumi.Config()
        pulumi.export("plain", config.require("plain"))
        pulumi.export("hidden", config.require_secret("hidden"))
        pulumi.export("names", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
    """)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "hush-hush" not in result.stdout
    outputs = json.loads(project.pulumi("stack", "output", "--json", "--show-secrets").stdout)
    assert outputs == {"plain": "a value", "hidden": "hush-hush", "names": ["project", "test", "organization"]}


def test_the_state_has_at_most_one_frame_below_the_program(project: PulumiProject) -> None:
    result = project.up(DYNAMIC + "Thing('shallow', a=1)\n")
    assert result.returncode == 0, result.stdout + result.stderr
    resources = json.loads(project.pulumi("stack", "export").stdout)["deployment"]["resources"]
    thing = next(each for each in resources if each["type"] == "pulumi-python:dynamic:Resource")
    frames = [frame["sourcePosition"] for frame in thing["stackTrace"]]
    below = [frame for frame in frames if "__main__.py" not in frame]
    assert len(below) <= 1, frames
    assert thing["sourcePosition"].startswith("project:///__main__.py#")


@pytest.mark.parametrize("command", ["refresh", "destroy"])
def test_run_program_runs_the_program_for_refresh_and_destroy(project: PulumiProject, command: str) -> None:
    project.write("__main__.py", DYNAMIC + f"print('ran for {command}')\nThing('declared', a=1)\n")
    result = project.pulumi(command, "--yes", "--skip-preview", "--run-program")
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"ran for {command}" in result.stdout


def test_a_program_runs_in_the_debug_modes_of_python_and_asyncio(project: PulumiProject) -> None:
    program = f"""{DYNAMIC}
async def later():
    return "awaited"

first = Thing("debugged", a=later())
second = Thing("dependent", a=first.id.apply(lambda value: value + "!"))
pulumi.export("debug", [pulumi.runtime.sync_await._sync_await(later()), second.id, asyncio.get_event_loop().get_debug()])
"""
    result = project.up(f"import asyncio\n{program}", PYTHONDEVMODE="1", PYTHONASYNCIODEBUG="1")
    assert result.returncode == 0, result.stdout + result.stderr
    for noise in ("Warning", "Traceback", "Error"):
        assert noise not in result.stdout + result.stderr
    assert json.loads(project.pulumi("stack", "output", "--json").stdout) == {"debug": ["awaited", "an-id", True]}


def test_an_async_program_and_transforms_work(project: PulumiProject) -> None:
    result = project.preview("""
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
    assert result.returncode == 0, result.stdout + result.stderr
    for text in ("transformed early", "transformed late", "asynchronously"):
        assert text in result.stdout


def test_a_program_can_set_a_signal_handler(project: PulumiProject) -> None:
    result = project.preview("import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nprint('set')")
    assert result.returncode == 0
    assert "set" in result.stdout
