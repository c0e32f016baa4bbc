"""The states that released versions recorded, in every condition that an export can be in: this version reads them as they are.

tests/pulumi/test_older_states.py tries the finished ones on the engine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_sagemaker_geospatial import P, V
from pulumi_sagemaker_geospatial._export.state import ExportState

STATES = Path(__file__).parents[1] / "pulumi" / "states"
#: What version 0.1.0 could record beside the inputs.
RECORDED_BY_0_1_0 = {
    *("creation_time", "export_status", "export_error_details", "exported_objects", "drift"),
    *("__attempt", "__late", "__unsure"),
}
INPUTS_OF_0_1_0 = {
    *("arn", "execution_role_arn", "output_config", "export_source_images", "client_token", "triggers"),
    *("wait_for_completion", "verify_objects", "delete_objects"),
}


def recorded(file: str) -> dict[str, dict[str, Any]]:
    """Return the exports of a recorded state, by name."""
    resources = json.loads((STATES / file).read_text())["deployment"]["resources"]
    return {each["urn"].rpartition("::")[2]: each for each in resources if "arn" in each.get("outputs", {})}


FILES = sorted(path.relative_to(STATES).as_posix() for path in STATES.rglob("*.json"))
UNFINISHED = recorded("unfinished/0.1.0.json")
EXPORTS = [(file, name) for file in FILES for name in recorded(file)]


@pytest.mark.parametrize(("file", "name"), EXPORTS, ids="/".join)
def test_a_recorded_export_is_read_and_written_as_it_is(file: str, name: str) -> None:
    resource = recorded(file)[name]
    outputs, inputs = ({**resource[each]} for each in ("outputs", "inputs"))
    kind = (V if "VectorEnrichment" in resource["type"] else P).kind
    assert ExportState.from_outputs(kind, outputs).to_outputs(inputs) == outputs


def test_the_records_of_0_1_0_have_everything_that_it_could_record() -> None:
    exports = [*recorded("0.1.0.json").values(), *UNFINISHED.values()]
    names = {name for each in exports for name in each["outputs"]}
    assert names == RECORDED_BY_0_1_0 | INPUTS_OF_0_1_0 | {"__provider"}
    assert {each["outputs"]["export_status"] for each in exports} == {"IN_PROGRESS", "SUCCEEDED", "FAILED"}
    assert any("kms_key_id" in each["outputs"]["output_config"]["s3_data"] for each in exports)


@pytest.mark.parametrize("name", UNFINISHED)
def test_an_upgrade_replaces_what_had_drifted_and_nothing_else(name: str) -> None:
    resource = UNFINISHED[name]
    checked = P.check(resource["inputs"], resource["inputs"])
    diff = P.diff(resource["id"], resource["outputs"], checked.inputs)
    assert checked.failures == []
    assert diff.changes == (name in ("drifted", "failed"))
    assert diff.replaces == (["drift"] if diff.changes else [])
