"""The state file: the account survives a restart, and an unreadable file does not stop the server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.emulator.emulator_harness import DEMO_ARN, DEMO_BUCKET, TOKEN, Server, wait_until

URI = f"s3://{DEMO_BUCKET}/x"
KEY_ALIAS = "alias/eoj-exports"
ROADS_ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:vector-enrichment-job/demo00000004"


def describe_account(server: Server) -> list[object]:
    """What S3, SageMaker geospatial, IAM and KMS show of the account."""
    account = server.account()
    versions = account.s3.list_object_versions(Bucket=DEMO_BUCKET)
    tile = next(key for key in account.list_keys() if key.endswith(".tif"))
    head = account.s3.head_object(Bucket=DEMO_BUCKET, Key=tile)
    note = account.s3.get_object(Bucket=DEMO_BUCKET, Key="note")
    fields = ("Key", "VersionId", "ETag", "LastModified", "IsLatest")
    return [
        [{name: each.get(name) for name in fields} for each in [*versions["Versions"], *versions["DeleteMarkers"]]],
        (head["ETag"], head["SSEKMSKeyId"], head["ContentType"], head["LastModified"]),
        (note["Body"].read(), note["Metadata"]),
        [{**account.get(arn), "ResponseMetadata": None} for arn in (DEMO_ARN, ROADS_ARN)],
        account.client.list_vector_enrichment_jobs(SortBy="Name")["VectorEnrichmentJobSummaries"],
        account.s3.get_object(Bucket=DEMO_BUCKET, Key="x/demo00000004/output/links.geojson")["Body"].read(),
        account.iam.get_role(RoleName="eoj-export")["Role"],
        account.iam.get_role_policy(RoleName="eoj-export", PolicyName="export")["PolicyDocument"],
        account.kms.list_aliases()["Aliases"],
    ]


def test_the_account_is_the_same_after_a_restart(start_server: Callable[..., Server], tmp_path: Path) -> None:
    state = str(tmp_path / "deep" / "state.json")
    first = start_server("--demo", "--state", state, "--export-seconds", "0")
    account = first.account()
    for arn in (DEMO_ARN, ROADS_ARN):
        account.export(arn, TOKEN, uri=URI, key=KEY_ALIAS)
        assert account.export_status(arn) == "SUCCEEDED"
    account.s3.put_bucket_versioning(Bucket=DEMO_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        account.s3.put_object(Bucket=DEMO_BUCKET, Key="note", Body=body, Metadata={"by": "hand"})
    account.s3.put_object(Bucket=DEMO_BUCKET, Key="gone", Body=b"x")
    account.s3.delete_object(Bucket=DEMO_BUCKET, Key="gone")
    before = describe_account(first)
    assert first.stop() == (0, "")

    second = start_server("--demo", "--state", state)
    assert describe_account(second) == before
    for arn in (DEMO_ARN, ROADS_ARN):
        assert second.account().export(arn, TOKEN, uri=URI, key=KEY_ALIAS)["ExportStatus"] == "SUCCEEDED"
    assert second.control("GET", "calls")["exports"] == {}
    assert len(second.control("GET", "jobs")) == 6


def test_a_running_export_goes_on_after_a_kill(start_server: Callable[..., Server], tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first = start_server("--demo", "--state", str(state), "--export-seconds", "600")
    first.account().export(DEMO_ARN, TOKEN, uri=URI)
    wait_until(lambda: state.exists() and TOKEN in state.read_text())
    first.stop(kill=True)

    account = start_server("--state", str(state), "--export-seconds", "0").account()
    assert account.export_status(DEMO_ARN) == "SUCCEEDED"
    assert len(account.list_keys("x/demo00000001/")) == 3


def test_a_foreign_export_keeps_its_own_duration_after_a_restart(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    state = str(tmp_path / "state.json")
    first = start_server("--demo", "--state", state)
    first.control("POST", "exports", {"arn": DEMO_ARN, "s3_uri": URI, "seconds": 600})
    assert first.stop() == (0, "")
    second = start_server("--state", state, "--export-seconds", "0")
    assert second.account().export_status(DEMO_ARN) == "IN_PROGRESS"
    assert second.control("GET", "jobs")[0]["exports"][0]["foreign"] is True


@pytest.mark.parametrize("file_format", [1, 2])
def test_a_state_file_of_an_older_format_is_loaded(
    start_server: Callable[..., Server], tmp_path: Path, file_format: int
) -> None:
    """The file was written by the last version with that format."""
    state = tmp_path / "state.json"
    shutil.copy(Path(__file__).parent / "data" / f"state_format_{file_format}.json", state)
    server = start_server("--state", str(state))
    account = server.account()
    assert account.export(DEMO_ARN, TOKEN, uri=f"s3://{DEMO_BUCKET}/old/")["ExportStatus"] == "SUCCEEDED"
    assert len(account.list_keys("old/demo00000001/")) == 3
    failed = account.get(DEMO_ARN.replace("0001", "0002"))
    assert failed["ExportErrorDetails"]["ExportResults"]["Message"] == "out of disk"
    assert server.stop() == (0, "")
    assert json.loads(state.read_text())["format"] == 3


def test_an_unreadable_file_is_moved_aside(start_server: Callable[..., Server], tmp_path: Path) -> None:
    for text, problem in (("{ broken", "is not a state file"), ('{"format": 0}', "is of format 0")):
        state = tmp_path / "state.json"
        state.write_text(text)
        server = start_server("--demo", "--state", str(state))
        assert len(server.control("GET", "jobs")) == 6
        code, errors = server.stop()
        assert code == 0
        assert problem in errors
        assert "starting with an empty account" in errors
        assert [aside.read_text() for aside in tmp_path.glob("*.unread")] == [text]
        for aside in tmp_path.glob("*.unread"):
            aside.unlink()
