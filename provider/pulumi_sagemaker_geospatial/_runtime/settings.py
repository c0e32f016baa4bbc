"""Numbers in the stack's config."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..error_ids import ErrorId
from ..errors import ExportError

#: Reads one key of the stack's config, such as ``aws:profile``; None where it is not set.
GetConfig = Callable[[str], Any]


@dataclass(frozen=True)
class Setting:
    """A positive number in the stack's config, its default, and its bounds: ``expected`` says them in words."""

    key: str
    default: float
    expected: str
    minimum: float = 0.0
    maximum: float = sys.float_info.max

    def accepts(self, number: float) -> bool:
        return number > 0 and self.minimum <= number <= self.maximum


#: Minimum polling interval per job, in seconds. Statuses are as old as that at most.
POLL_INTERVAL = Setting(
    "sagemakergeospatial:pollInterval", 2.0, "a number of seconds above 0 and at most 300", maximum=300.0
)
#: Maximum calls of each of the service's operations per second, of all resources together. The default is where the pace
#: begins that the service's throttling then decides.
MAX_CALLS_PER_SECOND = Setting("sagemakergeospatial:maxCallsPerSecond", 10.0, "a number of at least 0.01", minimum=0.01)

SETTINGS = (POLL_INTERVAL, MAX_CALLS_PER_SECOND)


def read_positive_number(get: GetConfig, setting: Setting) -> float:
    """Return what the stack's config sets, or the default.

    Raises:
        ExportError: the value is not a number within the setting's bounds.
    """
    value = get(setting.key)
    try:
        number = setting.default if value is None else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not setting.accepts(number):
        raise ExportError(
            f"the stack's config {setting.key} must be {setting.expected}, not {value!r}", ErrorId.INVALID_CONFIG
        )
    return number


def invalid_settings(get: GetConfig) -> list[str]:
    """Return a sentence for each setting whose value is not usable."""
    messages = []
    for setting in SETTINGS:
        try:
            read_positive_number(get, setting)
        except ExportError as exc:
            messages.append(str(exc))
    return messages
