"""Fixtures: the repository's projects, and copies of the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import CHECKOUT, Emulator
from tests.root_project.project_stack import ProjectStack
from tests.root_project.shell import free_port

EXAMPLE_CONFIGS = [f"examples/{name}/Pulumi.local.yaml" for name in ("quickstart", "leave-the-service")]


@pytest.fixture
def project(engine: None, demo: Emulator, tmp_path: Path) -> Callable[[str], ProjectStack]:
    """Return a function that copies the project in a folder of the repository and creates its stack."""
    return lambda folder: ProjectStack(tmp_path / "project", demo.url, program=folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository without generated files."""
    ignored = shutil.ignore_patterns(
        ".git", ".venv", ".local", "__pycache__", ".*_cache", ".hypothesis", "dist", "build", "*.egg-info"
    )
    copy = tmp_path / "checkout"
    shutil.copytree(CHECKOUT, copy, ignore=ignored)
    return copy


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
