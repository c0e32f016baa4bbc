"""The checksum of an object: a multihash where S3 knows one of the whole content, otherwise nothing."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._report.checksums import read_checksum

CONTENT = b"a result"
MD5 = hashlib.md5(CONTENT).hexdigest()
SHA256, SHA1 = hashlib.sha256(CONTENT), hashlib.sha1(CONTENT)


def encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def checksum(bucket: str = "exports", etag: str = MD5, **head: Any) -> str | None:
    return read_checksum({"ETag": f'"{etag}"', **head}, bucket, etag)


def test_the_etag_of_an_upload_in_one_part_is_its_md5() -> None:
    assert checksum(ServerSideEncryption="AES256") == checksum() == f"d50110{MD5}"


@pytest.mark.parametrize(
    ("bucket", "etag", "head"),
    [
        ("exports", f"{MD5}-3", {}),
        ("exports", MD5, {"ServerSideEncryption": "aws:kms"}),
        ("exports", MD5, {"ServerSideEncryption": "aws:kms:dsse"}),
        ("exports", MD5, {"SSECustomerAlgorithm": "AES256"}),
        ("exports--usw2-az1--x-s3", MD5, {}),
    ],
)
def test_other_etags_are_no_checksums(bucket: str, etag: str, head: dict[str, str]) -> None:
    assert checksum(bucket, etag, **head) is None


def test_a_stored_hash_of_the_content_comes_before_the_etag() -> None:
    kms = {"ServerSideEncryption": "aws:kms"}
    assert checksum(ChecksumSHA256=encoded(SHA256.digest()), **kms) == f"1220{SHA256.hexdigest()}"
    assert checksum(ChecksumSHA1=encoded(SHA1.digest()), **kms) == f"1114{SHA1.hexdigest()}"
    both = {"ChecksumSHA1": encoded(SHA1.digest()), "ChecksumSHA256": encoded(SHA256.digest())}
    assert checksum(**both) == f"1220{SHA256.hexdigest()}"


@pytest.mark.parametrize("stored", [f"{encoded(SHA256.digest())}-3", "no base64", encoded(b"short"), ""])
def test_a_hash_of_parts_and_a_damaged_one_are_no_checksums(stored: str) -> None:
    assert checksum(etag=f"{MD5}-3", ChecksumSHA256=stored) is None


def test_a_crc_is_no_multihash() -> None:
    assert checksum(etag=f"{MD5}-3", ChecksumCRC64NVME="AAAAAAAAAAA=") is None


def test_an_object_that_was_overwritten_since_it_was_listed_has_no_checksum() -> None:
    head = {"ETag": f'"{MD5}"', "ChecksumSHA256": encoded(SHA256.digest())}
    assert read_checksum(head, "exports", "0" * 32) is None
