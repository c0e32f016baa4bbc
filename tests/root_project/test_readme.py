"""The READMEs and the tutorial: each command runs in a copy of the repository and prints the output that is shown."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import CHECKOUT, ROLE, Emulator, job_arn
from tests.root_project.project_stack import DEMO_BUCKET, ProjectStack
from tests.root_project.shell import assert_commands_print_what_is_shown, run_script, shell_commands

README = (CHECKOUT / "README.md").read_text()
QUICKSTART = (CHECKOUT / "examples/quickstart/README.md").read_text()

#: Commands that are not run here, and what covers them.
NOT_RUN = {
    "make test": "the run of this test",
    "pip install git+https://HOST/OWNER/REPOSITORY.git": "test_package.py",
    "git clone https://HOST/OWNER/REPOSITORY.git exports": "the fixture configured_checkout",
    "cd exports": "the fixture configured_checkout",
}


@pytest.mark.parametrize("text", ["README.md", "docs/tutorial.md", "examples/leave-the-service/README.md"])
def test_each_command_runs_and_prints_the_shown_output(
    text: str, configured_checkout: tuple[Path, str, dict[str, str]]
) -> None:
    checkout, port, env = configured_checkout
    page = shell_commands((CHECKOUT / text).read_text())
    commands = [(command.replace("5577", port), shown) for command, shown in page if command not in NOT_RUN]
    if text.startswith("examples/"):
        commands.insert(0, ("make up", []))  # which its text requires
    assert_commands_print_what_is_shown(commands, checkout, env, {port: "5577"})
    if "make clean" in dict(commands):
        assert not (checkout / ".local").exists()


def test_the_commands_of_the_quickstart_are_run_as_those_of_the_readme() -> None:
    readme = shell_commands(README)
    assert [each for each in shell_commands(QUICKSTART) if each not in readme] == []


def test_the_make_commands_run_one_after_the_other(configured_checkout: tuple[Path, str, dict[str, str]]) -> None:
    checkout, _, env = configured_checkout
    assert "+ 3 created" in run_script("make up", checkout, env)
    for command in ("make preview", "make refresh"):
        assert "3 unchanged" in run_script(command, checkout, env), command
    assert "- 3 deleted" in run_script("make destroy", checkout, env)


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


def test_the_commands_that_are_not_run_are_in_the_readme_or_the_tutorial() -> None:
    tutorial = (CHECKOUT / "docs/tutorial.md").read_text()
    assert NOT_RUN.keys() <= {command for command, _ in shell_commands(README + tutorial)}


def test_the_readme_names_all_make_commands_and_no_others() -> None:
    listed = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    existing = set(re.findall(r"^  ([\w-]+) ", listed, re.MULTILINE))
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
