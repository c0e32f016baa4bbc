"""The lifecycle of one export on the real engine: preview, up, refresh, replacement, failure, destroy, and validation."""

from __future__ import annotations

import re

import pytest

from tests.harness import ACCOUNT, BUCKET, Emulator, Stack, declaration, diagnostics, job_arn, planned_operations

KEYS = [f"lake/lake00000000/output/consolidated/tile_0000{n}.tif" for n in range(3)]


@pytest.fixture
def lake(emulator: Emulator, stack: Stack) -> Stack:
    """A stack that declares one export of a completed job."""
    emulator.add_job("lake00000000")
    stack.declare([declaration("lake")])
    return stack


def test_preview_shows_the_declared_inputs_and_nothing_internal(emulator: Emulator, lake: Stack) -> None:
    result = lake.preview()
    assert f'arn               : "{job_arn("lake00000000")}"' in result
    assert "client_token" not in result
    assert "__" not in result
    assert emulator.call_report()["counts"] == {}


def test_an_export_is_created_kept_refreshed_destroyed_and_its_state_imported(emulator: Emulator, lake: Stack) -> None:
    emulator.configure(export_seconds=1)
    lake.configure(**{"aws:maxRetries": 0})
    assert "exports: 1 done, 3 objects, " in lake.up()
    resource = lake.resources()["lake"]
    assert resource["outputs"]["export_status"] == "SUCCEEDED"
    assert resource["outputs"]["exported_objects"]["count"] == 3
    assert emulator.list_keys() == KEYS
    assert emulator.exports_started() == 1
    # The provider is stored by reference, and not as a secret.
    provider = resource["inputs"]["__provider"]
    assert isinstance(provider, str)
    assert len(provider) == 64

    emulator.add_fault("GetEarthObservationJob", "internal", times=3)  # which a refresh repeats
    lake.refresh("--expect-no-changes")
    state = lake.export_state()
    assert "objects retained in S3" in lake.destroy()
    assert emulator.list_keys() == KEYS
    lake.import_state(state)
    emulator.clear_calls()
    lake.up_expecting_no_changes()
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
    assert "second/first0000000/" in stack.all_resources()[0]["outputs"]["typed"]


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


#: Triggers that no state can hold, and the type that an error names.
TRIGGERS = {"datetime.date(2026, 1, 1)": "date", "b'x'": "bytes", "pathlib.Path('x')": "PosixPath", "{1}": "set"}


def test_a_trigger_that_no_state_can_hold_is_a_sentence(stack: Stack) -> None:
    arguments = {name: value for name, value in declaration("lake").items() if name != "name"}
    stack.write_program(
        f"""
import datetime, pathlib
from pulumi_sagemaker_geospatial import ExportEarthObservationJob
for value in ({", ".join(TRIGGERS)}):
    try:
        ExportEarthObservationJob("lake", **{arguments}, triggers={{"at": value}})
    except Exception as exc:
        error = exc
        print(error)
raise error
"""
    )
    result = stack.preview(fails=True)
    for name in TRIGGERS.values():
        assert (
            f"lake: triggers.at must be a JSON value (a string, number, boolean, null, list or object), not {name}"
            in result
        )
    assert "error: lake: triggers.at must be a JSON value" in result
    assert "Traceback" not in result


def test_an_error_of_the_service_names_secret_inputs_and_shows_others(emulator: Emulator, stack: Stack) -> None:
    role = "arn:aws:iam::123456789012:role/some-role"
    secrets = {"role": "execution_role_arn", "output": "output_config"}
    entries = [{**declaration(name), "execution_role_arn": role, "secret": [each]} for name, each in secrets.items()]
    emulator.add_jobs(entries)
    for entry in entries:
        message = f"{role} (assumed-role/some-role/session) is not authorized to perform: s3:PutObject on s3://exports/{entry['name']}/"
        emulator.add_fault("ExportEarthObservationJob", "access_denied", arn=entry["arn"], message=message, times=-1)
    stack.declare(entries)
    said = diagnostics(stack.up("--continue-on-error", fails=True))
    for name, secret in secrets.items():
        assert ("some-role" in said[name]) == (secret != "execution_role_arn"), name
        assert (f"s3://exports/{name}/" in said[name]) == (secret != "output_config"), name


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


def test_a_validation_error_does_not_print_a_secret_input(lake: Stack) -> None:
    invalid = {
        "execution_role_arn": "secret-role",
        "client_token": "secret-token",
        "output_config": "s3://secret-bucket/",
        "arn": "secret-job",
    }
    lake.declare([{**declaration("lake"), **invalid, "secret": list(invalid)}])
    result = lake.preview(fails=True)
    for name in invalid:
        assert f"has a problem: property {name}: " in result
    assert "secret-" not in result


def test_preview_validates_each_property_and_names_it(emulator: Emulator, stack: Stack) -> None:
    invalid = {
        "arn": "arn:aws:s3:::bucket",
        "execution_role_arn": "eoj-export",
        "output_config": {"s3_data": {"s3_uri": "bucket/prefix", "s3_url": "s3://bucket/"}},
        "client_token": "short",
        "export_source_images": "yes",
        "triggers": {"at": 2**53 + 1},
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
        ("triggers.at", "is a number of 2^53 or more, which Pulumi does not keep exactly: pass it as a string"),
    ):
        assert f"resource 'lake' has a problem: property {name}: {message}" in result
    assert "Traceback" not in result
    assert emulator.call_report()["counts"] == {}


#: The kind of a fault, and the error of the service that it stands for.
REFUSALS = {
    "access_denied": "AccessDeniedException",
    "validation": "ValidationException",
    "not_found": "ResourceNotFoundException",
}


def test_a_service_error_names_the_job_and_quotes_the_service_message(emulator: Emulator, stack: Stack) -> None:
    entries = {kind: declaration(kind) for kind in REFUSALS}
    emulator.add_jobs(entries.values())
    for kind, entry in entries.items():
        message = f"the service message of {kind}"
        emulator.add_fault("ExportEarthObservationJob", kind, arn=entry["arn"], message=message, times=-1)
    stack.declare(entries.values())
    result = stack.up("--continue-on-error", fails=True)
    for kind, code in REFUSALS.items():
        refused = f"starting the export of {entries[kind]['arn']} was refused: {code}: the service message of {kind}."
        assert refused in result
    assert "Traceback" not in result


def test_transient_errors_are_retried_without_a_second_export(emulator: Emulator, stack: Stack) -> None:
    kinds = ("conflict", "throttle", "internal", "quota", "drop_before", "drop_after")
    entries = {kind: declaration(kind.replace("_", "-")) for kind in kinds}
    emulator.add_jobs(entries.values())
    for kind, entry in entries.items():
        times = 2 if kind == "drop_before" else 1
        emulator.add_fault("ExportEarthObservationJob", kind, arn=entry["arn"], times=times)
    stack.declare(entries.values())
    stack.up("--parallel", "16")
    resources = stack.resources()
    for kind, entry in entries.items():
        assert resources[entry["name"]]["outputs"]["export_status"] == "SUCCEEDED", kind
        assert emulator.exports_started(entry["arn"]) == 1, kind


def test_an_unreachable_endpoint_is_reported_as_a_timeout(lake: Stack) -> None:
    lake.configure(**{"aws:endpoints": [{"sagemakergeospatial": "http://127.0.0.1:9", "s3": "http://127.0.0.1:9"}]})
    lake.declare([declaration("lake", opts={"timeouts": {"create": "8s"}})])
    result = lake.up(fails=True)
    assert "starting the export of" in result
    assert "Last error: starting the export of" in result
    assert "Check the network, aws:endpoints" in result
    assert "Traceback" not in result
