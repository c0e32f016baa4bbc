"""The options of a resource that an export refuses."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi_sagemaker_geospatial import ExportError
from pulumi_sagemaker_geospatial._declaration import check_options


def provider(package: str) -> Any:
    """Return an explicit provider of a package, which no engine knows."""
    found = object.__new__(pulumi.ProviderResource)
    found.package = package
    return found


AWS, DYNAMIC = provider("aws"), provider("pulumi-python")


@pytest.mark.parametrize(
    ("option", "options"),
    [
        ("provider", {"provider": AWS}),
        ("providers", {"providers": [AWS]}),
        ("providers", {"providers": {"aws": AWS}}),
        ("providers", {"providers": [DYNAMIC, AWS]}),
    ],
)
def test_a_provider_of_another_package_is_refused_with_the_options_name(option: str, options: dict[str, Any]) -> None:
    with pytest.raises(ExportError, match=rf"^lake: the option {option} has a provider of the package aws, which"):
        check_options("lake", pulumi.ResourceOptions(**options))


@pytest.mark.parametrize("options", [{}, {"provider": DYNAMIC}, {"providers": [DYNAMIC]}, {"providers": []}])
def test_other_options_are_accepted(options: dict[str, Any]) -> None:
    check_options("lake", pulumi.ResourceOptions(**options))
    check_options("lake", None)
