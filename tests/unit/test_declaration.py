"""What a resource refuses before the engine is told of it: options, and keys that are not strings."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pulumi
import pytest
from pulumi_sagemaker_geospatial import ExportError
from pulumi_sagemaker_geospatial._declaration import check_keys, check_options, secret_inputs
from pulumi_sagemaker_geospatial._runtime.event_loop import event_loop


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


def test_an_import_is_refused_with_what_adopts_the_export() -> None:
    with pytest.raises(ExportError, match=r"^lake: the option import_ .*`pulumi up` adopts it \[SGE108\]$"):
        check_options("lake", pulumi.ResourceOptions(import_="123456789012/lake00000000"))


@pytest.mark.parametrize(
    ("declared", "place"),
    [
        ({"triggers": {2022: "x"}}, "triggers must be a string, not int: 2022"),
        ({"triggers": [1, {"years": {None: "x"}}]}, "triggers[1].years must be a string, not NoneType: None"),
        ({"output_config": {"s3_data": {("a", "b"): "x"}}}, "output_config.s3_data must be a string, not tuple"),
    ],
)
def test_a_key_that_is_not_a_string_is_refused_with_its_place(declared: dict[str, Any], place: str) -> None:
    with pytest.raises(ExportError, match=rf"^lake: a key of {re.escape(place)}.*\[SGE101\]$"):
        check_keys("lake", declared)


def test_strings_are_accepted_as_keys_at_any_depth() -> None:
    check_keys("lake", {"triggers": {"2022": [{"a": 1}, None]}, "output_config": {"s3_data": {}}})


def test_the_provider_is_told_which_inputs_are_secret() -> None:
    plain = {"arn": "a", "execution_role_arn": "b", "output_config": {"s3_data": {"s3_uri": "c"}}}
    assert secret_inputs(plain) == []
    with event_loop():
        hidden = pulumi.Output.secret("x")
        declared = {**plain, "arn": hidden, "output_config": {"s3_data": {"s3_uri": hidden}}}
        found = pulumi.Output.from_input(secret_inputs(declared)).future()
        assert asyncio.get_event_loop().run_until_complete(found) == ["arn", "output_config.s3_data.s3_uri"]
