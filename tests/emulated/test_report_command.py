"""`report`: what is exported, what is missing and why, in the terminal and as files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest

from tests.support.aws_names import BUCKET, job_arn
from tests.support.command_stack import CommandStack, add_jobs
from tests.support.emulated_account import JOB, client, delete_object, list_names

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
OTHER = "lake00000001"


def test_a_complete_stack_has_exit_code_0_and_its_files(prod: CommandStack) -> None:
    add_jobs(OTHER)
    prod.export(JOB)
    prod.export(OTHER)
    result = prod.report("--out", "out")
    assert (result.code, result.error) == (0, "")
    assert "2 exports complete: 6 objects" in result.out
    files = {str(path.relative_to("out")) for path in Path("out").rglob("*") if path.is_file()}
    assert files == {"report.json", "manifest.csv", "index.html", f"jobs/{JOB}.json", f"jobs/{OTHER}.json"}
    document = json.loads(Path("out/report.json").read_text())
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert (document["complete"], document["account"]) == (True, "123456789012")
    assert document["totals"]["bytes"] == sum(each["bytes"] for each in document["exports"])
    rows = list(csv.DictReader(Path("out/manifest.csv").read_text().splitlines()))
    listed = client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"lake/{OTHER}/")["Contents"]
    assert {(row["key"], int(row["bytes"]), row["etag"]) for row in rows if row["job"] == job_arn(OTHER)} == {
        (each["Key"], each["Size"], each["ETag"].strip('"')) for each in listed
    }
    job = json.loads(Path(f"out/jobs/{OTHER}.json").read_text())["job"]
    assert (job["Name"], job["Status"]) == ("lake-01", "COMPLETED")
    page = Path("out/index.html").read_text()
    assert "<title>lake-01</title>" in page  # its footprint on the map
    assert "//" not in page.replace(f"s3://{BUCKET}", "")


def test_each_job_that_is_not_exported_is_listed_with_the_reason(prod: CommandStack) -> None:
    add_jobs(OTHER)
    add_jobs("lake00000002", status="IN_PROGRESS")
    add_jobs("lake00000003", status="FAILED")
    prod.export(JOB)
    delete_object(list_names()[0])
    result = prod.report("--out", "out")
    assert result.code == 1
    not_exported = {
        each["job"][-2:]: (each["missing"], each["reason"])
        for each in json.loads(Path("out/report.json").read_text())["not_exported"]
    }
    assert not_exported == {
        "01": (True, "not in the stack: run `pulumi up`"),
        "02": (True, "the job is IN_PROGRESS: run `pulumi up` when it completes"),
        "03": (False, "the job is FAILED and cannot be exported"),
    }
    assert f"missing: {JOB} ({JOB}): 1 of 3 objects is gone" in result.out
    assert "0 exports complete: 0 objects, 0 B (0 bytes); 3 missing; 1 job without results" in result.out


def test_vector_enrichment_jobs_are_reported_too(prod: CommandStack) -> None:
    prod.export(JOB)
    prod.export_vector("route0000001")
    add_jobs("route0000002", kind="vector-enrichment-job")
    result = prod.report("--out", "out")
    assert result.code == 1
    document = json.loads(Path("out/report.json").read_text())
    kinds = {each["job"][-12:]: (each["kind"], each["type"], each["missing"]) for each in document["exports"]}
    assert kinds["route0000001"] == ("vector enrichment job", "MAP_MATCHING", False)
    assert [each["job"][-12:] for each in document["not_exported"]] == ["route0000002"]


def test_metadata_is_read_from_the_service_where_it_was_not_saved(prod: CommandStack) -> None:
    add_jobs(OTHER)
    prod.export(OTHER, save_job_metadata=False)
    prod.report("--out", "out")
    assert json.loads(Path(f"out/jobs/{OTHER}.json").read_text())["job"]["Name"] == "lake-01"


def test_names_are_escaped_in_the_page_and_in_the_terminal(prod: CommandStack) -> None:
    add_jobs(OTHER, name="<script>alert(1)</script>[red]")
    prod.export(OTHER)
    result = prod.report("--out", "out")
    assert "<script>alert(1)</script>[red]" in result.out.replace("\n", "")
    assert "<script>alert" not in Path("out/index.html").read_text()


def test_secret_inputs_are_not_in_the_files(prod: CommandStack) -> None:
    prod.export(JOB, __sec=["output_config.s3_data.s3_uri", "execution_role_arn"])
    assert prod.report("--out", "out").code == 0
    for path in [path for path in Path("out").rglob("*") if path.is_file()]:
        assert f"lake/{JOB}/" not in path.read_text(), path
        assert "eoj-export" not in path.read_text(), path
    assert "[prefix of output_config.s3_data.s3_uri/]" in Path("out/manifest.csv").read_text()


@pytest.mark.parametrize("is_file", [True, False])
def test_a_directory_that_is_not_empty_is_refused(prod: CommandStack, is_file: bool) -> None:
    prod.export(JOB)
    if is_file:
        Path("out").write_text("mine")
    else:
        Path("out").mkdir()
        Path("out/mine").write_text("mine")
    result = prod.report("--out", "out")
    assert (result.code, result.error.count("\n")) == (2, 1)
    assert "is not a directory" in result.error if is_file else "is not empty" in result.error


def test_a_state_without_exports_is_refused(prod: CommandStack) -> None:
    for command in ("report", "delete-jobs"):
        result = prod.run(command)
        assert (result.code, result.error) == (
            2,
            "error: the state of the stack prod has no exports: run `pulumi up` first [SGE602]\n",
        )


def test_credentials_of_another_account_are_refused(prod: CommandStack) -> None:
    outputs = prod.export(JOB)
    prod.pulumi.resources.clear()
    prod.pulumi.add_export("lake", {**outputs, "arn": outputs["arn"].replace("123456789012", "210987654321")})
    for command in ("report", "delete-jobs"):
        result = prod.run(command)
        assert result.code == 2
        assert "of account 210987654321, but the credentials are of account 123456789012" in result.error


def test_no_permission_to_list_the_bucket_is_one_sentence_and_writes_nothing(prod: CommandStack) -> None:
    prod.export(JOB)
    prod.provider.control.add_fault(operation="s3", kind="access_denied", times=-1)
    for command in ("report --out out", "delete-jobs --yes"):
        result = prod.run(*command.split())
        assert (result.code, result.error.count("\n"), result.out) == (2, 1, "")
        assert "AccessDenied" in result.error
    assert list(Path().iterdir()) == []
