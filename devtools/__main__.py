"""The commands behind the Makefile: `python -m devtools COMMAND`. Results go to stdout, progress to stderr."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from . import (
    audit,
    cache,
    doctor,
    emulator,
    local_state,
    locate,
    matrix,
    mutation,
    paths,
    pinned_tools,
    release,
    stack,
    venv,
)
from .arguments import check_state_location, parse_port, parse_stack
from .environment import LOCAL_STACK, command_environment, shell_exports
from .errors import BadArgument, StepFailed
from .log import log_step
from .subprocesses import run_foreground

CHECKS = (
    ["python", "-m", "ruff", "format", "--check", "."],
    ["python", "-m", "ruff", "check", "."],
    ["python", "-m", "mypy"],
    ["lint-imports", "--no-logo"],
)
CHECK_EXAMPLE = ["python", "-m", "mypy", "--config-file", str(paths.CHECKOUT / "pyproject.toml"), "."]


def set_up() -> Path:
    """Create or update the virtual environment, find or install an engine, and return the engine's bin directory."""
    python = venv.create_or_update()
    return locate.find_or_install(str(python))


def run_tool(command: list[str], env: dict[str, str], directory: Path = paths.CHECKOUT) -> int:
    """Run a command of the virtual environment and return its exit code."""
    log_step(" ".join([*command, "in", directory.name] if directory != paths.CHECKOUT else command))
    return run_foreground([str(paths.VENV / "bin" / command[0]), *command[1:]], directory, env)


def setup_command(args: argparse.Namespace) -> int:
    engine = set_up()
    log_step(f'ready: the engine is {engine / "pulumi"}; run `eval "$(make -s env)"` to use it in a shell')
    return 0


def env_command(args: argparse.Namespace) -> int:
    name = parse_stack(args.stack)
    print(shell_exports(set_up(), name))
    return 0


def find_installed_command(args: argparse.Namespace) -> int:
    if (engine := locate.find_installed()) is None:
        raise StepFailed("no engine found: run `make setup` to install one")
    print(engine)
    return 0


def find_or_install_command(args: argparse.Namespace) -> int:
    print(locate.find_or_install(str(paths.PYTHON) if paths.PYTHON.exists() else sys.executable))
    return 0


def test_command(args: argparse.Namespace) -> int:
    return run_tool(["python", "-m", "pytest", *args.arguments], command_environment(set_up()))


def check_command(args: argparse.Namespace) -> int:
    """Run every check, also after one failed, and return the highest exit code."""
    env = command_environment(set_up())
    examples = sorted(path.parent for path in (paths.CHECKOUT / "examples").glob("*/__main__.py"))
    codes = [run_tool(check, env) for check in CHECKS]
    codes += [run_tool(CHECK_EXAMPLE, env, directory) for directory in examples]
    return max(*codes, pinned_tools.check())


def docs_command(args: argparse.Namespace) -> int:
    return pinned_tools.serve_site(args.arguments)


def bench_command(args: argparse.Namespace) -> int:
    return run_tool(["python", "benchmarks/run.py", *args.arguments], command_environment(set_up()))


def captures_command(args: argparse.Namespace) -> int:
    return run_tool(["python", "benchmarks/captures.py"], command_environment(set_up()))


def soak_command(args: argparse.Namespace) -> int:
    return run_tool(["python", "-m", "soak", *args.arguments], command_environment(set_up()))


def test_matrix_command(args: argparse.Namespace) -> int:
    return matrix.run(args.arguments)


def audit_command(args: argparse.Namespace) -> int:
    return audit.audit()


def mutation_command(args: argparse.Namespace) -> int:
    return mutation.run(args.arguments)


def clean_command(args: argparse.Namespace) -> int:
    emulator.stop()
    log_step(f"removing {paths.VENV.name}, and what the stack {LOCAL_STACK} made in {paths.LOCAL.name}")
    shutil.rmtree(paths.VENV, ignore_errors=True)
    kept = [*local_state.remove(), f"the engine in {cache.root()}", "your own backends with the other stacks"]
    log_step(f"keeping {'; '.join(kept)}")
    return 0


def doctor_command(args: argparse.Namespace) -> int:
    return doctor.report(parse_port(args.port))


def check_release_command(args: argparse.Namespace) -> int:
    print(f"folder={release.check(args.arguments)}")
    return 0


def stack_command(args: argparse.Namespace) -> int:
    name, port = parse_stack(args.stack), parse_port(args.port)
    check_state_location(name)
    stack.Stack(name, port, command_environment(set_up(), name)).run(args.command)
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    **dict.fromkeys(stack.COMMANDS, stack_command),
    "setup": setup_command,
    "doctor": doctor_command,
    "env": env_command,
    "find-installed": find_installed_command,
    "find-or-install": find_or_install_command,
    "test": test_command,
    "check": check_command,
    "docs": docs_command,
    "bench": bench_command,
    "captures": captures_command,
    "soak": soak_command,
    "test-matrix": test_matrix_command,
    "audit": audit_command,
    "mutation": mutation_command,
    "clean": clean_command,
    "check-release": check_release_command,
}


class ArgumentParser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, without the usage."""

    def error(self, message: str) -> NoReturn:
        raise BadArgument(message)


def main() -> int:
    """Parse the command line, run the command and return the exit code."""
    parser = ArgumentParser(prog="python -m devtools", description=__doc__)
    parser.add_argument("command", choices=[*COMMANDS])
    parser.add_argument("--stack", default=LOCAL_STACK)
    parser.add_argument("--port", default=str(stack.DEFAULT_PORT))
    parser.add_argument("arguments", nargs="*", help="arguments for what the command runs")
    args = parser.parse_args()
    return COMMANDS[args.command](args)


def raise_keyboard_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # handled as Ctrl-C, so that subprocesses are ended
        signal.signal(number, raise_keyboard_interrupt)
    try:
        sys.exit(main())
    except StepFailed as exc:
        log_step(str(exc))
        sys.exit(1)
    except BadArgument as exc:
        log_step(str(exc))
        sys.exit(2)
    except KeyboardInterrupt:
        log_step("interrupted; run the same command again to continue")
        sys.stderr.flush()
        os._exit(130)
