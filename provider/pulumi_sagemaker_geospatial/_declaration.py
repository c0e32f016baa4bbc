"""What the resources of all kinds of export have in common: outputs that a state may omit, and a warning at scale."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime import settings

from ._export.inputs import COMPUTED_OUTPUTS, IN_PLACE_INPUTS, REPLACE_ON_CHANGES

#: The computed properties that a resource is registered with; the internal one is needed for `client_token`.
REGISTERED_OUTPUTS = (*COMPUTED_OUTPUTS, "__attempt")
ALL_PROPERTIES = (*REPLACE_ON_CHANGES, *IN_PLACE_INPUTS, *REGISTERED_OUTPUTS)

_export_count: WeakKeyDictionary[pulumi.Resource, int] = WeakKeyDictionary()


def optional_output(resource: pulumi.Resource, name: str) -> pulumi.Output[Any]:
    """Return an output that the state may omit: None then, and known in a plan as soon as the export's status is."""
    output: pulumi.Output[Any] = pulumi.get(resource, name)
    status: pulumi.Output[Any] = pulumi.get(resource, "export_status")

    async def is_known() -> bool:
        return await output.is_known() or await status.is_known()

    return pulumi.Output(output.resources(), output.future(), is_known(), output.is_secret())


def setting_output(resource: pulumi.Resource, name: str) -> pulumi.Output[bool]:
    """Return an input that is updated in place, or its default."""
    return optional_output(resource, name).apply(lambda value: IN_PLACE_INPUTS[name] if value is None else bool(value))


def warn_if_over_parallelism() -> None:
    """Warn once where a program declares more exports than the engine runs at once.

    Each export that waits takes one of the engine's workers; the others would wait for a worker, not for AWS.
    """
    stack, parallel = settings.get_root_resource(), settings.SETTINGS.parallel
    if stack is None or not parallel or settings.is_dry_run():
        return
    _export_count[stack] = _export_count.get(stack, 0) + 1
    if _export_count[stack] == parallel + 1:
        pulumi.log.warn(
            f"this program declares more exports than the {parallel} that `pulumi up` runs at once: "
            "run `pulumi up --parallel 256`, or set PULUMI_PARALLEL=256"
        )
