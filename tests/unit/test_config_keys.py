"""Keys of the stack's config that have no meaning."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from pulumi.dynamic import Config
from pulumi_sagemaker_geospatial._runtime.aws_config import AWS_KEYS
from pulumi_sagemaker_geospatial._runtime.config_keys import KNOWN_KEYS, unknown_keys_warning
from pulumi_sagemaker_geospatial._runtime.dynamic_host import config_keys

#: Keys of other versions of pulumi-aws, and of Pulumi itself.
NOT_OF_THE_INSTALLED_VERSION = {"aws:assumeRole", "aws:pluginDownloadURL", "aws:version"}


def test_the_known_keys_are_those_of_pulumi_aws() -> None:
    package = find_spec("pulumi_aws")
    assert package is not None
    assert package.origin is not None
    source = (Path(package.origin).parent / "config" / "vars.py").read_text()
    names = re.findall(r"__config__\.get\w*\('(\w+)'\)", source)
    assert {f"aws:{name}" for name in names} == {*AWS_KEYS} - NOT_OF_THE_INSTALLED_VERSION


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("aws:regoin", "aws:region"),
        ("aws:Region", "aws:region"),
        ("aws:assumeroles", "aws:assumeRoles"),
        ("aws:allowedAccountIDs", "aws:allowedAccountIds"),
        ("aws:secret_key", "aws:secretKey"),
        ("sagemakergeospatial:pollintervall", "sagemakergeospatial:pollInterval"),
    ],
)
def test_a_misspelled_key_is_reported_with_the_key_that_is_meant(key: str, meant: str) -> None:
    assert unknown_keys_warning([key]) == f"ignoring unknown config {key} (did you mean {meant}?)"


def test_all_unknown_keys_are_in_one_warning() -> None:
    warning = unknown_keys_warning(["aws:regoin", "aws:xyz", "aws:profile", "project:regoin", "gcp:regoin"])
    assert warning == "ignoring unknown config aws:regoin (did you mean aws:region?), aws:xyz"


def test_known_keys_and_those_of_others_are_not_reported() -> None:
    assert unknown_keys_warning([*KNOWN_KEYS, "aws-native:regoin", "project:regoin"]) is None


def test_the_keys_of_a_providers_config_are_listed_where_the_sdk_has_them() -> None:
    assert config_keys(Config({"aws:regoin": "secret"}, "project")) == ("aws:regoin",)
    assert config_keys(object()) == ()
