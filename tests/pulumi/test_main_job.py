"""The main job on a real engine over HTTP: preview, up, refresh, replace, fail and try anew, destroy, export and import."""

from __future__ import annotations

import pytest

from tests.harness import BUCKET, Emulator, Stack, actions, arn, changes, declared

KEYS = [f"lake/lake00000000/output/consolidated/tile_0000{n}.tif" for n in range(3)]


@pytest.fixture
def lake(emulator: Emulator, stack: Stack) -> Stack:
    emulator.job("lake00000000")
    stack.declare([declared("lake")])
    return stack


def test_up_exports_waits_and_records_what_was_written(emulator: Emulator, lake: Stack) -> None:
    emulator.settings(export_seconds=1)
    shown = lake.up()
    assert "IN_PROGRESS" in shown
    outputs = lake.outputs("lake")
    assert outputs["export_status"] == "SUCCEEDED"
    assert outputs["exported_objects"]["count"] == 3
    assert emulator.keys() == KEYS
    assert emulator.started() == 1


def test_a_second_up_changes_nothing_and_asks_nothing(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    emulator.forget_calls()
    lake.empty()
    assert emulator.calls()["counts"] == {}


def test_a_preview_shows_what_was_declared_and_nothing_internal(emulator: Emulator, lake: Stack) -> None:
    shown = lake.preview()
    assert f'arn               : "{arn("lake00000000")}"' in shown
    assert "client_token" not in shown
    assert "__" not in shown
    assert emulator.calls()["counts"] == {}


def test_unknown_values_at_preview_become_an_export_at_up(emulator: Emulator, stack: Stack) -> None:
    jobs = [declared("first"), declared("second")]
    emulator.jobs(jobs)
    stack.write(
        f"""
import pulumi
from pulumi_sagemaker_geospatial import ExportEarthObservationJob, OutputConfigArgs, S3DataArgs
first = ExportEarthObservationJob("first", arn="{jobs[0]["arn"]}",
    execution_role_arn=pulumi.Output.from_input("{jobs[0]["execution_role_arn"]}"),
    output_config=OutputConfigArgs(s3_data=S3DataArgs(s3_uri=pulumi.Output.concat("s3://", "{BUCKET}", "/first/"))))
status = first.exported_objects.apply(lambda each: each.count)
second = ExportEarthObservationJob("second", arn="{jobs[1]["arn"]}",
    execution_role_arn=first.execution_role_arn,
    output_config=pulumi.Output.from_input({{"s3_data": {{"s3_uri": first.location.apply(lambda l: l + "again/")}}}}),
    triggers={{"count": status, "token": first.client_token}})
pulumi.export("typed", second.output_config.s3_data.s3_uri)
pulumi.export("token", first.client_token)
"""
    )
    assert actions(stack.plan()) == {"first": "create", "second": "create"}
    stack.up()
    assert stack.outputs("second")["triggers"]["count"] == 3
    assert stack.outputs("second")["triggers"]["token"].startswith("pulumi-")
    assert "first/first0000000/again/" in stack.run("stack", "output", "typed")
    assert stack.plan() == {}


def test_a_refresh_without_drift_changes_nothing(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    lake.run("refresh", "--preview-only", "--expect-no-changes")
    lake.refresh("--expect-no-changes")


def test_a_refresh_with_drift_is_seen_by_its_exit_code_and_repaired_by_up(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=KEYS[1])
    lake.run("refresh", "--preview-only", "--expect-no-changes", fails=True)
    lake.refresh()
    assert lake.outputs("lake")["drift"] == "1 of 3 objects is gone"
    lake.up()
    assert "drift" not in lake.outputs("lake")
    assert emulator.keys() == KEYS
    assert emulator.started() == 2
    lake.run("refresh", "--preview-only", "--expect-no-changes")


def test_a_new_client_token_replaces(emulator: Emulator, lake: Stack) -> None:
    token = "a-token-of-the-users-own-of-40-characters"
    lake.up()
    lake.declare([declared("lake", client_token=token)])
    step = lake.plan()["lake"]
    assert (step["op"], changes(step)) == ("replace", ["client_token"])
    lake.up()
    assert lake.outputs("lake")["client_token"] == token
    assert emulator.started() == 2
    lake.empty()


def test_a_failed_export_fails_up_with_the_services_message_and_the_next_up_tries_anew(
    emulator: Emulator, lake: Stack
) -> None:
    emulator.settings(export_seconds=0.3)
    emulator.fault("ExportEarthObservationJob", "fail_export", message="The tiles are missing")
    shown = lake.up(fails=True)
    assert "ExportFailed: exporting" in shown
    assert "CLIENT_ERROR: The tiles are missing" in shown
    assert "Traceback" not in shown
    assert lake.resources() == {}
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert emulator.started() == 2


def test_destroy_keeps_the_objects_and_says_so(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    assert "the exported objects stay in S3" in lake.destroy()
    assert emulator.keys() == KEYS


def test_state_that_is_exported_and_imported_needs_no_change(emulator: Emulator, lake: Stack) -> None:
    lake.up()
    state = lake.export()
    lake.destroy()
    lake.import_(state)
    lake.empty()
    assert emulator.started() == 1


def test_the_state_keeps_the_provider_by_reference_and_not_as_a_secret(lake: Stack) -> None:
    lake.up()
    provider = lake.resources()["lake"]["inputs"]["__provider"]
    assert isinstance(provider, str)
    assert len(provider) == 64


def test_secret_inputs_stay_secret_and_leave_no_trace(emulator: Emulator, lake: Stack) -> None:
    lake.declare([declared("lake", prefix="hidden-place", secret=["output_config"])])
    lake.write(lake.program + 'import pulumi\npulumi.export("where", made["lake"].location)\n')
    shown = lake.up()
    assert "hidden-place" not in shown
    assert "hidden-place" not in str(lake.export())
    assert "hidden-place" in lake.run("stack", "output", "where", "--show-secrets")


@pytest.mark.parametrize(
    "wrong",
    [
        {"execution_role_arn": "hidden-role"},
        {"client_token": "hidden-token"},
        {"output_config": "s3://hidden-bucket/"},
        {"arn": "hidden-job"},
        {"triggers": "hidden-trigger", "client_token": "t" * 40},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_secret_input_that_is_refused_is_not_printed(emulator: Emulator, lake: Stack, wrong: dict[str, str]) -> None:
    lake.declare([declared("lake", client_token="t" * 40)])
    lake.up()
    lake.declare([{**declared("lake"), **wrong, "secret": list(wrong)}])
    shown = lake.preview(fails=True)
    assert "has a problem: " in shown
    assert "hidden" not in shown
    assert "ttt" not in shown


def test_every_rule_of_the_api_page_is_checked_at_preview_with_the_propertys_name(
    emulator: Emulator, stack: Stack
) -> None:
    wrong = {
        "arn": "arn:aws:s3:::bucket",
        "execution_role_arn": "eoj-export",
        "output_config": {"s3_data": {"s3_uri": "bucket/prefix", "s3_url": "s3://bucket/"}},
        "client_token": "short",
        "export_source_images": "yes",
    }
    stack.declare([{**declared("lake"), **wrong}])
    shown = stack.preview(fails=True)
    for name, sentence in (
        ("arn", "must be the ARN of an Earth observation job"),
        ("execution_role_arn", "must be the ARN of an IAM role"),
        ("output_config.s3_data.s3_uri", "must be an S3 URI, s3://BUCKET/PREFIX/"),
        ("output_config.s3_data.s3_url", "is not a field of output_config.s3_data: it has kms_key_id, s3_uri"),
        ("client_token", "must have 36 to 64 characters, not 5"),
        ("export_source_images", "must be true or false, not a string"),
    ):
        assert f"resource 'lake' has a problem: property {name} {sentence}" in shown
    assert "Traceback" not in shown
    assert emulator.calls()["counts"] == {}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("access_denied", "AccessDeniedException"),
        ("validation", "ValidationException"),
        ("not_found", "ResourceNotFoundException"),
    ],
)
def test_a_refusal_is_a_sentence_with_the_job_the_services_words_and_what_to_do(
    emulator: Emulator, lake: Stack, kind: str, code: str
) -> None:
    emulator.fault("ExportEarthObservationJob", kind, message="the words of the service", times=-1)
    shown = lake.up(fails=True)
    assert f"starting the export of {arn('lake00000000')} was refused: {code}: the words of the service." in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("kind", ["conflict", "throttle", "internal", "quota", "cut", "cut_after"])
def test_what_passes_is_waited_for_and_nothing_is_exported_twice(emulator: Emulator, lake: Stack, kind: str) -> None:
    emulator.fault("ExportEarthObservationJob", kind, times=2 if kind.startswith("cut") else 1)
    lake.up()
    assert lake.outputs("lake")["export_status"] == "SUCCEEDED"
    assert emulator.started() == 1


def test_an_address_that_nobody_answers_is_a_sentence(lake: Stack) -> None:
    lake.configure(**{"aws:endpoints": [{"sagemakergeospatial": "http://127.0.0.1:9", "s3": "http://127.0.0.1:9"}]})
    lake.declare([declared("lake", opts={"timeouts": {"create": "3s"}})])
    shown = lake.up(fails=True)
    assert "TimedOut: starting the export of" in shown
    assert "Last: starting the export of" in shown
    assert "Check the network, aws:endpoints" in shown
    assert "Traceback" not in shown
