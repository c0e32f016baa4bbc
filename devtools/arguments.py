"""The arguments of the commands: a port, and a stack that the command may use."""

from __future__ import annotations

import os
from pathlib import Path

from . import local_state, paths
from .environment import LOCAL_STACK
from .errors import BadArgument

_LAST_PORT = 65_535


def parse_port(text: str) -> int:
    """Return the port that `text` names.

    Raises:
        BadArgument: It is not a port.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PORT))
    if not is_number or not 1 <= int(text) <= _LAST_PORT:
        raise BadArgument(
            f"PORT={text} is not a port: choose a number from 1 to {_LAST_PORT}, as in `make up PORT=5600`"
        )
    return int(text)


def parse_stack(text: str) -> str:
    """Return the name of a stack that has a config file, with its organization and project unless it is `local`.

    Raises:
        BadArgument: No such stack exists, or the shell has settings of `local`, which no other stack uses.
    """
    known = sorted(file.name.split(".")[1] for file in paths.CHECKOUT.glob("Pulumi.*.yaml"))
    short_name = text.rpartition("/")[2]
    if short_name not in known:
        problem = f"STACK={text} is unknown, as Pulumi.{short_name}.yaml does not exist" if text else "STACK is empty"
        raise BadArgument(f"{problem}: choose one of {', '.join(known)}")
    if short_name == LOCAL_STACK:
        return LOCAL_STACK
    _check_settings(text)
    return text


def check_state_location(stack: str) -> None:
    """Raise BadArgument if the state of a stack other than `local` is still in the checkout."""
    if stack != LOCAL_STACK and (file := local_state.find(stack.rpartition("/")[2])):
        raise BadArgument(
            f"the state of the stack {stack} is in {file.relative_to(paths.CHECKOUT)}, where an older version kept it: "
            "move it to your own backend, as docs/your-own-backend.md describes"
        )


def _check_settings(stack: str) -> None:
    """Raise BadArgument if `make env` has set Pulumi's settings for the stack `local` in the shell of the command."""
    for name in ("PULUMI_BACKEND_URL", "PULUMI_HOME"):
        value = os.environ.get(name, "").removeprefix("file://").partition("?")[0]
        if value and Path(value).expanduser().resolve().is_relative_to(paths.LOCAL.resolve()):
            raise BadArgument(
                f"{name} is {os.environ[name]}, which belongs to the stack {LOCAL_STACK}: set your own for the stack "
                f"{stack}, or use a shell in which `make env` was not evaluated"
            )
