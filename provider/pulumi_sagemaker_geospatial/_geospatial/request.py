"""One export as the API is asked for it, without its client token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .._runtime.s3_objects import Folder
from .arns import job_id, region_of
from .kinds import ExportKind

_S3_URI = "output_config.s3_data.s3_uri"


@dataclass(frozen=True)
class ExportRequest:
    """The fields of a request, and where it exports to."""

    kind: ExportKind
    arn: str
    execution_role_arn: str
    s3_uri: str
    kms_key_id: str | None = None
    export_source_images: bool = False

    @classmethod
    def from_properties(cls, kind: ExportKind, properties: Mapping[str, Any]) -> ExportRequest:
        """Return the request that validated inputs, or outputs, describe. Raises KeyError for a missing field."""
        s3_data = properties["output_config"]["s3_data"]
        return cls(
            kind=kind,
            arn=properties["arn"],
            execution_role_arn=properties["execution_role_arn"],
            s3_uri=s3_data["s3_uri"],
            kms_key_id=s3_data.get("kms_key_id") or None,
            export_source_images=bool(properties.get("export_source_images")),
        )

    @property
    def region(self) -> str:
        """The job's region, in which it is exported."""
        return region_of(self.arn)

    @property
    def output_config(self) -> dict[str, Any]:
        """OutputConfig as in the API."""
        kms = {"KmsKeyId": self.kms_key_id} if self.kms_key_id else {}
        return {"S3Data": {"S3Uri": self.s3_uri, **kms}}

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the API, without the token."""
        source_images = {"ExportSourceImages": self.export_source_images} if self.kind.has_source_images else {}
        return {
            "Arn": self.arn,
            "ExecutionRoleArn": self.execution_role_arn,
            "OutputConfig": self.output_config,
            **source_images,
        }

    @property
    def bucket(self) -> str:
        """The bucket of the destination."""
        return self.s3_uri.removeprefix("s3://").partition("/")[0]

    @property
    def prefix(self) -> str:
        """The key prefix of the destination, without slashes at its ends."""
        return self.s3_uri.removeprefix("s3://").partition("/")[2].strip("/")

    @property
    def folder(self) -> str:
        """The key prefix that the export writes below, ``<prefix>/<job id>/``."""
        return location(self.s3_uri, self.arn).removeprefix(f"s3://{self.bucket}/")

    @property
    def destination(self) -> Folder:
        """The folder that the export writes below, as a value."""
        return Folder(self.bucket, self.folder, self.region)

    def redact(self, message: str) -> str:
        """Return the message with values that may be secret inputs replaced by the names of their properties."""
        slashed = f"{self.prefix}/" if self.prefix else None
        for value, name in (
            (self.s3_uri, _S3_URI),
            (self.s3_uri.rstrip("/"), _S3_URI),
            (f"{self.bucket}/{self.prefix}" if self.prefix else None, _S3_URI),
            (slashed, f"prefix of {_S3_URI}/"),
            (quote(slashed, safe="") if slashed else None, f"prefix of {_S3_URI}/"),
            (self.kms_key_id, "output_config.s3_data.kms_key_id"),
            (self.execution_role_arn, "execution_role_arn"),
            (self.bucket, f"bucket of {_S3_URI}"),
        ):
            if value:
                end = r"(?![\w-])" if value[-1].isalnum() and not value.endswith("%2F") else ""
                message = re.sub(rf"(?<![\w.-]){re.escape(value)}{end}", f"[{name}]", message)
        return message


def location(s3_uri: str, arn: str) -> str:
    """Return the folder that an export of the job writes: ``<S3Uri>/<job id>/``."""
    return f"{s3_uri.removesuffix('/')}/{job_id(arn)}/"
