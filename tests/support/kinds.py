"""The kinds of job that a test runs with, and the files that an export of each writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT, ExportKind

from tests.support.aws_names import job_arn
from tests.support.declarations import JOB, PREFIX, inputs


@dataclass(frozen=True)
class JobCase:
    """A kind of job, and the names of the files that an export of its job writes below `<S3Uri>/<job id>/`.

    Attributes:
        vector_folder: the emulator's setting: AWS does not document the folder of a vector enrichment job's results.
    """

    kind: ExportKind
    files: tuple[str, str, str]
    vector_folder: str = "output/"

    def inputs(self, job: str = JOB, prefix: str = PREFIX, **more: Any) -> dict[str, Any]:
        """Return a declaration of an export of this kind as `check` gets it."""
        return inputs(job, prefix, self.kind, **more)

    def job_arn(self, job: str = JOB) -> str:
        """Return the ARN of a job of this kind."""
        return job_arn(job, self.kind.arn_type)


def _vector_case(folder: str) -> JobCase:
    links, combined, waypoints = (
        f"{folder}{name}" for name in ("links.geojson", "mapmatch_output.json", "waypoints.geojson")
    )
    return JobCase(VECTOR_ENRICHMENT, (links, combined, waypoints), folder)


_TILES = tuple(f"output/consolidated/tile_0000{number}.tif" for number in range(3))
EARTH_OBSERVATION_CASE = JobCase(EARTH_OBSERVATION, (_TILES[0], _TILES[1], _TILES[2]))
VECTOR_CASE = _vector_case("output/")
VECTOR_CASE_WITHOUT_FOLDER = _vector_case("")

#: Runs the tests that use `provider` with each kind of job.
for_each_kind = pytest.mark.parametrize(
    "job_case", [EARTH_OBSERVATION_CASE, VECTOR_CASE], ids=lambda case: case.kind.arn_type
)
