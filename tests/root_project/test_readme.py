"""The READMEs: each command runs in a copy of the repository and prints the output that is shown."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.harness import CHECKOUT, ROLE, Emulator, job_arn
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack

README = (CHECKOUT / "README.md").read_text()
QUICKSTART = (CHECKOUT / "examples/quickstart/README.md").read_text()

#: Commands that are not run here, and what covers them.
NOT_RUN = {
    "make test": "the run of this test",
    "pip install git+https://HOST/OWNER/REPOSITORY.git": "test_the_package_can_be_installed",
}

MARKER = "#### "
EXAMPLE_CONFIGS = [f"examples/{name}/Pulumi.local.yaml" for name in ("quickstart", "leave-the-service")]


def shell_commands(text: str) -> list[tuple[str, list[str]]]:
    """Return the commands of the shell blocks in order, each with the output lines that are shown."""
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


def normalize(line: str) -> str:
    """Remove what differs between runs: durations and trailing spaces."""
    return re.sub(r"\b\d+(\.\d+)?s\b", "N s", line).rstrip()


def free_port() -> str:
    """Return a free port below the ephemeral range, so that no other connection takes it before the emulator does."""
    for port in random.sample(range(20000, 23000), 100):
        with socket.socket() as candidate, suppress(OSError):
            candidate.bind(("127.0.0.1", port))
            return str(port)
    raise AssertionError("found no free port")


@pytest.fixture
def configured_checkout(engine: None, checkout: Path) -> Iterator[tuple[Path, str, dict[str, str]]]:
    """A copy of the repository after `make setup`, with a free port in place of 5577, and a shell's environment."""
    port = free_port()
    for name in ("Makefile", "devtools/stack.py", "Pulumi.local.yaml", *EXAMPLE_CONFIGS):
        file = checkout / name
        file.write_text(file.read_text().replace("5577", port))
    # Reuse the packages of this run: tests/devtools covers their installation.
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
    excluded = ("PULUMI_", "AWS_", "VIRTUAL_ENV", "PYTHONPATH", "MAKE", "MFLAGS")
    env = {name: value for name, value in os.environ.items() if not name.startswith(excluded)}
    bin_directory = checkout.parent / "bin"  # `python3` is the interpreter of this run
    bin_directory.mkdir()
    (bin_directory / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (bin_directory / "python3").chmod(0o755)
    env["PATH"] = os.pathsep.join([str(bin_directory), env["PATH"]])
    yield checkout, port, env
    subprocess.run(["make", "clean"], cwd=checkout, env=env, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("text", ["README.md", "examples/quickstart/README.md", "examples/leave-the-service/README.md"])
def test_each_command_runs_and_prints_the_shown_output(
    text: str, configured_checkout: tuple[Path, str, dict[str, str]]
) -> None:
    checkout, port, env = configured_checkout
    commands = [each for each in shell_commands((CHECKOUT / text).read_text()) if each[0] not in NOT_RUN]
    if text != "README.md":
        commands.insert(0, ("make up", []))  # which its text requires
    script = "\n".join(f"echo; echo '{MARKER}{index}'\n{command}" for index, (command, _) in enumerate(commands))
    output = run_script(f"set -e\n{script}\n", checkout, env).replace(port, "5577")
    outputs = dict(re.findall(rf"^{MARKER}(\d+)\n(.*?)(?=^{MARKER}|\Z)", output, re.DOTALL | re.MULTILINE))
    for index, (command, shown) in enumerate(commands):
        actual = [normalize(line) for line in outputs[str(index)].splitlines()]
        position = 0
        for line in map(normalize, shown):
            if line == "…":
                continue
            matches = [at for at in range(position, len(actual)) if actual[at].startswith(line)]
            assert matches, f"`{command}` does not print {line!r} at this point:\n{outputs[str(index)]}"
            position = matches[0] + 1
    if text == "README.md":
        assert not (checkout / ".local").exists()


def test_the_make_commands_run_one_after_the_other(configured_checkout: tuple[Path, str, dict[str, str]]) -> None:
    checkout, _, env = configured_checkout
    assert "+ 3 created" in run_script("make up", checkout, env)
    for command in ("make up", "make preview", "make refresh"):
        assert "3 unchanged" in run_script(command, checkout, env), command
    assert "- 3 deleted" in run_script("make destroy", checkout, env)
    assert "adopted an existing export (" in run_script("make up", checkout, env)


def run_script(script: str, directory: Path, env: dict[str, str]) -> str:
    """Run a script in its own process group and return its output."""
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
        output, _ = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert process.returncode == 0, output
    return output


def test_the_readme_has_fewer_than_200_lines() -> None:
    assert len(README.splitlines()) < 200


def test_the_first_program_is_the_quickstart() -> None:
    program, _ = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert program == (CHECKOUT / "examples/quickstart/__main__.py").read_text()
    assert len([line for line in program.splitlines() if line]) == 10


def test_the_second_program_exports(project: Callable[[str], ProjectStack], demo: Emulator) -> None:
    _, lines = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert len([line for line in lines.splitlines() if line]) == 3
    constants = {"JOB_ARN": job_arn("demo00000001"), "ROLE_ARN": ROLE, "S3_URI": f"s3://{DEMO_BUCKET}/second-program/"}
    stack = project("examples/quickstart")
    stack.write_program("\n".join([*(f"{name} = {value!r}" for name, value in constants.items()), lines]))
    stack.up()
    assert demo.list_keys("second-program/demo00000001/", DEMO_BUCKET)


def test_the_commands_that_are_not_run_are_in_the_readme() -> None:
    assert NOT_RUN.keys() <= {command for command, _ in shell_commands(README)}


def test_the_readme_names_all_make_commands_and_no_others() -> None:
    listed = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    existing = set(re.findall(r"^  ([\w-]+)\t", listed, re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\$ )make ([\w-]+)", README + QUICKSTART, re.MULTILINE))
    assert named == existing


def test_each_link_points_to_an_existing_file() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README + QUICKSTART):
        assert (CHECKOUT / target).exists(), target


def test_the_default_settings_match_the_code() -> None:
    from pulumi_sagemaker_geospatial._runtime.rate_limiter import MAX_RATE
    from pulumi_sagemaker_geospatial._runtime.settings import MAX_CALLS_PER_SECOND, POLL_INTERVAL

    assert f"minimum polling interval per job, in seconds; default {POLL_INTERVAL.default:.0f}" in README
    pace = f"default: from {MAX_CALLS_PER_SECOND.default:.0f} up to {MAX_RATE:.0f}, as the service's throttling allows"
    assert f"maximum calls per second of each operation, for all exports; {pace}" in README


def test_the_package_can_be_installed(checkout: Path) -> None:
    """`pip install git+…` builds and installs the same wheel from a clone."""
    dist = checkout.parent / "dist"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    run_command([*pip, "wheel", "--no-deps", "--wheel-dir", str(dist), "."], checkout)
    [wheel] = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for package in ("pulumi_sagemaker_geospatial", "moto_sagemaker_geospatial"):
        assert f"{package}/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    fresh = checkout.parent / "fresh"
    run_command([sys.executable, "-m", "venv", str(fresh)], checkout)
    python = str(fresh / "bin/python")
    run_command([python, *pip[1:], "install", "--no-deps", str(wheel)], checkout)
    [packages] = (fresh / "lib").glob("python*/site-packages")
    (packages / "inherited.pth").write_text(sysconfig.get_path("purelib") + "\n")  # the installed requirements
    shutil.rmtree(checkout / "provider")
    program = (
        "import pulumi_sagemaker_geospatial as p, moto_sagemaker_geospatial as m; print(p.__file__); print(m.__file__)"
    )
    output = run_command([python, "-c", program], checkout)
    assert all(line.startswith(str(packages)) for line in output.splitlines()), output


def run_command(command: list[str], directory: Path) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
