"""Folders and objects of S3 as values. Importing this module does not import boto3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any


@dataclass(frozen=True)
class Folder:
    """A key prefix of a bucket, which ends with a slash, and the region that it is asked in."""

    bucket: str
    prefix: str
    region: str

    def overlaps(self, other: Folder) -> bool:
        """Return whether one of the two folders lies in the other, or is it."""
        nested = self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        return self.bucket == other.bucket and nested


@dataclass(frozen=True)
class S3Object:
    """One object. ``name`` is relative to its folder; S3 tells ``modified`` in whole seconds."""

    name: str
    size: int
    etag: str
    modified: datetime
    version: str | None = None

    @property
    def has_version(self) -> bool:
        """Whether the bucket kept versions when the object was written."""
        return self.version not in (None, "null")


def parse_object(entry: Any, prefix: str) -> S3Object:
    """Return one entry of a listing."""
    return S3Object(
        name=entry["Key"].removeprefix(prefix),
        size=int(entry["Size"]),
        etag=entry["ETag"].strip('"'),
        modified=entry["LastModified"].astimezone(timezone.utc).replace(microsecond=0),
        version=entry.get("VersionId"),
    )
