"""Whether the engine shows a row for each resource in a terminal, or writes a log."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

#: The environment variable that decides where what is found out is wrong: ``true`` or ``false``.
VARIABLE = "PULUMI_GEOSPATIAL_LIVE"
#: Variables of CI systems, in which the engine writes a log also where there is a terminal.
_CI_VARIABLES = ("CI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION", "BUILDKITE", "CODEBUILD_BUILD_ARN")
_ENGINE_NAMES = ("pulumi", "pulumi.exe")
#: How many shells may stand between the engine and this process.
_MAX_ANCESTORS = 4


def is_interactive(environment: Mapping[str, str] = os.environ, processes: Path = Path("/proc")) -> bool:
    """Return whether the engine's output is interactive. The engine does not tell its plugins.

    The engine's own rule is that stdin and stdout are terminals, and that it does not run in CI or with ``--non-interactive``.
    """
    setting = environment.get(VARIABLE, "").lower()
    if setting in ("true", "false"):
        return setting == "true"
    if environment.get("TERM", "").lower() == "dumb":
        return False
    if any(environment.get(each) for each in _CI_VARIABLES) and not environment.get("PULUMI_DISABLE_CI_DETECTION"):
        return False
    try:
        return _engine_has_terminal(processes)
    except OSError:
        return _has_controlling_terminal()


def _engine_has_terminal(processes: Path) -> bool:
    """Return whether stdin and stdout of the engine are terminals.

    Raises:
        OSError: the system does not tell.
    """
    engine, arguments = _find_engine(os.getppid(), lambda pid: processes / str(pid))
    if "--non-interactive" in arguments:
        return False
    return all(
        os.readlink(engine / "fd" / number).startswith(("/dev/pts/", "/dev/tty", "/dev/console")) for number in "01"
    )


def _find_engine(pid: int, folder_of: Callable[[int], Path]) -> tuple[Path, list[str]]:
    """Return the folder and the arguments of the engine's process: an ancestor, or the parent where none has its name."""
    first: tuple[Path, list[str]] | None = None
    for _ in range(_MAX_ANCESTORS):
        folder = folder_of(pid)
        found = folder, (folder / "cmdline").read_text(errors="replace").split("\0")
        first = first or found
        if os.path.basename(found[1][0]) in _ENGINE_NAMES:
            return found
        # The fourth field of `stat`; the second one, a name in parentheses, may have spaces.
        pid = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
        if pid <= 1:
            break
    assert first is not None
    return first


def _has_controlling_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
    except OSError:
        return False
    return True
