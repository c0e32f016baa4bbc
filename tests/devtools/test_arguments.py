"""Arguments that cannot be used: one sentence, and nothing is created, changed or started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .checkout_copy import TIMEOUT

STACKS = {name: f"config:\n  project:bucket: {name}\n" for name in ("dev", "local", "prod")}


@pytest.fixture
def configured(checkout: Path) -> Path:
    for name, text in STACKS.items():
        (checkout / f"Pulumi.{name}.yaml").write_text(text)
    return checkout


def run_make(checkout: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "MAKE", "MFLAGS"))
    }
    return subprocess.run(
        ["make", "-s", *arguments, f"PYTHON={sys.executable}"],
        cwd=checkout,
        env={**inherited, **env},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def files(checkout: Path) -> dict[str, str]:
    found = (path for path in checkout.rglob("*") if path.is_file())
    return {str(path): path.read_text() for path in found}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["up", "PORT=70000"], "PORT=70000 is not a port: choose a number from 1 to 65535, as in `make up PORT=5600`"),
        (["up", "PORT=abc"], "PORT=abc is not a port: "),
        (["up", "PORT=0"], "PORT=0 is not a port: "),
        (["up", "PORT=-1"], "PORT=-1 is not a port: "),
        (["up", "PORT=" + "9" * 5000], "is not a port: "),
        (["preview", "PORT="], "PORT= is not a port: "),
        (["up", "STACK="], "STACK is empty: choose one of dev, local, prod"),
        (["env", "STACK=--help"], "STACK=--help is unknown, as Pulumi.--help.yaml does not exist: choose one of dev, "),
        (
            ["up", "STACK=prd"],
            "STACK=prd is unknown, as Pulumi.prd.yaml does not exist: choose one of dev, local, prod",
        ),
        (["destroy", "STACK=acme/prd"], "STACK=acme/prd is unknown, as Pulumi.prd.yaml does not exist: "),
        (["refresh", "STACK=../prod/x"], "STACK=../prod/x is unknown, as Pulumi.x.yaml does not exist: "),
    ],
)
def test_a_bad_argument_is_refused_in_one_sentence(configured: Path, arguments: list[str], sentence: str) -> None:
    before = files(configured)
    result = run_make(configured, *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    message, make_error = result.stderr.splitlines()
    assert message.startswith("» ")
    assert sentence in message
    assert make_error.endswith("Error 2")
    assert files(configured) == before


def test_an_unknown_command_is_refused_in_one_sentence(configured: Path) -> None:
    command = [sys.executable, "-B", "-m", "devtools", "deploy"]
    result = subprocess.run(command, cwd=configured, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("» argument command: invalid choice: 'deploy'")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["PULUMI_BACKEND_URL", "PULUMI_HOME"])
@pytest.mark.parametrize("command", ["up", "env"])
def test_the_settings_of_local_are_refused_for_another_stack(configured: Path, command: str, name: str) -> None:
    value = f"{'file://' if name == 'PULUMI_BACKEND_URL' else ''}{configured}/.local/state"
    result = run_make(configured, command, "STACK=acme/prod", **{name: value})
    assert result.returncode == 2
    assert result.stderr.startswith(
        f"» {name} is {value}, which belongs to the stack local: set your own for the stack "
    )
    assert not (configured / ".local").exists()


def test_a_state_that_an_older_version_kept_in_the_checkout_is_not_left_behind(configured: Path) -> None:
    state = configured / ".local/state/.pulumi/stacks/sagemaker-geospatial-exports/prod.json.zst"
    state.parent.mkdir(parents=True)
    state.touch()
    result = run_make(configured, "up", "STACK=acme/prod")
    assert result.returncode == 2
    assert (
        f"the state of the stack acme/prod is in {state.relative_to(configured)}, where an older version"
        in result.stderr
    )
    assert not (configured / ".venv").exists()


def test_clean_removes_what_local_made_and_lists_what_it_keeps(configured: Path) -> None:
    local = configured / ".local"
    stacks = local / "state/.pulumi/stacks"
    made = [
        local / "emulator.log", local / "Pulumi.local.yaml", local / "pulumi/credentials.json", configured / ".venv/bin/python",
        stacks / "quickstart/local.json.zst", stacks / "exports/local.json.bak", stacks.parent / "history/exports/local/1.json",
    ]  # fmt: skip
    kept = [local / "notes.txt", stacks / "exports/prod.json.zst", stacks.parent / "history/exports/prod/1.json"]
    for file in [*made, *kept]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    result = run_make(configured, "clean", XDG_CACHE_HOME="/the/cache")
    assert result.returncode == 0
    assert [file for file in made if file.exists()] == []
    assert [file for file in kept if not file.exists()] == []
    assert result.stderr.splitlines() == [
        "» removing .venv, and what the stack local made in .local",
        "» keeping .local/notes.txt; .local/state with the state of prod; "
        "the engine in /the/cache/pulumi-sagemaker-geospatial/engine; your own backends with the other stacks",
    ]
    for file in kept:
        file.unlink()
    run_make(configured, "clean")
    assert not local.exists()
