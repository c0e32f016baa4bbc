"""The environment for a shell, and the config file for another port."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from devtools import environment, paths

from .checkout_copy import link_interpreter, run_code


@pytest.fixture
def linked(checkout: Path) -> Path:
    link_interpreter(checkout)
    return checkout


def test_another_port_is_written_to_a_copy_of_the_stacks_config(linked: Path) -> None:
    (linked / "Pulumi.local.yaml").write_text("config:\n  aws:endpoints: http://127.0.0.1:5577\n")
    code = "from devtools import stack; print(stack.Stack('{}', {}, {{}}).config_arguments())"
    assert run_code(linked, code.format("local", 5577)).stdout == "[]\n"
    assert run_code(linked, code.format("prod", 6000)).stdout == "[]\n"
    copy = linked / ".local" / "Pulumi.local.yaml"
    assert run_code(linked, code.format("local", 6000)).stdout == f"{['--config-file', str(copy)]}\n"
    assert copy.read_text() == "config:\n  aws:endpoints: http://127.0.0.1:6000\n"


def test_a_shell_evaluates_paths_with_spaces_and_keeps_the_users_settings(linked: Path) -> None:
    code = (
        "from pathlib import Path; from devtools import environment; "
        "print(environment.shell_exports(Path('/an engine/bin')))"
    )
    exports = run_code(linked, code, PULUMI_CONFIG_PASSPHRASE="the user's own", PULUMI_DIY_BACKEND_ZSTD="false").stdout
    names = ("PATH", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_DIY_BACKEND_ZSTD")
    script = exports + 'printf "%s\\n" ' + " ".join(f'"${name}"' for name in names)
    result = subprocess.run(
        ["sh", "-c", script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == [
        f"{linked}/.venv/bin:/an engine/bin:/usr/bin:/bin",
        f"file://{linked}/.local/state",
        "the user's own",
        "false",
    ]


def test_a_stack_other_than_local_uses_the_operators_own_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(paths, "LOCAL", tmp_path / ".local")
    defaults = {"PULUMI_SKIP_UPDATE_CHECK": "1", "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true"}
    assert environment.pulumi_settings("prod") == defaults
    own = {"PULUMI_BACKEND_URL": "s3://states", "PULUMI_SKIP_UPDATE_CHECK": "0", "PULUMI_CONFIG_PASSPHRASE_FILE": "/a"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    env = environment.command_environment(tmp_path / "engine", "prod")
    changed = {name for name, value in env.items() if os.environ.get(name) != value}
    assert changed <= {"PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL", "PATH", "VIRTUAL_ENV"}
    assert not (tmp_path / ".local").exists()


def test_devtools_is_imported_from_this_checkout() -> None:
    assert Path(__file__).resolve().is_relative_to(paths.CHECKOUT)


def test_a_command_keeps_compiled_modules_and_does_not_inherit_makes_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "MAKEFLAGS", "KEPT"):
        monkeypatch.setenv(name, "1")
    env = environment.command_environment(Path("/engine"))
    assert not {"PYTHONDONTWRITEBYTECODE", "MAKEFLAGS"} & set(env)
    assert env["KEPT"] == "1"
