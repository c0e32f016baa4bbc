"""The stack's aws: config as boto3 clients, against moto's STS: whose account, by which road, and each mistake a sentence."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from moto.core.botocore_stubber import BotocoreStubber
from pulumi_sagemaker_geospatial import CallFailed, ExportError, WrongAccount
from pulumi_sagemaker_geospatial.account import NOT_HONOURED, Account, _seconds

from tests.unit.unit_harness import ACCOUNT, KEYS, REGION

pytestmark = pytest.mark.usefixtures("bare_account")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
OTHER = "arn:aws:iam::999999999999:role/other"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests that leave this process: URL, headers and form."""
    requests: list[Any] = []
    before = BotocoreStubber.__call__

    def call(self: Any, event_name: str, request: Any, **more: Any) -> Any:
        requests.append(request)
        return before(self, event_name, request, **more)

    monkeypatch.setattr(BotocoreStubber, "__call__", call)
    return requests


def account(**config: Any) -> tuple[Account, list[str]]:
    warned: list[str] = []
    given = {f"aws:{name}": value for name, value in config.items()}
    return Account({"aws:maxRetries": "0", **given}.get, warned.append), warned


def keyed(**config: Any) -> Account:
    return account(accessKey="AKIAOURS", secretKey="secret", **config)[0]


def who(found: Account) -> str:
    return str(found.client("sts", REGION).get_caller_identity()["Arn"])


def signed_by(request: Any) -> str:
    return str(request.headers["Authorization"]).partition("Credential=")[2].partition("/")[0]


def form(request: Any) -> dict[str, str]:
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
    return dict(urllib.parse.parse_qsl(body))


def refused(found: Account) -> ExportError:
    with pytest.raises(ExportError) as caught:
        found.client("sagemaker-geospatial", REGION).list_earth_observation_jobs()
    return caught.value


def test_the_keys_of_the_config_sign_every_call(sent: list[Any]) -> None:
    who(keyed(token="session"))
    assert signed_by(sent[0]) == "AKIAOURS"
    assert sent[0].headers["X-Amz-Security-Token"] == b"session"


def test_the_keys_of_the_config_come_before_the_environments(sent: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATHEIRS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    who(keyed())
    who(account()[0])
    assert [signed_by(each) for each in sent] == ["AKIAOURS", "AKIATHEIRS"]


def settings(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    file = folder / "config"
    file.write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))


def test_a_profile_is_taken_from_the_standard_file(
    sent: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings(monkeypatch, tmp_path, "[profile team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = s\n")
    who(account(profile="team")[0])
    assert signed_by(sent[0]) == "AKIATEAM"


def test_an_assumed_role_is_asked_for_as_declared(sent: list[Any]) -> None:
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
    assert who(keyed(assumeRole=json.dumps(role))) == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/a-session"
    asked = form(sent[0])
    assert {name: asked[name] for name in asked if name not in ("Action", "Version")} == {
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


def test_a_chain_of_roles_is_walked_from_one_to_the_next(sent: list[Any]) -> None:
    chain = [{"roleArn": f"{ROLE}first", "sessionName": "one"}, {"roleArn": OTHER, "sessionName": "two"}]
    assert who(keyed(assumeRoles=json.dumps(chain))) == "arn:aws:sts::999999999999:assumed-role/other/two"
    assert [form(each).get("RoleSessionName") for each in sent] == ["one", "two", None]
    assert len({signed_by(each) for each in sent}) == 3


def test_a_role_is_assumed_once_for_all_services(sent: list[Any]) -> None:
    found = keyed(assumeRole=json.dumps({"roleArn": f"{ROLE}deploy"}))
    for service in ("sts", "sts"):
        found.client(service, REGION).get_caller_identity()
    found.client("s3", REGION).list_buckets()
    assert [form(each).get("Action") for each in sent[:2]] == ["AssumeRole", "GetCallerIdentity"]
    assert [form(each).get("Action") for each in sent].count("AssumeRole") == 1
    assert found.client("s3", REGION) is found.client("s3", REGION)


@pytest.mark.parametrize(
    ("duration", "seconds"), [("1h", 3600), ("1h30m", 5400), ("90s", 90), ("15m0s", 900), (3600, 3600), ("1.5h", 5400)]
)
def test_a_duration_is_gos_or_a_number(duration: Any, seconds: int) -> None:
    assert _seconds(duration) == seconds


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
    found = keyed(**config)
    error = refused(found)
    again = refused(found)
    assert isinstance(error, WrongAccount)
    assert rule in str(error)
    assert str(error) == str(again)
    assert f"of account {'999999999999' if 'assumeRole' in config else ACCOUNT}" in str(error)
    assert {form(each)["Action"] for each in sent} <= {"AssumeRole", "GetCallerIdentity"}
    assert [form(each)["Action"] for each in sent].count("GetCallerIdentity") == 1


@pytest.mark.parametrize(
    "config", [{"allowedAccountIds": f'["{ACCOUNT}"]'}, {"forbiddenAccountIds": '["111111111111"]'}]
)
def test_the_right_account_is_let_through(config: dict[str, str]) -> None:
    assert keyed(**config).client("sagemaker-geospatial", REGION).list_earth_observation_jobs()


def test_no_rule_costs_no_call(sent: list[Any]) -> None:
    keyed().client("sagemaker-geospatial", REGION)
    assert sent == []


@pytest.mark.parametrize("shape", [list, lambda one: one])
def test_endpoints_are_taken_from_json_text(shape: Any) -> None:
    endpoints = {"sagemakergeospatial": "http://localhost:1", "s3": "http://localhost:2", "sts": "http://localhost:3"}
    found = keyed(endpoints=json.dumps([endpoints] if shape is list else endpoints))
    urls = [found.client(name, REGION).meta.endpoint_url for name in ("sagemaker-geospatial", "s3", "sts")]
    assert urls == list(endpoints.values())


def test_endpoints_come_from_the_standard_settings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL", "http://localhost:9")
    assert keyed().client("sagemaker-geospatial", REGION).meta.endpoint_url == "http://localhost:9"


@pytest.mark.parametrize(("given", "attempts"), [("0", 1), ("7", 8), (None, 5)])
def test_max_retries_are_the_attempts_after_the_first(given: str | None, attempts: int) -> None:
    config = keyed(maxRetries=given).client("s3", REGION).meta.config
    assert (config.retries["total_max_attempts"], config.retries["mode"]) == (attempts, "adaptive")


@pytest.mark.parametrize(("given", "style"), [("true", "path"), (True, "path"), ("false", None), (None, None)])
def test_path_style_is_honoured(given: Any, style: str | None) -> None:
    config = keyed(s3UsePathStyle=given).client("s3", REGION).meta.config
    assert (config.s3 or {}).get("addressing_style") == style


def test_what_is_not_honoured_is_said_once_in_one_sentence() -> None:
    found, warned = account(accessKey="a", secretKey="b", insecure="true", httpProxy="http://p", region=REGION)
    found.client("s3", REGION)
    found.client("sts", REGION)
    assert warned == [
        "exports do not honour aws:httpProxy, aws:insecure; use the standard AWS settings of the environment instead"
    ]
    assert account(**dict.fromkeys(NOT_HONOURED, "x"))[1][0].count("aws:") == len(NOT_HONOURED)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"accessKey": "AKIA"}, "the stack's config sets only one half of a key: aws:secretKey is missing."),
        ({"secretKey": "s"}, "the stack's config sets only one half of a key: aws:accessKey is missing."),
        ({"profile": "nobody"}, "signing in to AWS failed: The config profile (nobody) could not be found"),
        ({**KEYS, "assumeRole": "{broken"}, "the stack's config aws:assumeRole is not valid JSON"),
        ({**KEYS, "endpoints": "http://x"}, "the stack's config aws:endpoints is mistaken: each entry is an object"),
        ({**KEYS, "allowedAccountIds": "[1,"}, "the stack's config aws:allowedAccountIds is not valid JSON"),
    ],
)
def test_a_mistake_in_the_config_is_a_sentence(config: dict[str, str], sentence: str) -> None:
    found = account(**{name.removeprefix("aws:"): value for name, value in config.items()})[0]
    error = refused(found)
    assert str(error).startswith(sentence)
    assert isinstance(error, CallFailed)
    assert "secret" not in str(error).replace("aws:secretKey", "")


@pytest.mark.parametrize(
    "config",
    [
        {"maxRetries": "many"},
        {"maxRetries": "-1"},
        {"assumeRole": f'"{ROLE}deploy"'},
        {"assumeRoles": f'["{ROLE}deploy"]'},
        {"endpoints": '["http://localhost"]'},
        {"assumeRole": json.dumps({"roleArn": f"{ROLE}deploy", "duration": "soon"})},
    ],
    ids=lambda value: ", ".join(value),
)
def test_a_value_of_another_shape_is_a_sentence_that_names_its_key(config: dict[str, str]) -> None:
    [name] = config
    assert f"aws:{name}" in str(refused(keyed(**config)))


def test_no_credentials_are_a_sentence_where_an_account_is_asked_for() -> None:
    error = refused(account(allowedAccountIds=f'["{ACCOUNT}"]')[0])
    assert str(error).startswith(
        "signing in to AWS failed: Unable to locate credentials. Check the stack's aws: config"
    )


def test_an_expired_sso_session_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    session = "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-west-2\n"
    profile = f"[profile sso]\nsso_session = s\nsso_account_id = {ACCOUNT}\nsso_role_name = r\n"
    settings(monkeypatch, tmp_path, session + profile)
    monkeypatch.setenv("HOME", str(tmp_path))
    error = refused(account(profile="sso", allowedAccountIds=f'["{ACCOUNT}"]')[0])
    assert str(error).startswith("signing in to AWS failed: ")
    assert "with SSO, sign in again" in str(error)


def test_what_is_wrong_with_a_role_is_said_without_its_values() -> None:
    roles = '[{"rolearn": "arn:aws:iam::123456789012:role/x", "externalId": "HUSH"}]'
    with pytest.raises(CallFailed, match=r"'externalId', 'rolearn'") as caught:
        Account({**KEYS, "aws:assumeRoles": roles}.get, print).client("s3", REGION)
    assert "HUSH" not in str(caught.value)
