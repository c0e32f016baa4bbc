"""What a change of a declaration means: a new export, or an update in place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .inputs import IN_PLACE_INPUTS, REPLACE_ON_CHANGES, is_metadata_due, is_same_folder, normalize_inputs, same_value

#: The objects whose fields a plan names one by one; `triggers` are the user's, and shown as a whole.
NESTED_INPUTS = ("output_config", "s3_data")

#: A property's path → the kind of change (ADD, DELETE or UPDATE), and whether it is an input.
Changes = dict[str, tuple[str, bool]]


@dataclass(frozen=True)
class ExportDiff:
    """How a declaration differs from the state.

    Attributes:
        replacing: changes that need a new export.
        updating: changes that are updated in place.
    """

    replacing: Changes = field(default_factory=dict)
    updating: Changes = field(default_factory=dict)

    @property
    def replaced_properties(self) -> list[str]:
        """The top-level properties that need a new export."""
        return sorted({path.partition(".")[0] for path in self.replacing})

    @property
    def another_request(self) -> bool:
        """Whether the declaration itself has changed, and not only its drift."""
        return bool(self.replacing.keys() - {"drift"})

    def detailed(self) -> Changes:
        """Return all changes as Pulumi's detailed diff names them."""
        replacing = {path: (f"{kind}_REPLACE", is_input) for path, (kind, is_input) in self.replacing.items()}
        return {**replacing, **self.updating}


def diff_inputs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> ExportDiff:
    """Return how new inputs differ from old outputs. Drift in the old outputs needs a new export."""
    before = normalize_inputs(olds)
    replacing = changed_paths(before, news, REPLACE_ON_CHANGES)
    updating = changed_paths(before, news, tuple(IN_PLACE_INPUTS))
    if is_metadata_due(olds, news):
        updating["job_metadata"] = ("ADD", False)
    if olds.get("drift"):
        unverified = news.get("verify_objects") is False and olds.get("export_status") == "SUCCEEDED"
        (updating if unverified else replacing)["drift"] = ("DELETE", False)
    return ExportDiff(replacing, updating)


def changed_paths(olds: Mapping[str, Any], news: Mapping[str, Any], names: tuple[str, ...]) -> Changes:
    """Return the changes of these properties, down to the fields of `output_config`."""
    changes: Changes = {}
    for name in names:
        before, after = olds.get(name), news.get(name)
        if name in NESTED_INPUTS and isinstance(before, Mapping) and isinstance(after, Mapping):
            inner = changed_paths(before, after, tuple(sorted({*before, *after})))
            changes.update({f"{name}.{path}": change for path, change in inner.items()})
        elif not (same_value(before, after) or (name == "s3_uri" and is_same_folder(before, after))):
            changes[name] = ("ADD" if before is None else "DELETE" if after is None else "UPDATE", True)
    return changes
