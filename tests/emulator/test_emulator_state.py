"""The account survives a restart; a file that cannot be read does not stop the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.emulator.emulator_harness import Server

ARN = "arn:aws:sagemaker-geospatial:us-west-2:123456789012:earth-observation-job/demo00000001"
ROLE = "arn:aws:iam::123456789012:role/eoj-export"
BUCKET = "eoj-exports-demo"
TOKEN = "t" * 36


def test_the_account_is_the_same_after_a_restart(start_server: Callable[..., Server], tmp_path: Path) -> None:
    state = str(tmp_path / "deep" / "state.json")
    first = start_server("--demo", "--state", state)
    first.control("PUT", "settings", {"export_seconds": 0})
    account = first.account()
    account.role, account.bucket = ROLE, BUCKET
    account.export(ARN, TOKEN, uri=f"s3://{BUCKET}/x", key="alias/eoj-exports")
    account.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        account.s3.put_object(Bucket=BUCKET, Key="note", Body=body, Metadata={"by": "hand"})
    account.s3.put_object(Bucket=BUCKET, Key="gone", Body=b"x")
    account.s3.delete_object(Bucket=BUCKET, Key="gone")

    def picture(server: Server) -> list[object]:
        seen = server.account()
        versions = seen.s3.list_object_versions(Bucket=BUCKET)
        head = seen.s3.head_object(Bucket=BUCKET, Key=next(key for key in keys if key.endswith(".tif")))
        note = seen.s3.get_object(Bucket=BUCKET, Key="note")
        job = seen.get(ARN)
        return [
            [{name: found.get(name) for name in ("Key", "VersionId", "ETag", "LastModified", "IsLatest")}
             for found in [*versions["Versions"], *versions["DeleteMarkers"]]],
            (head["ETag"], head["SSEKMSKeyId"], head["ContentType"], head["LastModified"]),
            (note["Body"].read(), note["Metadata"]),
            {name: value for name, value in job.items() if name != "ResponseMetadata"},
            seen.iam.get_role(RoleName="eoj-export")["Role"],
            seen.iam.get_role_policy(RoleName="eoj-export", PolicyName="export")["PolicyDocument"],
            seen.kms.list_aliases()["Aliases"],
        ]  # fmt: skip

    keys = account.keys()
    before = picture(first)
    assert first.stop() == (0, "")

    second = start_server("--demo", "--state", state)
    assert picture(second) == before
    again = second.account()
    again.role = ROLE
    assert again.export(ARN, TOKEN, uri=f"s3://{BUCKET}/x", key="alias/eoj-exports")["ExportStatus"] == "SUCCEEDED"
    assert second.control("GET", "calls")["exports"] == {}
    assert len(second.control("GET", "jobs")) == 3


def test_a_kill_loses_little_and_a_running_export_goes_on(start_server: Callable[..., Server], tmp_path: Path) -> None:
    state = str(tmp_path / "state.json")
    first = start_server("--demo", "--state", state)
    first.control("PUT", "settings", {"export_seconds": 600})
    account = first.account()
    account.role = ROLE
    account.export(ARN, TOKEN, uri=f"s3://{BUCKET}/x")
    time.sleep(1.5)
    first.stop(kill=True)

    second = start_server("--state", state)
    second.control("PUT", "settings", {"export_seconds": 0.1})
    account = second.account()
    account.bucket = BUCKET
    assert account.get(ARN)["ExportStatus"] == "SUCCEEDED"
    assert len(account.keys("x/demo00000001/")) == 3


def test_a_broken_file_is_moved_aside(start_server: Callable[..., Server], tmp_path: Path) -> None:
    for text, why in (("{ broken", "is not a state file"), ('{"format": 0}', "is of format 0")):
        state = tmp_path / "state.json"
        state.write_text(text)
        server = start_server("--demo", "--state", str(state))
        assert len(server.control("GET", "jobs")) == 3
        code, errors = server.stop()
        assert code == 0
        assert why in errors
        assert "starting with an empty account" in errors
        assert [aside.read_text() for aside in tmp_path.glob("*.unread")] == [text]
        for aside in tmp_path.glob("*.unread"):
            aside.unlink()
