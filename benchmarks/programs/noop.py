"""The baseline: a dynamic resource that does nothing and has as many properties as an export."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class NoOpProvider(ResourceProvider):
    """Returns at once. The state refers to it by name, so it is no secret and the engine encrypts nothing for it."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["arn"], props)


class NoOp(Resource, name="NoOp"):
    """As many properties as an export: the declared ones, and those that are left out."""

    def __init__(self, resource_name: str, **properties: Any) -> None:
        names = ("triggers", "client_token", "export_source_images", "verify_objects", "drift", "export_status")
        super().__init__(NoOpProvider(), resource_name, {**dict.fromkeys(names), **properties})
