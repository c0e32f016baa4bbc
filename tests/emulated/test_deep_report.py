"""`report --deep`: rasters are opened where they lie."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.support.aws_names import BUCKET
from tests.support.command_stack import CommandStack
from tests.support.emulated_account import JOB, client, list_names

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
KEY = f"lake/{JOB}/output/consolidated/tile_00001.tif"


@pytest.fixture(autouse=True)
def _rasterio() -> None:
    pytest.importorskip("rasterio", reason="the extra [raster] is not installed")


def reported_rasters() -> dict[str, dict[str, object]]:
    document = json.loads(Path("out/report.json").read_text())
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    return {each["key"]: each for each in document["exports"][0]["rasters"]}


def test_the_header_of_each_raster_is_reported(prod: CommandStack) -> None:
    prod.export(JOB)
    assert prod.report("--deep", "--out", "out").code == 0
    rasters = reported_rasters()
    assert rasters.keys() == {f"lake/{JOB}/{name}" for name in list_names()}
    raster = rasters[KEY]
    assert (raster["error"], raster["bands"], raster["crs"]) == (None, 1, "EPSG:4326")
    assert len(raster["bounds"]) == 4  # type: ignore[arg-type]


@pytest.mark.parametrize("kept", [0, 40, -1])
def test_a_truncated_raster_is_missing(prod: CommandStack, kept: int) -> None:
    prod.export(JOB)
    whole = client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=whole[:kept])
    # The export is adopted as it is, so that no drift tells of the change.
    prod.pulumi.resources.clear()
    prod.export(JOB, name="adopted", client_token=None)
    result = prod.report("--deep", "--out", "out")
    assert result.code == 1
    assert "1 of 3 rasters cannot be read, first output/consolidated/tile_00001.tif: " in result.out
    assert reported_rasters()[KEY]["error"]
