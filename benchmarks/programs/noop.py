"""The floor: a dynamic resource that does nothing, and has the properties that an export has.

Beside it the least that a refresh can do that asks for each job: one call of boto3, whose answer nobody looks at.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

from pulumi.dynamic import CreateResult, ReadResult, Resource, ResourceProvider


class NoOpProvider(ResourceProvider):
    """Answers at once. Its reference is no secret, as ours is none: nothing is encrypted for it."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["arn"], props)


class OneCallProvider(NoOpProvider):
    """Asks for the job, once."""

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        _client().get_earth_observation_job(Arn=id_)
        return ReadResult(id_, props)


class NoOp(Resource, name="NoOp"):
    """As many properties as an export: the declared ones, and those that are left out."""

    provider: type[ResourceProvider] = NoOpProvider

    def __init__(self, resource_name: str, **properties: Any) -> None:
        names = ("triggers", "client_token", "export_source_images", "verify_objects", "drift", "export_status")
        super().__init__(self.provider(), resource_name, {**dict.fromkeys(names), **properties})


class OneCall(NoOp, name="OneCall"):
    """The floor of a refresh that goes to AWS."""

    provider = OneCallProvider


_one_at_a_time = threading.Lock()


def _client() -> Any:
    with _one_at_a_time:
        return _the_client()


@functools.cache
def _the_client() -> Any:
    import boto3

    return boto3.client("sagemaker-geospatial", region_name="us-west-2")
