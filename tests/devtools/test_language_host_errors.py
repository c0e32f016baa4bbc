"""The language host reports a program's errors like Pulumi's own, on the real engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .pulumi_project import PulumiProject


def test_a_project_without_a_program_is_an_error(project: PulumiProject) -> None:
    (project.directory / "__main__.py").unlink(missing_ok=True)
    result = project.pulumi("preview")
    assert result.returncode != 0
    assert "unable to find main python program `__main__.py`" in result.stdout


def test_an_exception_shows_the_traceback_of_the_program_only(project: PulumiProject) -> None:
    result = project.preview("""
        def inner():
            raise ValueError("boom") from KeyError("cause")
        inner()
    """)
    assert result.returncode not in (0, None)
    assert "Program failed with an unhandled exception:" in result.stdout
    for text in ("KeyError: 'cause'", "in inner", "ValueError: boom"):
        assert text in result.stdout
    assert "language_host" not in result.stdout
    assert "1 error\n" in result.stdout, "reported once"


def test_an_exception_in_an_apply_is_shown(project: PulumiProject) -> None:
    result = project.preview("import pulumi\npulumi.Output.from_input(1).apply(lambda x: x / 0)")
    assert result.returncode != 0
    assert "ZeroDivisionError: division by zero" in result.stdout


def test_a_run_error_shows_its_message_only(project: PulumiProject) -> None:
    result = project.preview("import pulumi\nraise pulumi.RunError('just this sentence')")
    assert result.returncode != 0
    assert "error: just this sentence\n" in result.stdout
    assert "Traceback" not in result.stdout
    assert "exit code" not in result.stdout


@pytest.mark.parametrize(
    ("code", "fails", "message"),
    [
        ("0", False, ""),
        ("None", False, ""),
        ("3", True, "program exited with non-zero exit code: 3"),
        ("'the reason'", True, "the reason"),
    ],
)
def test_sys_exit_ends_the_program_with_its_code(project: PulumiProject, code: str, fails: bool, message: str) -> None:
    result = project.preview(f"import sys\nsys.exit({code})")
    assert (result.returncode != 0) is fails
    assert message in result.stdout
    assert "Traceback" not in result.stdout


def test_a_syntax_error_names_the_line(project: PulumiProject) -> None:
    result = project.preview("x = 1\ndef (:\n")
    assert result.returncode != 0
    assert '__main__.py", line 2' in result.stdout
    assert "SyntaxError" in result.stdout


def test_an_interpreter_without_the_sdk_is_named_in_one_sentence(project: PulumiProject) -> None:
    venv = project.directory / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    project.write_settings(runtime_options="  options: {virtualenv: bare}\n")
    result = project.preview("print('not run')")
    assert result.returncode != 0
    first, *rest = result.stderr.strip().splitlines()
    assert first.startswith(
        f"The Pulumi SDK cannot be imported by {venv}/bin/python (No module named 'grpc'): install "
    )
    assert [line for line in rest if line and not line.startswith("error: failed to load language plugin python")] == []
    assert "Traceback" not in result.stdout + result.stderr


def test_a_policy_pack_is_refused_in_one_sentence(project: PulumiProject) -> None:
    project.write("policy/PulumiPolicy.yaml", "runtime: python\nversion: 0.0.1\n")
    project.write("policy/__main__.py", "print('not run')")
    project.write("__main__.py", "")
    result = project.pulumi("preview", "--policy-pack", "policy")
    assert result.returncode != 0
    [line] = result.stderr.splitlines()
    assert "policy packs and plugins in Python need Pulumi's own language host: install Pulumi (https://" in line


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_damaged_plugin_file_is_named_in_the_error(project: PulumiProject, content: str) -> None:
    for name in ("damaged/pulumi-plugin.json", "damaged/__init__.py", "damaged-1.dist-info/METADATA"):
        project.write(name, "Name: damaged\nVersion: 1\n" if name.endswith("METADATA") else content)
    result = project.pulumi("preview", PYTHONPATH=str(project.directory))
    assert result.returncode != 0
    assert f"{project.directory}/damaged/pulumi-plugin.json " in result.stdout + result.stderr
    assert "Exception calling application" not in result.stdout + result.stderr
