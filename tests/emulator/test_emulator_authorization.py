"""The server with moto's authorization switched on: the first user, and calls whose signature is not valid."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.emulator.emulator_harness import DEMO_ARN, DEMO_JOB_PATH, EMULATOR, REGION, Server
from tests.root_project.shell import assert_commands_print_what_is_shown, shell_commands

COMMANDS = shell_commands((EMULATOR.parent / "docs" / "permissions.md").read_text())


@pytest.fixture
def checking_server(start_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> Server:
    """The demo's server, which checks every call."""
    monkeypatch.setenv("INITIAL_NO_AUTH_ACTION_COUNT", "0")
    return start_server("--demo")


def code_of(server: Server, access_key: str, secret_key: str) -> str:
    """Return the code of the error of a Get with this key; empty where it succeeds."""
    client: Any = boto3.client(
        "sagemaker-geospatial",
        REGION,
        endpoint_url=server.url,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )
    try:
        client.get_earth_observation_job(Arn=DEMO_ARN)
    except client.exceptions.ClientError as exc:
        return str(exc.response["Error"]["Code"])
    return ""


def test_the_first_user_is_created_between_the_commands_of_the_page(checking_server: Server, tmp_path: Path) -> None:
    server = checking_server
    switch_off, switch_on = [
        (command.replace("http://127.0.0.1:5577", server.url), shown)
        for command, shown in COMMANDS
        if "reset-auth" in command
    ]
    iam = server.account().iam
    assert server.account().catch_error(iam.create_user, UserName="caller")[0] == "InvalidClientTokenId"
    assert_commands_print_what_is_shown([switch_off], tmp_path, dict(os.environ), {})
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    access_key, secret_key = key["AccessKeyId"], key["SecretAccessKey"]
    assert_commands_print_what_is_shown([switch_on], tmp_path, dict(os.environ), {})
    assert code_of(server, access_key, secret_key) == "AccessDeniedException"
    assert code_of(server, access_key, "another") == "InvalidSignatureException"
    assert code_of(server, "AKIAIOSFODNN7EXAMPLE", "example") == "UnrecognizedClientException"
    status, headers, body = server.http("GET", DEMO_JOB_PATH)
    assert (status, headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")
    assert body == {"Message": "Missing Authentication Token"}
