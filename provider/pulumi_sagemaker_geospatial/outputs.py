"""The nested outputs of an export."""

from __future__ import annotations

from typing import Optional

import pulumi


@pulumi.output_type
class S3Data(dict):  # type: ignore[type-arg]
    """The destination in S3."""

    def __init__(self, *, s3_uri: str, kms_key_id: Optional[str] = None) -> None:
        pulumi.set(self, "s3_uri", s3_uri)
        if kms_key_id is not None:
            pulumi.set(self, "kms_key_id", kms_key_id)

    @property
    @pulumi.getter
    def s3_uri(self) -> str:
        """``s3://BUCKET/PREFIX/``."""
        return pulumi.get(self, "s3_uri")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def kms_key_id(self) -> Optional[str]:
        """The KMS key that encrypts the files; None for the bucket's encryption."""
        return pulumi.get(self, "kms_key_id")  # type: ignore[no-any-return]


@pulumi.output_type
class OutputConfig(dict):  # type: ignore[type-arg]
    """The API's OutputConfig."""

    def __init__(self, *, s3_data: S3Data) -> None:
        pulumi.set(self, "s3_data", s3_data)

    @property
    @pulumi.getter
    def s3_data(self) -> S3Data:
        """The destination in S3."""
        return pulumi.get(self, "s3_data")  # type: ignore[no-any-return]


@pulumi.output_type
class ExportedObjects(dict):  # type: ignore[type-arg]
    """What an export wrote, as observed after it SUCCEEDED."""

    def __init__(self, *, count: int, bytes: int, fingerprint: str, newest: Optional[str] = None) -> None:  # noqa: A002
        pulumi.set(self, "count", count)
        pulumi.set(self, "bytes", bytes)
        pulumi.set(self, "fingerprint", fingerprint)
        if newest is not None:
            pulumi.set(self, "newest", newest)

    @property
    @pulumi.getter
    def count(self) -> int:
        """The number of objects."""
        return pulumi.get(self, "count")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def bytes(self) -> int:
        """Their total size, in bytes."""
        return pulumi.get(self, "bytes")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def fingerprint(self) -> str:
        """A sum over their names, sizes and ETags, as 16 hexadecimal digits."""
        return pulumi.get(self, "fingerprint")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def newest(self) -> Optional[str]:
        """When the last of them was modified, as ISO 8601 in UTC; None without objects."""
        return pulumi.get(self, "newest")  # type: ignore[no-any-return]


@pulumi.output_type
class JobMetadata(dict):  # type: ignore[type-arg]
    """The file that has a job's description."""

    def __init__(self, *, key: str, etag: str) -> None:
        pulumi.set(self, "key", key)
        pulumi.set(self, "etag", etag)

    @property
    @pulumi.getter
    def key(self) -> str:
        """Its key in the destination's bucket; where the destination is secret, without the prefix."""
        return pulumi.get(self, "key")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def etag(self) -> str:
        """Its ETag when it was written."""
        return pulumi.get(self, "etag")  # type: ignore[no-any-return]
