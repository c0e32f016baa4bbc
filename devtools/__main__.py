"""The commands behind the Makefile: `python -m devtools COMMAND`, with results on stdout and progress on stderr."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from . import emulator, find, place, stack, venv
from .say import Failed, foreground, say

TYPES_OF_AN_EXAMPLE = ["-m", "mypy", "--config-file", str(place.CHECKOUT / "pyproject.toml"), "."]
CHECKS = (["-m", "ruff", "format", "--check", "."], ["-m", "ruff", "check", "."], ["-m", "mypy"])


def setup() -> Path:
    """Everything but running: the virtual environment, then an engine. Returns the engine's bin directory."""
    python = venv.ensure()
    return find.ensure(str(python))


def run(command: list[str], env: dict[str, str], directory: Path = place.CHECKOUT) -> int:
    """Run a tool of the virtual environment and hand on its exit code."""
    say(" ".join([*command, "in", directory.name] if directory != place.CHECKOUT else command))
    return foreground([str(place.PYTHON), *command], directory, env)


def clean() -> None:
    emulator.stop()
    for directory in (place.LOCAL, place.VENV):
        say(f"removing {directory.name}")
        shutil.rmtree(directory, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devtools", description=__doc__)
    parser.add_argument(
        "command", choices=[*stack.VERBS, "setup", "env", "ensure", "where", "test", "check", "bench", "clean"]
    )
    parser.add_argument("--stack", default="local")
    parser.add_argument("--port", type=int, default=stack.DEFAULT_PORT)
    parser.add_argument("arguments", nargs="*", help="handed on to the command (test, bench)")
    args = parser.parse_args()
    match args.command:
        case "where":
            if (found := find.where()) is None:
                raise Failed("no engine is at hand: `make setup` gets one")
            print(found)
        case "ensure":
            print(find.ensure(str(place.PYTHON) if place.PYTHON.exists() else sys.executable))
        case "env":
            print(place.exports(setup()))
        case "setup":
            engine = setup()
            say(f'ready: the engine is {engine / "pulumi"}; `eval "$(make -s env)"` puts it into a shell')
        case "clean":
            clean()
        case "check":
            env = place.environment(setup())
            examples = sorted(path.parent for path in (place.CHECKOUT / "examples").glob("*/__main__.py"))
            return max(  # all of them, also after a failure
                *(run(check, env) for check in CHECKS),
                *(run(TYPES_OF_AN_EXAMPLE, env, each) for each in examples),
            )
        case "test":
            return run(["-m", "pytest", *args.arguments], place.environment(setup()))
        case "bench":
            env = place.environment(setup())
            return run(["benchmarks/run.py", *args.arguments], env)
        case verb:
            stack.Stack(args.stack, args.port, place.environment(setup())).run(verb)
    return 0


def ended(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what a step has begun ends with it
        signal.signal(number, ended)
    try:
        sys.exit(main())
    except Failed as exc:
        say(str(exc))
        sys.exit(1)
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
        sys.stderr.flush()
        os._exit(130)
