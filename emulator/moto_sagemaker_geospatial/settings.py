"""The settings of the emulator, and their validation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

TOKEN_MODES = ("replay", "forget", "error", "conflict")
_OPTIONAL = ("quota", "export_seconds", "job_seconds", "calls_per_second")
_WHOLE_NUMBERS = ("quota", "objects")


@dataclass
class Settings:
    """How the service behaves where its documentation is silent. Times are in seconds."""

    tokens: str = "replay"  # what a client token does once its export has ended
    token_lifetime: float = 0.0  # with "forget": counted from the start; 0: until the export has ended
    status_lag: float = 0.0  # Get shows the export status of this long ago
    role_propagation: float = 0.0  # a younger role is refused
    quota: int | None = None  # exports in progress per account and region; None: no limit
    calls_per_second: float | None = None  # of each operation; more are throttled; None: no limit
    objects: int = 3  # files that an export writes (a vector enrichment job: at most), unless the job says otherwise
    vector_folder: str = "output/"  # of a vector enrichment job's files, below `<S3Uri>/<job id>/`
    export_seconds: float | None = None  # duration of an export; 0: done at the first look; None: moto's transition
    job_seconds: float | None = None  # the same for a job, from INITIALIZING to COMPLETED


def setting_problem(name: str, value: Any) -> str | None:
    """What is wrong with a setting, or None."""
    known = {field.name for field in fields(Settings)}
    if name not in known:
        return f"there is no setting {name!r}: the settings are {', '.join(sorted(known))}"
    if name == "tokens":
        return None if value in TOKEN_MODES else f"tokens {value!r} is none of {', '.join(TOKEN_MODES)}"
    if name == "vector_folder":
        is_folder = isinstance(value, str) and (value == "" or value.endswith("/"))
        return None if is_folder else f"vector_folder {value!r} is neither empty nor ends with a slash"
    if value is None and name in _OPTIONAL:
        return None
    whole = name in _WHOLE_NUMBERS
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value < 0:
        return f"{name} {value!r} is not a {'whole ' if whole else ''}number of 0 or more"
    return None
