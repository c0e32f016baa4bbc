"""The stack's aws: config as boto3 clients, against moto's STS: whose credentials, which account, which endpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import ServiceCallError, WrongAccountError
from pulumi_sagemaker_geospatial._runtime.aws_config import parse_duration

from tests.emulated.sessions import (
    ClientFactory,
    client_error,
    form_of,
    keyed_session,
    make_session,
    signed_by,
    write_config,
)
from tests.support.aws_names import ACCOUNT

pytestmark = pytest.mark.usefixtures("account")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
OTHER = "arn:aws:iam::999999999999:role/other"


def caller_arn(session: ClientFactory) -> str:
    return str(session.client("sts").get_caller_identity()["Arn"])


def test_the_keys_of_the_config_sign_every_call(sent: list[Any]) -> None:
    caller_arn(keyed_session(token="session"))
    assert signed_by(sent[0]) == "AKIAOURS"
    assert sent[0].headers["X-Amz-Security-Token"] == b"session"


def test_the_keys_of_the_config_come_before_the_environments(sent: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATHEIRS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    caller_arn(keyed_session())
    caller_arn(make_session())
    assert [signed_by(each) for each in sent] == ["AKIAOURS", "AKIATHEIRS"]


def test_a_profile_is_taken_from_the_standard_file(
    sent: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_config(monkeypatch, tmp_path, "[profile team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = s\n")
    caller_arn(make_session(profile="team"))
    assert signed_by(sent[0]) == "AKIATEAM"


def test_a_role_is_assumed_with_the_declared_parameters(sent: list[Any]) -> None:
    role = {
        "roleArn": f"{ROLE}deploy",
        "sessionName": "a-session",
        "externalId": "external",
        "duration": "1h30m",
        "tags": {"team": "eo", "cost": "1"},
        "transitiveTagKeys": ["team"],
        "policyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "sourceIdentity": "somebody",
    }
    session = keyed_session(assumeRole=json.dumps(role))
    assert caller_arn(session) == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/a-session"
    form = form_of(sent[0])
    assert {name: form[name] for name in form if name not in ("Action", "Version")} == {
        "RoleArn": f"{ROLE}deploy",
        "RoleSessionName": "a-session",
        "ExternalId": "external",
        "DurationSeconds": "5400",
        "Tags.member.1.Key": "cost",
        "Tags.member.1.Value": "1",
        "Tags.member.2.Key": "team",
        "Tags.member.2.Value": "eo",
        "TransitiveTagKeys.member.1": "team",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "SourceIdentity": "somebody",
    }
    assert signed_by(sent[0]) == "AKIAOURS"
    assert signed_by(sent[1]) != "AKIAOURS"


def test_a_chain_of_roles_is_assumed_one_after_the_other(sent: list[Any]) -> None:
    chain = [{"roleArn": f"{ROLE}first", "sessionName": "one"}, {"roleArn": OTHER, "sessionName": "two"}]
    session = keyed_session(assumeRoles=json.dumps(chain))
    assert caller_arn(session) == "arn:aws:sts::999999999999:assumed-role/other/two"
    assert [form_of(each).get("RoleSessionName") for each in sent] == ["one", "two", None]
    assert len({signed_by(each) for each in sent}) == 3


def test_a_role_is_assumed_once_for_all_services(sent: list[Any]) -> None:
    session = keyed_session(assumeRole=json.dumps({"roleArn": f"{ROLE}deploy"}))
    for _ in range(2):
        caller_arn(session)
    session.client("s3").list_buckets()
    actions = [form_of(each).get("Action") for each in sent]
    assert actions[:2] == ["AssumeRole", "GetCallerIdentity"]
    assert actions.count("AssumeRole") == 1
    assert session.client("s3") is session.client("s3")


@pytest.mark.parametrize(
    ("duration", "seconds"), [("1h", 3600), ("1h30m", 5400), ("90s", 90), ("15m0s", 900), (3600, 3600), ("1.5h", 5400)]
)
def test_a_duration_is_gos_or_a_number(duration: Any, seconds: int) -> None:
    assert parse_duration("aws:assumeRole", duration) == seconds


@pytest.mark.parametrize(
    ("config", "rule"),
    [
        ({"allowedAccountIds": '["111111111111", "222222222222"]'}, "allows only 111111111111, 222222222222"),
        ({"allowedAccountIds": "[111111111111]"}, "allows only 111111111111"),
        ({"forbiddenAccountIds": f'["{ACCOUNT}"]'}, f"aws:forbiddenAccountIds names {ACCOUNT}"),
        (
            {"assumeRole": json.dumps({"roleArn": OTHER}), "allowedAccountIds": f'["{ACCOUNT}"]'},
            f"allows only {ACCOUNT}",
        ),
    ],
)
def test_a_wrong_account_is_refused_before_any_other_call(sent: list[Any], config: dict[str, str], rule: str) -> None:
    session = keyed_session(**config)
    error, again = client_error(session), client_error(session)
    assert isinstance(error, WrongAccountError)
    assert rule in str(error)
    assert str(error) == str(again)
    assert f"of account {'999999999999' if 'assumeRole' in config else ACCOUNT}" in str(error)
    actions = [form_of(each)["Action"] for each in sent]
    assert set(actions) <= {"AssumeRole", "GetCallerIdentity"}
    assert actions.count("GetCallerIdentity") == 1


@pytest.mark.parametrize(
    "config", [{"allowedAccountIds": f'["{ACCOUNT}"]'}, {"forbiddenAccountIds": '["111111111111"]'}]
)
def test_the_right_account_is_allowed(config: dict[str, str]) -> None:
    assert keyed_session(**config).client("sagemaker-geospatial").list_earth_observation_jobs()


def test_without_a_rule_signing_in_makes_no_call(sent: list[Any]) -> None:
    keyed_session().client("sagemaker-geospatial")
    assert sent == []


def test_a_sign_in_that_fails_is_tried_again_by_the_next_operation(sent: list[Any]) -> None:
    session = keyed_session(allowedAccountIds=f'["{ACCOUNT}"]')
    session.control.add_fault(operation="sts:GetCallerIdentity", kind="access_denied")
    assert "User is not authorized" in str(client_error(session))
    assert session.client("sagemaker-geospatial").list_earth_observation_jobs()


@pytest.mark.parametrize("as_list", [True, False])
def test_endpoints_are_taken_from_json_text(as_list: bool) -> None:
    endpoints = {"sagemakergeospatial": "http://localhost:1", "s3": "http://localhost:2", "sts": "http://localhost:3"}
    session = keyed_session(endpoints=json.dumps([endpoints] if as_list else endpoints))
    urls = [session.client(name).meta.endpoint_url for name in ("sagemaker-geospatial", "s3", "sts")]
    assert urls == list(endpoints.values())


def test_endpoints_come_from_the_standard_settings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL", "http://localhost:9")
    assert keyed_session().client("sagemaker-geospatial").meta.endpoint_url == "http://localhost:9"


@pytest.mark.parametrize(("value", "attempts"), [("0", 1), ("7", 8), (None, 5)])
def test_max_retries_are_the_attempts_after_the_first(value: str | None, attempts: int) -> None:
    config = keyed_session(maxRetries=value).client("s3").meta.config
    assert (config.retries["total_max_attempts"], config.retries["mode"]) == (attempts, "standard")


@pytest.mark.parametrize(("value", "style"), [("true", "path"), (True, "path"), ("false", None), (None, None)])
def test_the_addressing_style_is_that_of_the_config(value: Any, style: str | None) -> None:
    config = keyed_session(s3UsePathStyle=value).client("s3").meta.config
    assert (config.s3 or {}).get("addressing_style") == style


def test_the_errors_of_signing_in_are_service_call_errors() -> None:
    error = client_error(make_session(accessKey="AKIA"))
    assert isinstance(error, ServiceCallError)
    assert error.code == "SignIn"
