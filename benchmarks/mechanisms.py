"""Switches that run the provider without one of its speed mechanisms, so that the mechanism's effect can be measured.

A ``sitecustomize.py`` first on PYTHONPATH calls `disable` when the dynamic provider host starts, before the host loads
the provider. This module is imported there, so it imports nothing but the standard library.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROVIDER = "pulumi_sagemaker_geospatial"
_CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Mechanism:
    """``attribute`` of ``module`` is replaced by ``replacement`` to switch the mechanism off."""

    description: str
    module: str
    attribute: str
    replacement: Any


def _do_nothing(*args: Any, **kwargs: Any) -> None:
    pass


def _return_do_nothing(*args: Any, **kwargs: Any) -> Callable[..., None]:
    return _do_nothing


MECHANISMS = {
    "widened-pool": Mechanism(
        "more than the four concurrent calls of the stock dynamic host",
        f"{_PROVIDER}._runtime.dynamic_host",
        "DynamicHost.raise_worker_limit",
        _do_nothing,
    ),
    "wakeup-thread": Mechanism(
        "the signal that lets the host's main thread notice the end of a command",
        f"{_PROVIDER}._runtime.host_process",
        "signal_wakeup",
        _return_do_nothing,
    ),
}

_SITECUSTOMIZE = """\
# Written by benchmarks/mechanisms.py: disables mechanisms of the provider in the dynamic provider host.
import sys

if "pulumi.dynamic" in sys.orig_argv:
    sys.path.insert(0, {checkout!r})
    from benchmarks import mechanisms

    sys.path.remove({checkout!r})
    mechanisms.disable_or_exit({names!r})
"""


class MechanismError(Exception):
    """A mechanism cannot be disabled; the message says why."""


def write_sitecustomize(folder: Path, names: Sequence[str]) -> Path:
    """Write the file that disables the named mechanisms, and return the folder to put first on PYTHONPATH."""
    unknown = sorted(set(names) - set(MECHANISMS))
    if unknown:
        raise MechanismError(f"unknown mechanism {', '.join(unknown)}; choose from {', '.join(MECHANISMS)}")
    folder.mkdir(parents=True, exist_ok=True)
    text = _SITECUSTOMIZE.format(checkout=str(_CHECKOUT), names=tuple(dict.fromkeys(names)))
    (folder / "sitecustomize.py").write_text(text)
    return folder


def locate(name: str) -> tuple[Any, str]:
    """Return the module or class that has the mechanism's attribute, and the attribute's name.

    Raises:
        MechanismError: the provider has no such module or attribute.
    """
    mechanism = MECHANISMS[name]
    *owners, attribute = mechanism.attribute.split(".")
    try:
        owner: Any = importlib.import_module(mechanism.module)
        for each in owners:
            owner = getattr(owner, each)
        getattr(owner, attribute)
    except (ImportError, AttributeError) as exc:
        raise MechanismError(
            f"cannot disable {name}: {mechanism.module}:{mechanism.attribute} is missing ({exc}); "
            "correct its entry in benchmarks/mechanisms.py"
        ) from exc
    return owner, attribute


def disable(name: str) -> None:
    """Replace the mechanism's attribute, also where another module of the provider has imported it.

    Raises:
        MechanismError: the provider has no such module or attribute.
    """
    owner, attribute = locate(name)
    original, replacement = getattr(owner, attribute), MECHANISMS[name].replacement
    setattr(owner, attribute, replacement)
    for module_name, module in list(sys.modules.items()):
        # `from .host_process import signal_wakeup` has copied the reference.
        if module_name.partition(".")[0] == _PROVIDER and vars(module).get(attribute) is original:
            setattr(module, attribute, replacement)


def disable_or_exit(names: Sequence[str]) -> None:
    """Disable mechanisms, or end the process with one sentence: Python ignores errors of a sitecustomize module."""
    try:
        for name in names:
            disable(name)
    except MechanismError as exc:
        print(f"error: {exc}", file=sys.stderr, flush=True)
        os._exit(1)
