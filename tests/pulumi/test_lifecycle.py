"""The lifecycle of one export on the real engine: preview, up, refresh, replacement, failure, destroy, and validation."""

from __future__ import annotations

import re

import pytest

from tests.harness import ACCOUNT, BUCKET, Emulator, Stack, changed_properties, declaration, job_arn, planned_operations

KEYS = [f"lake/lake00000000/output/consolidated/tile_0000{n}.tif" for n in range(3)]


@pytest.fixture
def lake(emulator: Emulator, stack: Stack) -> Stack:
    """A stack that declares one export of a completed job."""
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake")])
    return stack


def test_up_starts_an_export_waits_for_it_and_records_its_objects(emulator: Emulator, lake: Stack) -> None:
    emulator.configure(export_seconds=1)
    result = lake.up()
    assert "exports: 1 done, 3 objects, " in result
    outputs = lake.outputs("lake")
    assert outputs["export_status"] == "SUCCEEDED"
    assert outputs["exported_objects"]["count"] == 3
    assert emulator.list_keys() == KEYS
    assert emulator.exports_started() == 1


def test_a_second_up_changes_nothing_and_makes_no_calls(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    emulator.clear_calls()
    lake.up_expecting_no_changes()
    assert emulator.call_report()["counts"] == {}


def test_preview_shows_the_declared_inputs_and_nothing_internal(emulator: Emulator, lake: Stack) -> None:
    result = lake.preview()
    assert f'arn               : "{job_arn("lake00000000")}"' in result
    assert "client_token" not in result
    assert "__" not in result
    assert emulator.call_report()["counts"] == {}


def test_inputs_that_are_unknown_at_preview_are_resolved_at_up(emulator: Emulator, stack: Stack) -> None:
    jobs = [declaration("first"), declaration("second")]
    emulator.add_jobs(jobs)
    stack.write_program(
        f"""
import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs
first = ExportEarthObservationJob("first", arn="{jobs[0]["arn"]}",
    execution_role_arn=pulumi.Output.from_input("{jobs[0]["execution_role_arn"]}"),
    output_config=OutputConfigArgs(s3_data=S3DataArgs(s3_uri=pulumi.Output.concat("s3://", "{BUCKET}", "/first/"))))
status = first.exported_objects.apply(lambda each: each.count)
second = ExportEarthObservationJob("second", arn="{jobs[1]["arn"]}",
    execution_role_arn=first.execution_role_arn,
    output_config=pulumi.Output.from_input({{"s3_data": {{"s3_uri": first.location.apply(lambda l: l.replace("first/", "second/"))}}}}),
    triggers={{"count": status, "token": first.client_token}})
pulumi.export("typed", second.output_config.s3_data.s3_uri)
pulumi.export("token", first.client_token)
"""
    )
    assert planned_operations(stack.plan()) == {"first": "create", "second": "create"}
    stack.up()
    assert stack.outputs("second")["triggers"]["count"] == 3
    assert stack.outputs("second")["triggers"]["token"].startswith("pulumi-")
    assert "second/first0000000/" in stack.run("stack", "output", "typed")
    assert stack.plan() == {}


def test_refresh_without_drift_changes_nothing(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    lake.run("refresh", "--preview-only", "--expect-no-changes")
    lake.refresh("--expect-no-changes")


def test_drift_sets_the_exit_code_of_refresh_and_up_repairs_it(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=KEYS[1])
    lake.run("refresh", "--preview-only", "--expect-no-changes", fails=True)
    lake.refresh()
    assert lake.outputs("lake")["drift"] == "1 of 3 objects is gone"
    lake.up()
    assert "drift" not in lake.outputs("lake")
    assert emulator.list_keys() == KEYS
    assert emulator.exports_started() == 2
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def test_a_new_client_token_replaces_the_export(emulator: Emulator, lake: Stack) -> None:
    token = "a-user-token-that-has-forty-characters-x"
    lake.up()
    lake.declare([declaration("lake", client_token=token)])
    step = lake.plan()["lake"]
    assert (step["op"], changed_properties(step)) == ("replace", ["client_token"])
    lake.up()
    assert lake.outputs("lake")["client_token"] == token
    assert emulator.exports_started() == 2
    lake.up_expecting_no_changes()


def test_a_failed_export_fails_up_with_the_service_message_and_the_next_up_retries(
    emulator: Emulator, lake: Stack
) -> None:
    emulator.configure(export_seconds=0.3)
    emulator.add_fault("ExportEarthObservationJob", "fail_export", message="The tiles are missing")
    result = lake.up(fails=True)
    assert "the export FAILED" in result
    assert "CLIENT_ERROR: The tiles are missing" in result
    assert "Traceback" not in result
    assert lake.resources() == {}
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert emulator.exports_started() == 2


def test_destroy_keeps_the_objects_and_reports_it(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    assert "objects retained in S3" in lake.destroy()
    assert emulator.list_keys() == KEYS


def test_exported_and_imported_state_requires_no_changes(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    state = lake.export_state()
    lake.destroy()
    lake.import_state(state)
    lake.up_expecting_no_changes()
    assert emulator.exports_started() == 1


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("datetime.date(2026, 1, 1)", "date"),
        ("b'x'", "bytes"),
        ("pathlib.Path('x')", "PosixPath"),
        ("{1}", "set"),
        ("2**53 + 1", "a number of 2^53 or more"),
    ],
)
def test_a_trigger_that_no_state_can_hold_is_a_sentence(lake: Stack, value: str, what: str) -> None:
    lake.write_program(
        "import datetime, pathlib\n" + lake.program.replace("**entry,", f"**entry, triggers={{'at': {value}}},")
    )
    result = lake.preview(fails=True)
    assert "triggers.at" in result
    assert what in result
    assert "Traceback" not in result


def test_the_state_stores_the_provider_by_reference_and_not_as_a_secret(lake: Stack) -> None:
    lake.up()
    provider = lake.resources()["lake"]["inputs"]["__provider"]
    assert isinstance(provider, str)
    assert len(provider) == 64


@pytest.mark.parametrize("secret", [["execution_role_arn"], ["output_config"], []])
def test_an_error_of_the_service_names_secret_inputs_and_shows_others(
    emulator: Emulator, stack: Stack, secret: list[str]
) -> None:
    role = "arn:aws:iam::123456789012:role/some-role"
    message = (
        f"{role} (assumed-role/some-role/session) is not authorized to perform: s3:PutObject on s3://exports/lake/"
    )
    emulator.add_job("lake00000000")
    emulator.add_fault("ExportEarthObservationJob", "access_denied", message=message)
    stack.declare([{**declaration("lake"), "execution_role_arn": role, "secret": secret}])
    result = stack.up(fails=True)
    assert ("some-role" in result) == ("execution_role_arn" not in secret)
    assert ("s3://exports/lake/" in result) == ("output_config" not in secret)


def test_in_the_most_detailed_log_secret_inputs_are_written_by_the_engine_alone(
    emulator: Emulator, lake: Stack
) -> None:
    emulator.create_role("hush-role")
    secrets = {"execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/hush-role", "client_token": f"hush-{'0' * 40}"}
    hidden = [*secrets, "output_config"]
    lake.declare([declaration("lake", prefix="hush-prefix", delete_objects=True, secret=hidden, **secrets)])
    log = lake.up("--debug", "--logtostderr", "--logflow", "-v=9").output + lake.destroy("--debug").output
    # What the engine sends to and receives from a provider, which it writes from this level on.
    rpc = re.compile(r"(Unm|M)arshaling property for RPC")
    assert [line for line in log.splitlines() if "hush" in line and not rpc.search(line)] == []
    assert "botocore" not in log


def test_secret_inputs_appear_neither_in_output_nor_in_the_state(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declaration("lake", prefix="secret-prefix", secret=["output_config"])])
    lake.write_program(lake.program + 'import pulumi\npulumi.export("where", exports["lake"].location)\n')
    result = lake.up()
    assert "secret-prefix" not in result
    assert "secret-prefix" not in str(lake.export_state())
    assert "secret-prefix" in lake.run("stack", "output", "where", "--show-secrets")


@pytest.mark.parametrize(
    "invalid",
    [
        {"execution_role_arn": "secret-role"},
        {"client_token": "secret-token"},
        {"output_config": "s3://secret-bucket/"},
        {"arn": "secret-job"},
        {"triggers": "secret-trigger", "client_token": "t" * 40},
    ],
    ids=lambda invalid: next(iter(invalid)),
)
def test_a_validation_error_does_not_print_a_secret_input(
    emulator: Emulator, lake: Stack, invalid: dict[str, str]
) -> None:
    lake.declare([declaration("lake", client_token="t" * 40)])
    lake.up()
    lake.declare([{**declaration("lake"), **invalid, "secret": list(invalid)}])
    result = lake.preview(fails=True)
    assert "has a problem: " in result
    assert "secret-" not in result
    assert "ttt" not in result


def test_preview_validates_each_property_and_names_it(emulator: Emulator, stack: Stack) -> None:
    invalid = {
        "arn": "arn:aws:s3:::bucket",
        "execution_role_arn": "eoj-export",
        "output_config": {"s3_data": {"s3_uri": "bucket/prefix", "s3_url": "s3://bucket/"}},
        "client_token": "short",
        "export_source_images": "yes",
    }
    stack.declare([{**declaration("lake"), **invalid}])
    result = stack.preview(fails=True)
    for name, message in (
        ("arn", "must be the ARN of an Earth observation job"),
        ("execution_role_arn", "must be the ARN of an IAM role"),
        ("output_config.s3_data.s3_uri", "must be an S3 URI, s3://BUCKET/PREFIX/"),
        ("output_config.s3_data.s3_url", "is not a field of output_config.s3_data: it has kms_key_id, s3_uri"),
        ("client_token", "must have 36 to 64 characters, not 5"),
        ("export_source_images", "must be true or false, not a string"),
    ):
        assert f"resource 'lake' has a problem: property {name}: {message}" in result
    assert "Traceback" not in result
    assert emulator.call_report()["counts"] == {}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("access_denied", "AccessDeniedException"),
        ("validation", "ValidationException"),
        ("not_found", "ResourceNotFoundException"),
    ],
)
def test_a_service_error_names_the_job_and_quotes_the_service_message(
    emulator: Emulator, lake: Stack, kind: str, code: str
) -> None:
    emulator.add_fault("ExportEarthObservationJob", kind, message="the service message", times=-1)
    result = lake.up(fails=True)
    assert f"starting the export of {job_arn('lake00000000')} was refused: {code}: the service message." in result
    assert "Traceback" not in result


@pytest.mark.parametrize("kind", ["conflict", "throttle", "internal", "quota", "drop_before", "drop_after"])
def test_transient_errors_are_retried_without_a_second_export(emulator: Emulator, lake: Stack, kind: str) -> None:
    emulator.add_fault("ExportEarthObservationJob", kind, times=2 if kind.startswith("drop_before") else 1)
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert emulator.exports_started() == 1


def test_an_unreachable_endpoint_is_reported_as_a_timeout(lake: Stack) -> None:
    lake.configure(**{"aws:endpoints": [{"sagemakergeospatial": "http://127.0.0.1:9", "s3": "http://127.0.0.1:9"}]})
    lake.declare([declaration("lake", opts={"timeouts": {"create": "8s"}})])
    result = lake.up(fails=True)
    assert "starting the export of" in result
    assert "Last error: starting the export of" in result
    assert "Check the network, aws:endpoints" in result
    assert "Traceback" not in result
