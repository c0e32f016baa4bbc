"""The parts of a URN, ``urn:pulumi:STACK::PROJECT::TYPE::NAME``."""

from __future__ import annotations


def resource_name(urn: str) -> str:
    """Return the name of a resource in the program."""
    return urn.rpartition("::")[2] or urn


def type_name(urn: str) -> str:
    """Return the last part of a resource's type, such as ``Bucket``."""
    return urn.rpartition("::")[0].rpartition("::")[2].rpartition(":")[2]


def stack_and_project(urn: str) -> tuple[str, str]:
    """Return the names of a resource's stack and project."""
    stack, _, rest = urn.removeprefix("urn:pulumi:").partition("::")
    return stack, rest.partition("::")[0]
