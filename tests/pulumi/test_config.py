"""The stack's config: credentials, allowed accounts, endpoints, and the provider's settings."""

from __future__ import annotations

from tests.harness import (
    ACCOUNT,
    Emulator,
    Stack,
    declaration,
)


def test_an_account_that_is_not_allowed_is_rejected_before_any_other_call(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake")])
    stack.configure(**{"aws:allowedAccountIds": ["999999999999"]})
    result = stack.up(fails=True)
    assert f"the credentials are of account {ACCOUNT}, but aws:allowedAccountIds allows only 999999999999" in result
    assert emulator.call_count() == 0


def test_exports_use_the_assumed_role(emulator: Emulator, stack: Stack) -> None:
    role = "arn:aws:iam::222222222222:role/deployer"
    roles = [{"roleArn": role, "sessionName": "pulumi", "duration": "1h"}]
    stack.configure(**{"aws:assumeRoles": roles, "aws:allowedAccountIds": ["222222222222"]})
    stack.declare([declaration("lake")])
    result = stack.up(fails=True)
    # The job does not exist in the other account, which shows that its credentials were used.
    assert "ResourceNotFoundException" in result
    assert emulator.call_report()["counts"].get("ExportEarthObservationJob", 0) >= 1


def test_omitted_config_defaults_to_the_environment(emulator: Emulator, stack: Stack) -> None:
    emulator.add_job("lake00000000")
    stack.configure(**{"aws:accessKey": None, "aws:secretKey": None, "aws:endpoints": None})
    stack.env.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_ENDPOINT_URL_SAGEMAKER_GEOSPATIAL=emulator.url,
        AWS_ENDPOINT_URL_S3=emulator.url,
    )
    stack.declare([declaration("lake")])
    stack.up()
    assert emulator.exports_started() == 1


def test_an_unsupported_or_misspelled_config_key_causes_one_warning(emulator: Emulator, stack: Stack) -> None:
    stack.configure(**{"aws:httpProxy": "http://127.0.0.1:1", "aws:defaultTags": {"tags": {"a": "b"}}})
    endpoints = {"sagemakergeospatial": emulator.url, "s3": emulator.url, "STS": emulator.url}
    stack.configure(**{"aws:regoin": "us-west-2", "aws:endpoints": [endpoints]})
    entries = [declaration("lake"), declaration("sea")]
    emulator.add_jobs(entries)
    stack.declare(entries)
    result = stack.up()
    diagnostics = result.output.partition("Diagnostics:")[2]
    assert diagnostics.count("ignoring unsupported config aws:httpProxy;") == 1
    assert diagnostics.count("ignoring unknown config aws:regoin (did you mean aws:region?)") == 1
    assert diagnostics.count("ignoring unknown services of aws:endpoints: STS (did you mean sts?)") == 1
    assert "aws:defaultTags" not in diagnostics


def test_a_setting_that_is_not_a_number_is_rejected(emulator: Emulator, stack: Stack) -> None:
    stack.configure(**{"sagemakergeospatial:pollInterval": "often"})
    stack.declare([declaration("lake")])
    assert (
        "sagemakergeospatial:pollInterval must be a number of seconds above 0 and at most 300, not 'often'"
        in stack.preview(fails=True)
    )
