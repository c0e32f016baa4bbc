"""The checksum of an object's content, as far as S3 knows one. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

#: Fields of HeadObject, the strongest first, and what a multihash of that function begins with: its code, and its length.
_HASH_FIELDS = (("ChecksumSHA256", "1220", 32), ("ChecksumSHA1", "1114", 20))
_MD5_START = "d50110"
_MD5 = re.compile("[0-9a-f]{32}")
#: The end of the names of directory buckets, whose ETags are no checksums.
_DIRECTORY_BUCKET = "--x-s3"


def read_checksum(head: Mapping[str, Any], bucket: str, etag: str) -> str | None:
    """Return the checksum of an object's content as a multihash in hexadecimal digits; None where S3 knows none.

    The ETag is the MD5 checksum of an object that was uploaded in one part, and is not encrypted with KMS or with a key of
    the customer's. The checksum of an upload in parts is one of the parts' checksums, and the others (CRC) are no multihashes.

    :param head: The response of HeadObject with ChecksumMode ENABLED.
    :param etag: The ETag that was listed: with another one, the object has been overwritten since.
    """
    if str(head["ETag"]).strip('"') != etag:
        return None
    for name, start, length in _HASH_FIELDS:
        if digest := _decode(head.get(name), length):
            return f"{start}{digest.hex()}"
    is_plain = head.get("ServerSideEncryption") in (None, "AES256") and not head.get("SSECustomerAlgorithm")
    if is_plain and _MD5.fullmatch(etag) and not bucket.endswith(_DIRECTORY_BUCKET):
        return f"{_MD5_START}{etag}"
    return None


def _decode(value: Any, length: int) -> bytes | None:
    """Return a digest; None where there is none, or where it is of the parts ("…=-3")."""
    try:
        digest = base64.b64decode(value or "", validate=True)
    except ValueError:
        return None
    return digest if len(digest) == length else None
