"""Keys and fields of the stack's config that nobody reads, such as a misspelled one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .aws_config import AWS_KEYS, ROLE_FIELDS, AwsConfig
from .endpoint_names import ENDPOINT_NAMES, unknown_endpoint_names
from .settings import SETTINGS

KNOWN_KEYS = (*AWS_KEYS, *(each.key for each in SETTINGS))
_NAMESPACES = tuple({key.partition(":")[0] for key in KNOWN_KEYS})


def unknown_keys_warning(keys: Iterable[str]) -> str | None:
    """Return a warning for the keys that have no meaning, in the namespaces that are read here; None if there is none."""
    unknown = sorted(key for key in keys if key.partition(":")[0] in _NAMESPACES and key not in KNOWN_KEYS)
    if not unknown:
        return None
    return f"ignoring unknown config {', '.join(map(_with_suggestion, unknown))}"


def unknown_fields_warnings(config: AwsConfig) -> list[str]:
    """Return a warning for the names in ``aws:endpoints``, and one for the fields of roles, that have no meaning."""
    warnings = []
    if endpoints := unknown_endpoint_names(config.endpoint_names()):
        ours = [names[0] for names in ENDPOINT_NAMES.values()]
        meant = ", ".join(_suggest(name, ours) for name in endpoints)
        warnings.append(f"ignoring unknown services of aws:endpoints: {meant}; used here are {', '.join(ours)}")
    key, given = config.role_fields()
    if fields := sorted(set(given).difference(ROLE_FIELDS)):
        meant = ", ".join(_suggest(name, ROLE_FIELDS) for name in fields)
        warnings.append(f"ignoring unknown fields of {key}: {meant}")
    return warnings


def _with_suggestion(key: str) -> str:
    namespace = f"{key.partition(':')[0]}:"
    names = [known.removeprefix(namespace) for known in KNOWN_KEYS if known.startswith(namespace)]
    return _suggest(key.removeprefix(namespace), names, namespace)


def _suggest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Return a name with the known one that is probably meant."""
    by_lowercase = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.lower(), by_lowercase, n=1)
    return f"{prefix}{name} (did you mean {prefix}{by_lowercase[close[0]]}?)" if close else f"{prefix}{name}"
