"""`report --stac`: a self-contained catalog that pystac validates and opens."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from tests.support.aws_names import ACCOUNT, BUCKET, job_arn
from tests.support.command_stack import LAKE_MEAD, CommandStack, add_jobs
from tests.support.emulated_account import FIRST_FILE, JOB, client, list_names

OTHER = "lake00000001"
#: Opens a catalog as a GIS tool does. pystac has the core schemas of STAC itself; those of extensions would be fetched.
OPEN = """
import json, pystac, sys
from pystac.extensions.file import FileExtension
from pystac.validation.stac_validator import JsonSchemaSTACValidator
catalog = pystac.Catalog.from_file(sys.argv[1])
validator = JsonSchemaSTACValidator()
objects = [catalog, *catalog.get_children(), *catalog.get_items(recursive=True)]
for each in objects:
    validator.validate_core(each.to_dict(), each.STAC_OBJECT_TYPE, each.to_dict()["stac_version"])
assert {FileExtension.get_schema_uri()} == {uri for each in catalog.get_items(recursive=True) for uri in each.stac_extensions}
print(json.dumps([each.to_dict() for each in catalog.get_items(recursive=True)]))
"""


def store_sha256(key: str) -> None:
    """Store a checksum with an object, as S3 does for a client that asks for one."""
    found = s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys[key]
    found.checksum_algorithm = "SHA256"
    found.checksum_value = base64.b64encode(hashlib.sha256(found.value).digest()).decode()


def assert_file_properties(asset: dict[str, Any]) -> None:
    """Compare an asset with the object that it stands for, in the properties of the extension `file`."""
    content = client("s3").get_object(Bucket=BUCKET, Key=asset["href"].removeprefix(f"s3://{BUCKET}/"))["Body"].read()
    assert asset["file:size"] == len(content)
    multihashes = (f"1220{hashlib.sha256(content).hexdigest()}", f"d50110{hashlib.md5(content).hexdigest()}")
    assert asset["file:checksum"] in multihashes


def test_the_catalog_is_valid_and_a_fresh_process_opens_it(prod: CommandStack) -> None:
    pytest.importorskip("pystac", reason="the extra [stac] is not installed")
    pytest.importorskip("jsonschema")
    add_jobs(OTHER)
    prod.export(OTHER)
    prod.export(JOB)
    prod.export_vector("route0000001")
    store_sha256(f"lake/{OTHER}/{FIRST_FILE}")
    assert prod.report("--out", "out", "--stac", "--checksums").code == 0
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
    for item in items.values():
        for asset in item["assets"].values():
            assert_file_properties(asset)
    algorithms = {each["file:checksum"][:4] for each in items[OTHER]["assets"].values()}
    assert algorithms == {"1220", "d501"}
    assert items[JOB]["geometry"] is None
    assert items["route0000001"]["properties"]["sagemaker_geospatial:operation"] == "MAP_MATCHING"


def test_without_a_known_checksum_there_is_none(prod: CommandStack) -> None:
    pytest.importorskip("pystac", reason="the extra [stac] is not installed")
    prod.export(JOB)
    for key in s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys.values():
        key.encryption = "aws:kms"
    for folder, options in (("one", ()), ("other", ("--checksums",))):
        assert prod.report("--out", folder, "--stac", *options).code == 0
        assert "file:checksum" not in Path(folder, f"stac/prod-exports/{JOB}/{JOB}.json").read_text()


def test_a_refused_look_at_checksums_is_one_sentence(prod: CommandStack) -> None:
    pytest.importorskip("pystac", reason="the extra [stac] is not installed")
    prod.export(JOB)
    prod.provider.control.add_fault(operation="s3:HeadObject", kind="access_denied", times=-1)
    result = prod.report("--out", "out", "--stac", "--checksums")
    assert (result.code, result.error.count("\n"), Path("out").exists()) == (2, 1, False)
    assert "Allow the caller s3:GetObject" in result.error


def test_a_catalog_needs_a_directory_and_its_extra(prod: CommandStack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--stac needs --out DIR" in prod.report("--stac").error
    assert "--checksums needs --stac" in prod.report("--checksums").error
    monkeypatch.setattr("pulumi_sagemaker_geospatial._cli.reporting.find_spec", lambda name: None)
    result = prod.report("--stac", "--out", "out")
    assert (result.code, "pip install 'pulumi-sagemaker-geospatial[stac]'" in result.error) == (2, True)
