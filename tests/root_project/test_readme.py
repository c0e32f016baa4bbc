"""What the READMEs say is so: each command is run in a copy of the checkout, each line of output is a real one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import CHECKOUT, ROLE, Emulator, arn
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack

README = (CHECKOUT / "README.md").read_text()
QUICKSTART = (CHECKOUT / "examples/quickstart/README.md").read_text()

#: Commands that are not run here as they stand, and the test that covers them.
ELSEWHERE = {
    "make test": "this is it",
    "pip install git+https://HOST/OWNER/REPOSITORY.git": "test_the_package_can_be_installed",
}

MARK = "#### "
EXAMPLES = [f"examples/{name}/Pulumi.local.yaml" for name in ("quickstart", "leave-the-service")]


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """The shell blocks as (command, the lines that the README shows of its output), in their order."""
    found: list[tuple[str, list[str]]] = []
    for language, body in re.findall(r"^```(\S+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        if language not in ("sh", "console"):
            continue
        for line in body.splitlines():
            if language == "sh" or line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    return found


def normal(line: str) -> str:
    """Without what differs from run to run: the seconds, and spaces at a line's end."""
    return re.sub(r"\b\d+(\.\d+)?s\b", "N s", line).rstrip()


@pytest.fixture
def ready(engine: None, checkout: Path) -> Iterator[tuple[Path, str, dict[str, str]]]:
    """A copy of the checkout as `make setup` leaves it, with a free port for 5577, and an environment to type in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    for name in ("Makefile", "devtools/stack.py", "Pulumi.local.yaml", *EXAMPLES):
        file = checkout / name
        file.write_text(file.read_text().replace("5577", port))
    # The packages are those of this run: installing them anew is the business of tests/devtools.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=checkout, check=True)
    [packages] = (checkout / ".venv/lib").glob("python*/site-packages")
    paths = [checkout / "provider", checkout / "emulator"]
    inherited = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})"
    (packages / "checkout.pth").write_text("\n".join([*map(str, paths), inherited, ""]))
    stamp = (
        "from pathlib import Path; from devtools.venv import fingerprint; print(*fingerprint(Path.cwd()), sep='\\n')"
    )
    installed = subprocess.run([sys.executable, "-c", stamp], cwd=checkout, check=True, capture_output=True, text=True)
    (checkout / ".venv/installed").write_text(installed.stdout.strip())
    left_out = ("PULUMI_", "AWS_", "VIRTUAL_ENV", "PYTHONPATH", "MAKE", "MFLAGS")
    env = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    bin_directory = checkout.parent / "bin"  # `python3` is the one of this run
    bin_directory.mkdir()
    (bin_directory / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (bin_directory / "python3").chmod(0o755)
    env["PATH"] = os.pathsep.join([str(bin_directory), env["PATH"]])
    yield checkout, port, env
    subprocess.run(["make", "clean"], cwd=checkout, env=env, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("text", ["README.md", "examples/quickstart/README.md", "examples/leave-the-service/README.md"])
def test_each_command_runs_and_prints_what_is_shown(text: str, ready: tuple[Path, str, dict[str, str]]) -> None:
    checkout, port, env = ready
    commands = [each for each in blocks((CHECKOUT / text).read_text()) if each[0] not in ELSEWHERE]
    if text != "README.md":
        commands.insert(0, ("make up", []))  # as its text asks for
    script = "\n".join(f"echo; echo '{MARK}{index}'\n{command}" for index, (command, _) in enumerate(commands))
    printed = run(f"set -e\n{script}\n", checkout, env).replace(port, "5577")
    outputs = dict(re.findall(rf"^{MARK}(\d+)\n(.*?)(?=^{MARK}|\Z)", printed, re.DOTALL | re.MULTILINE))
    for index, (command, shown) in enumerate(commands):
        real = [normal(line) for line in outputs[str(index)].splitlines()]
        position = 0
        for line in map(normal, shown):
            if line == "…":
                continue
            later = [at for at in range(position, len(real)) if real[at].startswith(line)]
            assert later, f"`{command}` does not print {line!r} there:\n{outputs[str(index)]}"
            position = later[0] + 1
    if text == "README.md":
        assert not (checkout / ".local").exists()


def test_the_make_commands_in_turn(ready: tuple[Path, str, dict[str, str]]) -> None:
    checkout, _, env = ready
    assert "+ 3 created" in run("make up", checkout, env)
    for command in ("make up", "make preview", "make refresh"):
        assert "3 unchanged" in run(command, checkout, env), command
    assert "- 3 deleted" in run("make destroy", checkout, env)
    assert "adopted the export of" in run("make up", checkout, env)


def run(script: str, directory: Path, env: dict[str, str]) -> str:
    """Run a script in a process group of its own, and return all that it prints."""
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=directory,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert process.returncode == 0, printed
    return printed


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 200


def test_the_ten_lines_are_the_quickstart() -> None:
    program, _ = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert program == (CHECKOUT / "examples/quickstart/__main__.py").read_text()
    assert len([line for line in program.splitlines() if line]) == 10


def test_the_three_lines_export(project: Callable[[str], ProjectStack], demo: Emulator) -> None:
    _, lines = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert len([line for line in lines.splitlines() if line]) == 3
    given = {"JOB_ARN": arn("demo00000001"), "ROLE_ARN": ROLE, "S3_URI": f"s3://{DEMO_BUCKET}/three/"}
    stack = project("examples/quickstart")
    stack.write("\n".join([*(f"{name} = {value!r}" for name, value in given.items()), lines]))
    stack.up()
    assert demo.keys("three/demo00000001/", DEMO_BUCKET)


def test_the_commands_that_are_not_run_are_still_in_the_readme() -> None:
    assert ELSEWHERE.keys() <= {command for command, _ in blocks(README)}


def test_each_make_command_in_the_text_is_one() -> None:
    listed = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    there = set(re.findall(r"^  (\w+)\t", listed, re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\$ )make (\w+)", README + QUICKSTART, re.MULTILINE))
    assert named <= there
    assert there <= named  # and each is in the text


def test_each_link_leads_to_a_file() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README + QUICKSTART):
        assert (CHECKOUT / target).exists(), target


def test_the_numbers_are_those_of_the_code() -> None:
    from pulumi_sagemaker_geospatial.limits import MAX_CALLS_PER_SECOND, POLL_INTERVAL

    assert f"the shortest time between two looks at one job; default {POLL_INTERVAL.default:.0f}" in README
    assert f"of all exports together; default {MAX_CALLS_PER_SECOND.default:.0f}" in README


def test_the_package_can_be_installed(checkout: Path) -> None:
    """`pip install git+…` builds this wheel from a clone, and installs it."""
    dist = checkout.parent / "dist"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    run_quietly([*pip, "wheel", "--no-deps", "--wheel-dir", str(dist), "."], checkout)
    [wheel] = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for package in ("pulumi_sagemaker_geospatial", "moto_sagemaker_geospatial"):
        assert f"{package}/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    fresh = checkout.parent / "fresh"
    run_quietly([sys.executable, "-m", "venv", str(fresh)], checkout)
    python = str(fresh / "bin/python")
    run_quietly([python, *pip[1:], "install", "--no-deps", str(wheel)], checkout)
    [packages] = (fresh / "lib").glob("python*/site-packages")
    (packages / "inherited.pth").write_text(sysconfig.get_path("purelib") + "\n")  # its requirements, as they are here
    shutil.rmtree(checkout / "provider")
    asked = (
        "import pulumi_sagemaker_geospatial as p, moto_sagemaker_geospatial as m; print(p.__file__); print(m.__file__)"
    )
    printed = run_quietly([python, "-c", asked], checkout)
    assert all(line.startswith(str(packages)) for line in printed.splitlines()), printed


def run_quietly(command: list[str], directory: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
