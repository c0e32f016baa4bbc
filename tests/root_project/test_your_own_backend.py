"""Stacks other than `local` use the operator's backend; docs/your-own-backend.md moves one out of the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import CHECKOUT, Emulator
from tests.root_project.shell import run_script, shell_commands

PAGE = (CHECKOUT / "docs/your-own-backend.md").read_text()
STATE = ".pulumi/stacks/sagemaker-geospatial-exports/prod.json"


@pytest.fixture
def operator(
    configured_checkout: tuple[Path, str, dict[str, str]], demo: Emulator, tmp_path: Path
) -> tuple[Path, Path, dict[str, str]]:
    """A copy of the repository with a stack that is configured for the emulator, and a backend of the operator."""
    checkout, _, env = configured_checkout
    local = (checkout / "Pulumi.local.yaml").read_text().partition("encryptionsalt")[0]
    endpoint = local.partition("sagemakergeospatial: ")[2].partition("\n")[0]
    (checkout / "Pulumi.prod.yaml").write_text(local.replace(endpoint, demo.url))
    backend = tmp_path / "operator" / "state"
    backend.mkdir(parents=True)
    settings = {
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_HOME": str(backend.parent / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "the operator's",
    }
    return checkout, backend, {**env, **settings}


def test_a_stack_is_moved_to_the_operators_backend_and_stays_there(
    operator: tuple[Path, Path, dict[str, str]], demo: Emulator
) -> None:
    checkout, backend, env = operator
    old_state = checkout / ".local" / "state"
    old_state.mkdir(parents=True)
    old = f'eval "$(make -s env STACK=prod)"; export PULUMI_BACKEND_URL=file://{old_state}'
    assert "+ 3 created" in run_script(f"{old}; pulumi stack init prod; pulumi up --yes --stack prod", checkout, env)
    assert f"the state of the stack prod is in .local/state/{STATE}" in run_script(
        "make up STACK=prod", checkout, env, fails=True
    )
    assert not (backend / STATE).exists()

    script = "\n".join(command for command, _ in shell_commands(PAGE))
    run_script(f"set -e\n{script}", checkout, env)
    assert (backend / STATE).exists()
    assert not (old_state / STATE).exists()

    for command in ("make up STACK=prod", "make refresh STACK=organization/sagemaker-geospatial-exports/prod"):
        assert "3 unchanged" in run_script(command, checkout, env), command
    assert demo.exports_started() == 2
    assert not (checkout / ".local/emulator.pid").exists()
    assert not (checkout / ".local/pulumi").exists()
    run_script("make clean", checkout, env)
    assert (backend / STATE).exists()
    assert not (checkout / ".local").exists()


def test_a_placeholder_is_refused_before_the_stacks_file_is_changed(
    operator: tuple[Path, Path, dict[str, str]],
) -> None:
    checkout, backend, env = operator
    file = checkout / "Pulumi.dev.yaml"
    before = file.read_text()
    output = run_script("make up STACK=dev", checkout, env, fails=True)
    problem = (
        "sagemaker-geospatial-exports:exports[0].jobArn contains the placeholder <account>: replace it with a value"
    )
    assert f"» Pulumi.dev.yaml, {problem}\n" in output
    assert file.read_text() == before
    assert "no stack named 'dev' found" in run_script("make destroy STACK=dev", checkout, env, fails=True)
    assert file.read_text() == before
    assert list(backend.rglob("dev*")) == []
