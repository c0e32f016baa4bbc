"""The testing kit's mocks: the verdicts of the real resource, its outputs, and nothing that a unit test does not need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi_sagemaker_geospatial import (
    ExportEarthObservationJob,
    ExportError,
    ExportProvider,
    ExportVectorEnrichmentJob,
)
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial.testing import ExportMocks, InvalidExportError

ROLE = "arn:aws:iam::123456789012:role/export"


def job(kind: str = "earth-observation", name: str = "lake") -> str:
    return f"arn:aws:sagemaker-geospatial:us-west-2:123456789012:{kind}-job/{name}00000000"


VALID: dict[str, Any] = {
    "arn": job(),
    "execution_role_arn": ROLE,
    "output_config": {"s3_data": {"s3_uri": "s3://b/p/"}},
}
INVALID: list[Mapping[str, Any]] = [
    {"arn": job("vector-enrichment")},
    {"arn": None},
    {"execution_role_arn": "role/export"},
    {"output_config": {"s3_data": {"s3_uri": "b/p/"}}},
    {"output_config": {"s3_data": {"s3_uri": "s3://b/p/", "kms_key": "k"}}},
    {"client_token": "short"},
    {"delete_objects": "yes"},
    {"triggers": [2**60], "verify_objects": 1},
]


def declare(name: str = "lake", **changes: Any) -> ExportEarthObservationJob:
    return ExportEarthObservationJob(name, **{**VALID, **changes})


@pytest.mark.parametrize("changes", INVALID, ids=str)
def test_inputs_are_refused_with_the_reasons_of_the_resource(changes: Mapping[str, Any]) -> None:
    checked = ExportProvider(EARTH_OBSERVATION, "P").check({}, {**VALID, **changes})
    expected = [f"lake: {failure.reason}" for failure in checked.failures]
    assert expected
    with pytest.raises(InvalidExportError) as refused:
        ExportMocks().run(lambda: declare(**changes))
    assert str(refused.value).splitlines() == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"triggers": {2022: "x"}}, r"^lake: a key of triggers must be a string, not int: 2022"),
        ({"opts": pulumi.ResourceOptions(import_="x")}, r"^lake: the option import_ is not supported"),
    ],
)
def test_what_the_resource_refuses_itself_is_refused_with_mocks_too(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        ExportMocks().run(lambda: declare(**changes))


def test_exports_to_the_same_folder_are_refused_also_through_an_output() -> None:
    def program() -> None:
        first = declare("first")
        declare("second", output_config={"s3_data": {"s3_uri": first.output_config.s3_data.s3_uri}})

    with pytest.raises(InvalidExportError, match="first already exports to this folder"):
        ExportMocks().run(program)


def test_an_export_has_the_outputs_of_one_that_succeeded() -> None:
    def program() -> None:
        lake = declare(save_job_metadata=True, execution_role_arn=pulumi.Output.secret(ROLE))
        last = ExportVectorEnrichmentJob.get("last", id=job("vector-enrichment"))
        for name in ("id", "export_status", "location", "client_token", "exported_objects", "job_metadata", "drift"):
            pulumi.export(name, getattr(lake, name))
        pulumi.export("last", last.export_status)

    mocks = ExportMocks(
        objects=2, outputs={"lake": {"drift": "1 of 2 objects is gone"}, "last": {"export_status": "FAILED"}}
    )
    outputs = mocks.run(program)
    token, objects = outputs.pop("client_token"), outputs.pop("exported_objects")
    assert token.startswith("pulumi-")
    assert (objects["count"], objects["bytes"], objects["newest"]) == (2, 2048, "2024-01-02T03:09:05Z")
    assert outputs == {
        "id": "123456789012/lake00000000",
        "export_status": "SUCCEEDED",
        "location": "s3://b/p/lake00000000/",
        "job_metadata": {"key": "p/lake00000000.job.json", "etag": "0" * 32},
        "drift": "1 of 2 objects is gone",
        "last": "FAILED",
    }
    assert mocks.exports.keys() == {"lake"}
    assert mocks.exports["lake"].inputs == {**VALID, "save_job_metadata": True}


def test_two_exports_of_one_urn_are_refused_as_by_the_engine() -> None:
    with pytest.raises(ExportError, match=r"^Duplicate resource URN 'urn:pulumi:stack::project::.*::lake'; try giving"):
        ExportMocks().run(lambda: [declare(), declare(output_config={"s3_data": {"s3_uri": "s3://b/other/"}})])


def test_one_name_for_exports_of_different_parents_is_accepted() -> None:
    def program() -> None:
        for number, kind in enumerate(("a:b:First", "a:b:Second")):
            parent = pulumi.ComponentResource(kind, f"parent-{number}")
            config = {"s3_data": {"s3_uri": f"s3://b/{number}/"}}
            declare(output_config=config, opts=pulumi.ResourceOptions(parent=parent))

    mocks = ExportMocks()
    mocks.run(program)
    assert [key.split("$")[-2].rpartition("::")[2] for key in sorted(mocks.exports)] == ["a:b:First", "a:b:Second"]


def declare_both_kinds() -> None:
    lake = declare()
    vectors = ExportVectorEnrichmentJob("lake", **{**VALID, "arn": job("vector-enrichment", name="road")})
    pulumi.export("lake", lake.drift)
    pulumi.export("road", vectors.drift)


def test_exports_of_both_kinds_with_one_name_are_told_apart_by_the_kind() -> None:
    mocks = ExportMocks(outputs={"ExportVectorEnrichmentJob:lake": {"drift": "1 of 3 objects is gone"}})
    assert mocks.run(declare_both_kinds) == {"lake": None, "road": "1 of 3 objects is gone"}
    arns = {key: export.inputs["arn"] for key, export in mocks.exports.items()}
    assert arns == {
        "ExportEarthObservationJob:lake": job(),
        "ExportVectorEnrichmentJob:lake": job("vector-enrichment", name="road"),
    }
    with pytest.raises(ExportError, match=r"use ExportEarthObservationJob:lake or ExportVectorEnrichmentJob:lake"):
        ExportMocks(outputs={"lake": {"drift": "gone"}}).run(declare_both_kinds)


@pytest.mark.parametrize("id_", ["zzz", job("vector-enrichment"), 5, None])
def test_an_id_that_is_not_that_of_a_job_of_the_kind_is_refused(id_: Any) -> None:
    with pytest.raises(ExportError, match=r"\[SGE107\]$"):
        ExportMocks().run(lambda: ExportEarthObservationJob.get("last", id=id_))


def test_an_id_that_is_not_known_yet_is_accepted() -> None:
    assert (
        ExportMocks().run(lambda: ExportEarthObservationJob.get("last", id=declare().id) and None, preview=True) == {}
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objects": -1}, "^objects must be a number of objects, not -1"),
        ({"objects": "3"}, "^objects must be a number of objects, not '3'"),
        ({"outputs": {"lake": {"dritf": "x"}}}, r"^outputs\['lake'\]: an export has no output dritf: it has .*drift"),
        ({"outputs": {"typo": {"drift": "x"}}}, "^outputs: the program declares no export typo: it declares lake"),
    ],
)
def test_arguments_that_have_no_effect_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        ExportMocks(**arguments).run(lambda: declare() and None)


def test_what_is_not_waited_for_or_not_verified_has_no_objects() -> None:
    mocks = ExportMocks()
    mocks.run(
        lambda: [declare("a", wait_for_completion=False), declare("b", arn=job(name="seas"), verify_objects=False)]
    )
    assert mocks.exports["a"].outputs["export_status"] == "IN_PROGRESS"
    assert mocks.exports["b"].outputs["export_status"] == "SUCCEEDED"
    assert not any("exported_objects" in export.outputs for export in mocks.exports.values())


def test_a_preview_knows_the_inputs_alone() -> None:
    def program() -> None:
        lake = declare()
        unknown = lake.creation_time.apply(str)
        declare("next", arn=unknown, output_config={"s3_data": {"s3_uri": pulumi.Output.concat("s3://b/", unknown)}})
        pulumi.export("status", lake.export_status)
        pulumi.export("location", lake.location)

    assert ExportMocks().run(program, preview=True) == {"location": "s3://b/p/lake00000000/"}


class Buckets(pulumi.runtime.Mocks):
    """Mocks of another package."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-created", {**args.inputs, "arn": "arn:aws:s3:::created"}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return {"account": "123456789012"}, []


def test_other_packages_have_their_own_mocks() -> None:
    def program() -> None:
        bucket = pulumi.CustomResource("aws:s3/bucket:Bucket", "exports", {"tags": {}})
        pulumi.export("id", bucket.id)
        pulumi.export("account", pulumi.runtime.invoke_output("aws:index/getCallerIdentity:getCallerIdentity", {}))

    assert ExportMocks(others=Buckets()).run(program) == {
        "id": "exports-created",
        "account": {"account": "123456789012"},
    }
    assert ExportMocks().run(program)["id"] == "exports-id"


def test_runs_do_not_know_each_other_and_a_failed_one_leaves_nothing() -> None:
    def fail() -> None:
        pulumi.export("first", pulumi.Config().require("name"))
        declare()
        raise LookupError("the program's own error")

    with pytest.raises(LookupError):
        ExportMocks().run(fail, config={"project:name": "a"})
    assert ExportMocks().run(lambda: declare() and None) == {}
    assert pulumi.Config("project").get("name") is None


def test_importing_the_kit_needs_neither_pytest_nor_the_emulator() -> None:
    code = "import sys, pulumi_sagemaker_geospatial.testing; print({'pytest', 'moto', 'boto3'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
