"""Who may delete what an export wrote, where several resources may hold the same export.

An export that was adopted, or whose record was copied into another stack, has several records, which cannot see each
other. At most one of them deletes: the one in the stack that started the export, or in which somebody has turned
`delete_objects` on afterwards. Nothing is written to the bucket or the job for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

#: The owner of an export that was adopted: somebody else's record may be the one that deletes.
ANOTHER = ""

_TAKE_OVER = "set delete_objects to False, run `pulumi up`, and set it to True again"
ADOPTED_WITHOUT_DELETION = (
    "destroying this resource will keep the objects despite delete_objects: the resource or stack that started the "
    "adopted export may hold it too, and deletes them when it is destroyed, unless its record is removed with `pulumi "
    f"state delete`. To have them deleted by this resource, {_TAKE_OVER}"
)


def stack_key(urn: str) -> str | None:
    """Return what identifies the stack and the project of a resource; None where the URN is not known."""
    stack_and_project = urn.split("::")[:2]
    return hashlib.sha256("::".join(stack_and_project).encode()).hexdigest()[:8] if urn else None


def owner_of_created(inputs: Mapping[str, Any], urn: str, *, adopted: bool) -> str | None:
    """Return which stack may delete the objects of an export that was created; None without `delete_objects`."""
    if not inputs.get("delete_objects"):
        return None
    return ANOTHER if adopted else stack_key(urn)


def owner_of_updated(olds: Mapping[str, Any], news: Mapping[str, Any], urn: str) -> str | None:
    """Return the new owner where an update turns `delete_objects` on, and None where it stays."""
    return stack_key(urn) if news.get("delete_objects") and not olds.get("delete_objects") else None


def reason_to_keep(owner: str | None, urn: str) -> str | None:
    """Return why the resource may not delete the objects; None where it may."""
    if owner is None or owner == stack_key(urn):
        return None
    if owner == ANOTHER:
        return "this export was adopted, and the resource or stack that started it may hold it too"
    return "this record was made in another stack or project, which may hold the export too"
