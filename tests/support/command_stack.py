"""The stack `prod` of the commands' tests: exports on the emulator in process, and a `pulumi` that tells its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import moto_sagemaker_geospatial as geospatial
import pytest
from pulumi_sagemaker_geospatial.__main__ import main
from pulumi_sagemaker_geospatial._geospatial.kinds import VECTOR_ENRICHMENT

from tests.support.emulated_account import inputs
from tests.support.fake_pulumi import FakePulumi
from tests.support.kinds import VECTOR_CASE
from tests.support.provider_harness import ProviderHarness

#: An area of interest by Lake Mead, and the time of its images.
LAKE_MEAD = [[[-114.9, 36.0], [-114.3, 36.0], [-114.3, 36.5], [-114.9, 36.5], [-114.9, 36.0]]]


@dataclass
class CommandResult:
    """Exit code and output of a command."""

    code: int
    out: str
    error: str


@dataclass
class CommandStack:
    """Runs the commands on the stack `prod`."""

    pulumi: FakePulumi
    provider: ProviderHarness
    capture: pytest.CaptureFixture[str]

    def export(self, job: str, name: str | None = None, prefix: str = "lake", **arguments: Any) -> dict[str, Any]:
        """Export a job and record it in the state, with its metadata by default."""
        declared = inputs(job, prefix, **{"save_job_metadata": True, **arguments})
        outputs: dict[str, Any] = self.provider.create(declared, name=name or job).outs
        self.pulumi.add_export(name or job, outputs)
        return outputs

    def export_vector(self, job: str) -> dict[str, Any]:
        """Add a vector enrichment job, export it and record it in the state, with its metadata."""
        arn = geospatial.add_job(job, kind=VECTOR_ENRICHMENT.arn_type)
        provider = self.provider.of_case(VECTOR_CASE)
        declared = {**inputs(), "arn": arn, "save_job_metadata": True}
        outputs: dict[str, Any] = provider.create(declared).outs
        self.pulumi.add_export(job, outputs, VECTOR_ENRICHMENT.operation)
        return outputs

    def run(self, *arguments: str) -> CommandResult:
        """Run a command in this process."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--stack", "prod"])
        return CommandResult(int(ended.value.code or 0), *self.capture.readouterr())

    def report(self, *arguments: str) -> CommandResult:
        return self.run("report", *arguments)

    def delete_jobs(self, *arguments: str) -> CommandResult:
        return self.run("delete-jobs", *arguments)


def add_jobs(*ids: str, **fields: Any) -> None:
    """Add COMPLETED jobs with an area of interest."""
    for number, each in enumerate(ids):
        area = [[[x + number, y] for x, y in ring] for ring in LAKE_MEAD]
        arn = geospatial.add_job(each, **{"name": f"lake-{each[-2:]}", **fields})
        stored_job(arn).input_config = input_config(area)


def input_config(area: Any) -> dict[str, Any]:
    """Return the InputConfig of a job about an area."""
    geometry = {"PolygonGeometry": {"Coordinates": area}}
    query = {
        "AreaOfInterest": {"AreaOfInterestGeometry": geometry},
        "RasterDataCollectionArn": "arn:aws:sagemaker-geospatial:us-west-2:378778860802:raster-data-collection/public/nmqj48dcu3g7ayw8",
        "RasterDataCollectionName": "Sentinel-2 L2A COGs",
        "TimeRangeFilter": {
            "StartTime": datetime(2022, 6, 1, tzinfo=timezone.utc),
            "EndTime": datetime(2022, 6, 30, tzinfo=timezone.utc),
        },
    }
    return {"RasterDataCollectionQuery": query}


def stored_job(arn: str) -> Any:
    """Return a job, as the emulator stores it."""
    return geospatial.sagemakergeospatial_backends[arn.split(":")[4]][arn.split(":")[3]].jobs[arn]
