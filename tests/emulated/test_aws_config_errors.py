"""Mistakes in the stack's aws: config, and credentials that cannot be had: each is one sentence without secret values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi_sagemaker_geospatial import ErrorId, ServiceCallError
from pulumi_sagemaker_geospatial._runtime.aws_config import UNSUPPORTED_KEYS

from tests.emulated.sessions import client_error, keyed_session, make_session, write_config
from tests.support.aws_names import ACCOUNT, REGION

pytestmark = pytest.mark.usefixtures("account")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
KEY = {"accessKey": "test", "secretKey": "test"}


def test_unsupported_keys_are_reported_once_in_one_sentence() -> None:
    session = make_session(accessKey="a", secretKey="b", insecure="true", httpProxy="http://p", region=REGION)
    session.client("s3")
    session.client("sts")
    assert session.warnings == [
        "ignoring unsupported config aws:httpProxy, aws:insecure; "
        "use the standard AWS settings of the environment instead"
    ]


def test_every_unsupported_key_is_named() -> None:
    [warning] = make_session(**dict.fromkeys(UNSUPPORTED_KEYS, "x")).warnings
    assert warning.count("aws:") == len(UNSUPPORTED_KEYS)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"accessKey": "AKIA"}, "aws:accessKey and aws:secretKey must be set together: aws:secretKey is missing."),
        ({"secretKey": "s"}, "aws:accessKey and aws:secretKey must be set together: aws:accessKey is missing."),
        ({"profile": "nobody"}, "signing in to AWS failed: The config profile (nobody) could not be found"),
        ({**KEY, "assumeRole": "{broken"}, "the stack's config aws:assumeRole is not valid JSON"),
        ({**KEY, "endpoints": "http://x"}, "the stack's config has an invalid aws:endpoints: expected objects of"),
        ({**KEY, "allowedAccountIds": "[1,"}, "the stack's config aws:allowedAccountIds is not valid JSON"),
    ],
)
def test_a_mistake_in_the_config_is_a_sentence(config: dict[str, str], message: str) -> None:
    error = client_error(make_session(**config))
    assert str(error).startswith(message)
    assert isinstance(error, ServiceCallError)
    assert "secret" not in str(error).replace("aws:secretKey", "")


@pytest.mark.parametrize(
    "config",
    [
        {"maxRetries": "many"},
        {"maxRetries": "-1"},
        {"assumeRole": f'"{ROLE}"'},
        {"assumeRoles": f'["{ROLE}"]'},
        {"endpoints": '["http://localhost"]'},
        {"endpoints": '[{"sagemakergeospatial": "localhost"}]'},
        {"assumeRole": json.dumps({"roleArn": ROLE, "duration": "soon"})},
        {"assumeRole": '{"roleArn": "x"}'},
        {"assumeRoles": json.dumps([{"roleArn": ROLE.replace(":role/", ":user/")}])},
        {"s3UsePathStyle": "maybe"},
    ],
    ids=lambda value: ", ".join(value),
)
def test_a_value_of_another_type_is_an_error_that_names_its_key(config: dict[str, str]) -> None:
    [key] = config
    error = client_error(keyed_session(**config))
    assert f"aws:{key}" in str(error)
    assert error.error_id is ErrorId.INVALID_CONFIG


def test_missing_credentials_are_a_sentence_where_the_account_is_checked() -> None:
    error = client_error(make_session(allowedAccountIds=f'["{ACCOUNT}"]'))
    assert str(error).startswith(
        "signing in to AWS failed: Unable to locate credentials. Check the stack's aws: config"
    )


def test_an_expired_sso_session_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    session = "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-west-2\n"
    profile = f"[profile sso]\nsso_session = s\nsso_account_id = {ACCOUNT}\nsso_role_name = r\n"
    write_config(monkeypatch, tmp_path, session + profile)
    monkeypatch.setenv("HOME", str(tmp_path))
    error = client_error(make_session(profile="sso", allowedAccountIds=f'["{ACCOUNT}"]'))
    assert str(error).startswith("signing in to AWS failed: ")
    assert "with SSO, run `aws sso login`" in str(error)


def test_unknown_fields_cause_one_warning_each_for_all_clients() -> None:
    role = json.dumps({"roleArn": ROLE, "externalID": "HUSH"})
    session = make_session(endpoints='{"S3": "http://localhost:1"}', assumeRole=role)
    assert session.warnings == [
        "ignoring unknown services of aws:endpoints: S3 (did you mean s3?); used here are sagemakergeospatial, s3, sts",
        "ignoring unknown fields of aws:assumeRole: externalID (did you mean externalId?)",
    ]


def test_a_mistake_in_a_role_is_told_without_its_values() -> None:
    roles = '[{"rolearn": "arn:aws:iam::123456789012:role/x", "externalId": "HUSH"}]'
    error = client_error(keyed_session(assumeRoles=roles))
    assert "'externalId', 'rolearn'" in str(error)
    assert "HUSH" not in str(error)
