"""Exports of a stack and jobs of an account as they were observed, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._export.state import ExportState
from .._runtime.s3_objects import S3Object


@dataclass(frozen=True)
class DeclaredExport:
    """An export that a stack manages: the resource's name, and its state."""

    name: str
    state: ExportState

    @property
    def arn(self) -> str:
        """The ARN of the job."""
        return self.state.request.arn

    def redact(self, text: str) -> str:
        """Return the text with the values of secret inputs replaced by their names."""
        return self.state.request.redact(text)


@dataclass(frozen=True)
class SavedMetadata:
    """The file with a job's description.

    Attributes:
        change: what has happened to it since it was written; None if it is intact.
        document: its content, where it is intact.
    """

    change: str | None = None
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Raster:
    """The header of a raster, or why it cannot be read.

    Attributes:
        bounds: west, south, east and north in units of the CRS.
    """

    crs: str | None = None
    bands: int = 0
    width: int = 0
    height: int = 0
    bounds: tuple[float, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class ExportObservation:
    """An export, and what was found in S3.

    Attributes:
        objects: the export's own objects, as S3 lists them now.
        drift: what has happened to the objects; None if they are intact, or were not looked at.
        metadata: the saved description of the job; None if the stack does not record one.
        rasters: the headers of the objects that are rasters by the objects' names, where they were looked at.
        checksums: multihashes by the objects' names, where S3 was asked for them and knows one.
    """

    export: DeclaredExport
    objects: tuple[S3Object, ...] = ()
    drift: str | None = None
    metadata: SavedMetadata | None = None
    rasters: Mapping[str, Raster] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """The size of the objects."""
        return sum(each.size for each in self.objects)

    @property
    def newest(self) -> datetime | None:
        """When the last of the objects was written."""
        return max((each.modified for each in self.objects), default=None)


@dataclass(frozen=True)
class JobObservation:
    """A job that exports are declared for.

    Attributes:
        status: the job's status; None where the service does not know the job, or not any longer.
        export_status: the status of the job's last export, whoever started it.
    """

    arn: str
    status: str | None
    export_status: str | None = None
    exports: tuple[ExportObservation, ...] = field(default=())
