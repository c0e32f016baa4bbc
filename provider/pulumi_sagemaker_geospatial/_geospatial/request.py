"""One export as the API is asked for it, without its client token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from .._runtime.s3_objects import Folder
from .arns import job_id, region_of
from .kinds import ExportKind

_S3_URI = "output_config.s3_data.s3_uri"
_KMS_KEY_ID = "output_config.s3_data.kms_key_id"
_ROLE = "execution_role_arn"

#: The input by which a program tells its provider which of the others are secret, as a list of paths.
#: It is short because every state has it twice.
SECRET_INPUTS = "__sec"


@dataclass(frozen=True)
class ExportRequest:
    """The fields of a request, and where it exports to.

    Attributes:
        secret_inputs: the paths of the inputs that are secret; None where the program has not told, so that all may be.
    """

    kind: ExportKind
    arn: str
    execution_role_arn: str
    s3_uri: str
    kms_key_id: str | None = None
    export_source_images: bool = False
    secret_inputs: tuple[str, ...] | None = field(default=None, compare=False)

    @classmethod
    def from_properties(cls, kind: ExportKind, properties: Mapping[str, Any]) -> ExportRequest:
        """Return the request that validated inputs, or outputs, describe. Raises KeyError for a missing field."""
        s3_data = properties["output_config"]["s3_data"]
        secrets = properties.get(SECRET_INPUTS)
        return cls(
            kind=kind,
            arn=properties["arn"],
            execution_role_arn=properties["execution_role_arn"],
            s3_uri=s3_data["s3_uri"],
            kms_key_id=s3_data.get("kms_key_id") or None,
            export_source_images=bool(properties.get("export_source_images")),
            secret_inputs=tuple(map(str, secrets)) if isinstance(secrets, (list, tuple)) else None,
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

    def with_other_spelling(self) -> ExportRequest:
        """Return the same request with the destination spelled with a slash at its end, or without one."""
        spelled = self.s3_uri.removesuffix("/") if self.s3_uri.endswith("/") else f"{self.s3_uri}/"
        return replace(self, s3_uri=spelled)

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

    @property
    def account_mismatch(self) -> str:
        """Say that the job and the role are of different accounts, which the service refuses; empty if they are of one."""
        job, role = (each.split(":")[4:5] for each in (self.arn, self.execution_role_arn))
        if job == role or self._is_secret(_ROLE):
            return ""
        return f"It is of account {''.join(job)}, and execution_role_arn of account {''.join(role)}."

    def redact(self, message: str) -> str:
        """Return the message with the values of secret inputs, in any form that the service knows, replaced by their names."""
        for value, name in self._secret_values():
            end = r"(?![\w-])" if value[-1].isalnum() and not value.endswith("%2F") else ""
            message = re.sub(rf"(?<![\w.-]){re.escape(value)}{end}", f"[{name}]", message)
        return message

    def _secret_values(self) -> Iterator[tuple[str, str]]:
        """Yield what may not be shown, and its name, the longest forms first."""
        if self._is_secret(_S3_URI):
            yield from ((self.s3_uri, _S3_URI), (self.s3_uri.rstrip("/"), _S3_URI))
            if self.prefix:
                slashed = f"{self.prefix}/"
                yield f"{self.bucket}/{self.prefix}", _S3_URI
                yield slashed, f"prefix of {_S3_URI}/"
                yield quote(slashed, safe=""), f"prefix of {_S3_URI}/"
        if self.kms_key_id and self._is_secret(_KMS_KEY_ID):
            yield self.kms_key_id, _KMS_KEY_ID
            yield from self._told_secret(self.kms_key_id.rpartition("/")[2], _KMS_KEY_ID)
        if self._is_secret(_ROLE):
            yield self.execution_role_arn, _ROLE
            # Also a session's ARN, arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION, has the name.
            yield from self._told_secret(self.execution_role_arn.rpartition("/")[2], _ROLE)
        if self._is_secret(_S3_URI):
            yield self.bucket, f"bucket of {_S3_URI}"
            yield from self._told_secret(self.prefix, f"prefix of {_S3_URI}")

    def _told_secret(self, value: str, name: str) -> Iterator[tuple[str, str]]:
        # A part alone may be a common word: it is replaced only where the input is known to be secret.
        if value and self.secret_inputs is not None:
            yield value, name

    def _is_secret(self, path: str) -> bool:
        if self.secret_inputs is None:
            return True
        return any(path == each or path.startswith(f"{each}.") for each in self.secret_inputs)


def location(s3_uri: str, arn: str) -> str:
    """Return the folder that an export of the job writes: ``<S3Uri>/<job id>/``."""
    return f"{s3_uri.removesuffix('/')}/{job_id(arn)}/"
