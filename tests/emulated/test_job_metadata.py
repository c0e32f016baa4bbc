"""The description of a job as a file beside its export: when it is written, found missing, written again, and what is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.aws_names import BUCKET, ROLE
from tests.support.emulated_account import JOB, PREFIX, client, exports_started, list_names
from tests.support.kinds import for_each_kind
from tests.support.provider_harness import ProviderHarness

KEY = f"{PREFIX}/{JOB}.job.json"


@pytest.fixture
def saved(provider: ProviderHarness) -> dict[str, Any]:
    """The outputs of an export with the metadata of its job."""
    outputs: dict[str, Any] = provider.create(provider.inputs(save_job_metadata=True)).outs
    return outputs


def saved_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read())
    return document


def refreshed(provider: ProviderHarness, outputs: dict[str, Any]) -> dict[str, Any]:
    return dict(provider.read(outputs).outs)


@for_each_kind
def test_the_metadata_is_written_beside_the_folder_of_the_export(
    provider: ProviderHarness, saved: dict[str, Any]
) -> None:
    etag = client("s3").head_object(Bucket=BUCKET, Key=KEY)["ETag"].strip('"')
    assert saved["job_metadata"] == {"key": KEY, "etag": etag}
    document = saved_document()
    assert (document["version"], document["job"]["Arn"], document["job"]["Status"]) == (
        1,
        provider.case.job_arn(),
        "COMPLETED",
    )
    assert not {"ExportStatus", "ExportErrorDetails", "ResponseMetadata"} & document["job"].keys()
    assert saved["exported_objects"]["count"] == 3
    assert refreshed(provider, saved) == saved
    assert not provider.diff(saved, provider.inputs(save_job_metadata=True)).changes


def test_without_the_setting_nothing_is_written(provider: ProviderHarness) -> None:
    outputs = provider.create(provider.inputs()).outs
    assert "job_metadata" not in outputs
    assert list_names(f"{PREFIX}/{JOB}.") == []


@for_each_kind
@pytest.mark.parametrize("body", [None, b"of somebody else"])
def test_a_missing_or_overwritten_file_is_drift_that_is_repaired_without_an_export(
    provider: ProviderHarness, saved: dict[str, Any], body: bytes | None
) -> None:
    if body is None:
        client("s3").delete_object(Bucket=BUCKET, Key=KEY)
    else:
        client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=body)
    outputs = refreshed(provider, saved)
    assert "job_metadata" not in outputs
    what = "was overwritten" if body else "is gone"
    assert f"the job's metadata {what}; `pulumi up` writes it again" in provider.log_text()
    news = provider.inputs(save_job_metadata=True)
    diff = provider.diff(outputs, news)
    assert (diff.changes, diff.replaces, provider.detailed_diff) == (True, [], {"job_metadata": ("ADD", False)})
    assert provider.update(outputs, news) == saved
    assert exports_started() == 1


def test_turning_the_setting_on_writes_the_metadata_and_off_forgets_it(provider: ProviderHarness) -> None:
    outputs = provider.create(provider.inputs()).outs
    outputs = provider.update(outputs, provider.inputs(save_job_metadata=True))
    assert outputs["job_metadata"]["key"] == KEY
    assert "job_metadata" not in provider.update(outputs, provider.inputs())
    assert saved_document()["job"]["Arn"] == provider.case.job_arn()


def test_the_deletion_of_the_objects_keeps_the_metadata(provider: ProviderHarness) -> None:
    outputs = provider.create(provider.inputs(save_job_metadata=True, delete_objects=True)).outs
    provider.restart()
    provider.delete(outputs)
    assert list_names(f"{PREFIX}/") == [f"{JOB}.job.json"]


@for_each_kind
def test_a_refused_write_is_a_warning_and_the_next_up_writes_it(
    provider: ProviderHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError
    from pulumi_sagemaker_geospatial._runtime.s3 import S3Client

    def refuse(*args: Any) -> str:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "PutObject")

    with monkeypatch.context() as patch:
        patch.setattr(S3Client, "put_object", refuse)
        outputs = provider.create(provider.inputs(save_job_metadata=True)).outs
    assert (outputs["export_status"], outputs.get("job_metadata")) == ("SUCCEEDED", None)
    (warning,) = provider.logged("warning")
    assert warning.startswith(f"saving the metadata of {provider.case.job_arn()} failed: AccessDenied: Access Denied.")
    assert "Allow s3:PutObject" in warning
    assert "The next `pulumi up` saves it." in warning
    updated = provider.update(outputs, provider.inputs(save_job_metadata=True))
    assert updated["job_metadata"]["key"] == KEY


def test_a_secret_role_is_not_in_the_file(provider: ProviderHarness) -> None:
    provider.create({**provider.inputs(save_job_metadata=True), "__sec": ["execution_role_arn"]})
    text = client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read().decode()
    assert ROLE not in text


@pytest.mark.parametrize("value", [True, 1, "yes"])
def test_the_setting_is_true_or_false(provider: ProviderHarness, value: object) -> None:
    failures = provider.check(provider.inputs(save_job_metadata=value)).failures
    assert bool(failures) == (value is not True)
