"""`report --stac`: a self-contained catalog that pystac validates and opens."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.aws_names import BUCKET, job_arn
from tests.support.command_stack import LAKE_MEAD, CommandStack, add_jobs
from tests.support.emulated_account import JOB, list_names

OTHER = "lake00000001"
#: Opens a catalog as a GIS tool does. pystac has the core schemas of STAC itself; those of extensions would be fetched.
OPEN = """
import json, pystac, sys
from pystac.validation.stac_validator import JsonSchemaSTACValidator
catalog = pystac.Catalog.from_file(sys.argv[1])
validator = JsonSchemaSTACValidator()
objects = [catalog, *catalog.get_children(), *catalog.get_items(recursive=True)]
for each in objects:
    validator.validate_core(each.to_dict(), each.STAC_OBJECT_TYPE, each.to_dict()["stac_version"])
print(json.dumps([each.to_dict() for each in catalog.get_items(recursive=True)]))
"""


def test_the_catalog_is_valid_and_a_fresh_process_opens_it(prod: CommandStack) -> None:
    pytest.importorskip("pystac", reason="the extra [stac] is not installed")
    pytest.importorskip("jsonschema")
    add_jobs(OTHER)
    prod.export(OTHER)
    prod.export(JOB)
    prod.export_vector("route0000001")
    assert prod.report("--out", "out", "--stac").code == 0
    done = subprocess.run(
        [sys.executable, "-c", OPEN, "out/stac/catalog.json"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    items = {each["id"]: each for each in json.loads(done.stdout)}
    assert items.keys() == {OTHER, JOB, "route0000001"}
    item = items[OTHER]
    assert item["geometry"] == {"type": "Polygon", "coordinates": LAKE_MEAD}
    assert item["properties"]["start_datetime"] == "2022-06-01T00:00:00Z"
    assert item["properties"]["sagemaker_geospatial:job_arn"] == job_arn(OTHER)
    names = list_names(f"lake/{OTHER}/")
    assert {each["href"] for each in item["assets"].values()} == {
        f"s3://{BUCKET}/lake/{OTHER}/{name}" for name in names
    }
    assert {each["type"] for each in item["assets"].values()} == {"image/tiff; application=geotiff"}
    assert items[JOB]["geometry"] is None
    assert items["route0000001"]["properties"]["sagemaker_geospatial:operation"] == "MAP_MATCHING"


def test_a_catalog_needs_a_directory_and_its_extra(prod: CommandStack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--stac needs --out DIR" in prod.report("--stac").error
    monkeypatch.setattr("pulumi_sagemaker_geospatial._cli.reporting.find_spec", lambda name: None)
    result = prod.report("--stac", "--out", "out")
    assert (result.code, "pip install 'pulumi-sagemaker-geospatial[stac]'" in result.error) == (2, True)
