"""Keys of the stack's config that have no meaning."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic import Config
from pulumi_sagemaker_geospatial._runtime.aws_config import AWS_KEYS, AwsConfig
from pulumi_sagemaker_geospatial._runtime.config_keys import (
    KNOWN_KEYS,
    unknown_fields_warnings,
    unknown_keys_warning,
)
from pulumi_sagemaker_geospatial._runtime.dynamic_host import config_keys

#: Keys of other versions of pulumi-aws, and of Pulumi itself.
NOT_OF_THE_INSTALLED_VERSION = {"aws:assumeRole", "aws:pluginDownloadURL", "aws:version"}


def source_of_pulumi_aws(file: str) -> str:
    package = find_spec("pulumi_aws")
    assert package is not None
    assert package.origin is not None
    return (Path(package.origin).parent / file).read_text()


def field_warnings(**config: Any) -> list[str]:
    return unknown_fields_warnings(AwsConfig({f"aws:{key}": value for key, value in config.items()}.get))


def test_the_known_keys_are_those_of_pulumi_aws() -> None:
    names = re.findall(r"__config__\.get\w*\('(\w+)'\)", source_of_pulumi_aws("config/vars.py"))
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


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("S3", "S3 (did you mean s3?)"),
        ("s4", "s4"),
        ("sagemakerGeospatial", "sagemakerGeospatial (did you mean sagemakergeospatial?)"),
        ("STS", "STS (did you mean sts?)"),
    ],
)
@pytest.mark.parametrize("as_list", [True, False])
def test_an_endpoint_of_an_unknown_service_is_reported(name: str, reported: str, as_list: bool) -> None:
    endpoints = {"sagemakergeospatial": "http://x", name: "http://y", "dynamodb": "http://z"}
    assert field_warnings(endpoints=json.dumps([endpoints] if as_list else endpoints)) == [
        f"ignoring unknown services of aws:endpoints: {reported}; used here are sagemakergeospatial, s3, sts"
    ]


def test_the_endpoints_of_all_services_of_pulumi_aws_and_botocore_are_known() -> None:
    _, _, arguments = source_of_pulumi_aws("_inputs.py").partition("class ProviderEndpointArgs:")
    names = re.findall(r"^    @\w+\.getter\n    def (\w+)", arguments.partition("\nclass ")[0], re.MULTILINE)
    assert {"dynamodb", "s3api", "cloudwatchlogs"} <= {*names}
    known = [*names, "cognito-idp", "sagemaker-geospatial", "sagemakergeospatial"]
    assert field_warnings(endpoints=[dict.fromkeys(known, "http://x")]) == []


@pytest.mark.parametrize("key", ["assumeRole", "assumeRoles"])
def test_unknown_fields_of_a_role_are_reported(key: str) -> None:
    role = {"roleArn": "x", "externalID": "HUSH", "session_name": "x", "duration": "1h", "zone": "HUSH"}
    assert field_warnings(**{key: json.dumps([role])}) == [
        f"ignoring unknown fields of aws:{key}: externalID (did you mean externalId?), "
        "session_name (did you mean sessionName?), zone"
    ]


def test_the_fields_of_a_role_that_pulumi_aws_has_are_known() -> None:
    _, _, arguments = source_of_pulumi_aws("_inputs.py").partition("class ProviderAssumeRoleArgs:")
    names = re.findall(r'getter\(name="(\w+)"\)', arguments.partition("\nclass ")[0])
    assert {"roleArn", "externalId", "transitiveTagKeys"} <= {*names}
    assert field_warnings(assumeRole=dict.fromkeys(names, "x")) == []


@pytest.mark.parametrize("value", ["[broken", "text", '["text"]', None])
def test_a_value_without_fields_has_no_unknown_ones(value: Any) -> None:
    assert field_warnings(endpoints=value, assumeRole=value) == []
