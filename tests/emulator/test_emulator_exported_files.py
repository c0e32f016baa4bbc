"""The files that exports write: names, content, encryption and versions."""

from __future__ import annotations

import io
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
import tifffile
from moto_sagemaker_geospatial.geotiff import PIXEL_DEGREES, geotiff, origin

from tests.emulator.emulator_harness import Account


def test_an_export_writes_its_files_below_the_job_id(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl")
    assert account.export_status(arn) is None
    assert account.export(arn)["Arn"] == arn
    assert account.export_status(arn) == "SUCCEEDED"
    assert account.list_keys() == [f"prefix/abcdefghijkl/output/consolidated/tile_{n:05}.tif" for n in range(3)]


@pytest.mark.parametrize(
    ("uri", "folder"),
    [("s3://results", ""), ("s3://results/", ""), ("s3://results/a/b", "a/b/"), ("s3://results/a/b/", "a/b/")],
)
def test_a_trailing_slash_of_the_destination_makes_no_difference(account: Account, uri: str, folder: str) -> None:
    account.export(geospatial.add_job("abcdefghijkl", objects=1), uri=uri)
    assert account.list_keys() == [f"{folder}abcdefghijkl/output/consolidated/tile_00000.tif"]


def test_source_images_are_written_when_requested(account: Account) -> None:
    arn = geospatial.add_job("abcdefghijkl")
    assert account.export(arn, ExportSourceImages=True)["ExportSourceImages"] is True
    assert len(account.list_keys("prefix/abcdefghijkl/input/")) == 2


def test_an_export_can_write_thousands_of_files(account: Account) -> None:
    account.export(geospatial.add_job(objects=2500))
    pages = account.s3.get_paginator("list_objects_v2").paginate(Bucket=account.bucket)
    assert sum(page["KeyCount"] for page in pages) == 2500


@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias arn"])
def test_the_files_are_encrypted_with_the_key(account: Account, form: str) -> None:
    key = account.kms.create_key()["KeyMetadata"]
    account.kms.create_alias(AliasName="alias/exports", TargetKeyId=key["KeyId"])
    forms = {
        "id": key["KeyId"],
        "arn": key["Arn"],
        "alias": "alias/exports",
        "alias arn": key["Arn"].replace(f"key/{key['KeyId']}", "alias/exports"),
    }
    arn = geospatial.add_job(objects=1)
    assert account.export(arn, key=forms[form])["OutputConfig"]["S3Data"]["KmsKeyId"] == forms[form]
    head = account.s3.head_object(Bucket=account.bucket, Key=account.list_keys()[0])
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])


def test_an_empty_key_means_no_key(account: Account) -> None:
    arn = geospatial.add_job(objects=1)
    assert "KmsKeyId" not in account.export(arn, key="")["OutputConfig"]["S3Data"]
    assert "SSEKMSKeyId" not in account.s3.head_object(Bucket=account.bucket, Key=account.list_keys()[0])


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"uri": "s3://nowhere/x"}, "bucket does not exist: nowhere"),
        ({"key": "alias/nowhere"}, "Alias 'alias/nowhere' does not exist"),
        ({"key": "11111111-2222-3333-4444-555555555555"}, "does not exist"),
    ],
)
def test_an_export_fails_if_its_bucket_or_key_is_missing(
    account: Account, request_: dict[str, Any], message: str
) -> None:
    arn = geospatial.add_job()
    account.export(arn, **request_)
    job = account.get(arn)
    assert job["ExportStatus"] == "FAILED"
    assert job["ExportErrorDetails"]["ExportResults"]["Type"] == "CLIENT_ERROR"
    assert message in job["ExportErrorDetails"]["ExportResults"]["Message"]
    account.export(arn)
    assert "ExportErrorDetails" not in account.get(arn)


def test_a_second_export_overwrites_the_first_and_a_versioned_bucket_keeps_both(account: Account) -> None:
    arn = geospatial.add_job(objects=1)
    account.s3.put_bucket_versioning(Bucket=account.bucket, VersioningConfiguration={"Status": "Enabled"})
    account.export(arn)
    account.export(arn)
    assert len(account.list_keys()) == 1
    assert len(account.s3.list_object_versions(Bucket=account.bucket)["Versions"]) == 2


def test_each_file_is_a_georeferenced_geotiff() -> None:
    content, _ = geotiff("abcdefghijkl", "a.tif")
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        page = tiff.pages[0]
        assert page.asarray().shape == (32, 32)
        tags = tiff.geotiff_metadata
        assert tags is not None
    west, north = origin("abcdefghijkl", "a.tif")
    assert tags["GeographicTypeGeoKey"] == 4326
    assert tags["ModelPixelScale"] == [PIXEL_DEGREES, PIXEL_DEGREES, 0.0]
    assert tags["ModelTiepoint"] == [0.0, 0.0, 0.0, west, north, 0.0]
    assert -180 < west < 180
    assert -90 < north < 90
    assert geotiff("abcdefghijkl", "a.tif")[0] == content != geotiff("abcdefghijkl", "b.tif")[0]
