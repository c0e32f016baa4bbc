"""Keys of the stack's config that nobody reads, such as a misspelled one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .aws_config import AWS_KEYS
from .settings import SETTINGS

KNOWN_KEYS = (*AWS_KEYS, *(each.key for each in SETTINGS))
_NAMESPACES = tuple({key.partition(":")[0] for key in KNOWN_KEYS})


def unknown_keys_warning(keys: Iterable[str]) -> str | None:
    """Return a warning for the keys that have no meaning, in the namespaces that are read here; None if there is none."""
    unknown = sorted(key for key in keys if key.partition(":")[0] in _NAMESPACES and key not in KNOWN_KEYS)
    if not unknown:
        return None
    return f"ignoring unknown config {', '.join(map(_with_suggestion, unknown))}"


def _with_suggestion(key: str) -> str:
    namespace = f"{key.partition(':')[0]}:"
    names = [known.removeprefix(namespace) for known in KNOWN_KEYS if known.startswith(namespace)]
    by_lowercase = {name.lower(): name for name in names}
    close = difflib.get_close_matches(key.removeprefix(namespace).lower(), by_lowercase, n=1)
    return f"{key} (did you mean {namespace}{by_lowercase[close[0]]}?)" if close else key
