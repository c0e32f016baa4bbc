"""What is told where an adopted export has drifted from the record of the resource that had it before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from pulumi_sagemaker_geospatial._export.handlers import create_export, drift_of_adopted
from pulumi_sagemaker_geospatial._export.lifecycle import CreatedExport
from pulumi_sagemaker_geospatial._export.registry import Adoption, DeclarationRegistry
from pulumi_sagemaker_geospatial._export.state import ExportState
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION
from pulumi_sagemaker_geospatial._runtime.s3_objects import S3Object

from tests.support.declarations import export_request, inputs
from tests.support.fake_project import urn
from tests.support.recorded_exports import START, at, foreign_objects, overwritten, recorded, written_objects
from tests.support.scripted_runtime import URN, ScriptedRuntime

OBJECTS = written_objects(3)
LEFT = OBJECTS[:2]
RECORD = recorded("SUCCEEDED", OBJECTS)
OLD = urn("old")
UNSEEN = recorded("SUCCEEDED", drift="none of this export's objects were found")
DRIFTED = replace(RECORD, drift="2 of 3 objects are gone")


def warning_of(drift: str, old: str = "old") -> str:
    """Return what is told of drift from the record of another resource."""
    return (
        f"the adopted export has drifted from the record of {old}: {drift}; to repair it: "
        f"PULUMI_GEOSPATIAL_ADOPT=false pulumi up --replace '{URN}'"
    )


GONE = "1 of 3 objects is gone"
#: What the record says, what was found at the adoption, when the adopted export was started, and which drift is told.
for_each_case = pytest.mark.parametrize(
    ("record", "found", "created", "drift"),
    [
        (RECORD, LEFT, START, GONE),
        (RECORD, [*foreign_objects(2, -10), *LEFT], START, GONE),
        (
            RECORD,
            [*LEFT, *overwritten(OBJECTS[2:], 900)],
            START,
            f"1 of 3 objects was overwritten, first {OBJECTS[2].name}",
        ),
        (RECORD, OBJECTS, START, None),
        (RECORD, [*OBJECTS, *foreign_objects(2, 900)], START, None),
        (RECORD, LEFT, at(300), GONE),
        (RECORD, LEFT, at(300.9), GONE),
        (RECORD, LEFT, at(301), None),  # a newer export than the recorded one
        (DRIFTED, OBJECTS, START, "2 of 3 objects are gone"),
        (DRIFTED, LEFT, START, GONE),
        (UNSEEN, LEFT, START, "none of this export's objects were found"),
        (UNSEEN, LEFT, at(0.9), "none of this export's objects were found"),
        (UNSEEN, LEFT, at(1), None),
        (recorded("SUCCEEDED"), LEFT, START, None),
        (recorded("IN_PROGRESS", drift="the job reports no export"), LEFT, START, None),
    ],
)


def adopt(registry: DeclarationRegistry, found: list[S3Object], created: datetime) -> list[str]:
    """Adopt an export, and return what is warned of."""
    process = ScriptedRuntime()
    process.lifecycle.created = CreatedExport(replace(recorded("SUCCEEDED", found), created=created), found)
    create_export(EARTH_OBSERVATION, process.runtime, registry, None, inputs(), process.context())
    return process.warnings


@for_each_case
def test_a_creation_that_adopts_compares_what_is_there_with_the_records_that_a_refresh_has_shown(
    record: ExportState, found: list[S3Object], created: datetime, drift: str | None
) -> None:
    registry = DeclarationRegistry()
    registry.record_state(OLD, record)
    assert adopt(registry, found, created) == ([warning_of(drift)] if drift else [])


@for_each_case
def test_the_deletion_of_the_old_record_compares_it_with_what_was_adopted(
    record: ExportState, found: list[S3Object], created: datetime, drift: str | None
) -> None:
    registry = DeclarationRegistry()
    assert adopt(registry, found, created) == []
    told = drift_of_adopted(EARTH_OBSERVATION, registry, OLD, record.to_outputs(inputs()))
    assert told == ((URN, warning_of(drift)) if drift else None)


def test_every_record_with_drift_is_told() -> None:
    registry = DeclarationRegistry()
    for each in (OLD, urn("older"), urn("intact")):
        registry.record_state(each, recorded("SUCCEEDED", LEFT) if each.endswith("intact") else RECORD)
    assert adopt(registry, LEFT, START) == [warning_of(GONE), warning_of(GONE, "older")]


def test_a_new_export_is_not_compared() -> None:
    registry, process = DeclarationRegistry(), ScriptedRuntime()
    registry.record_state(OLD, RECORD)
    create_export(EARTH_OBSERVATION, process.runtime, registry, None, inputs(), process.context())
    assert process.warnings == []
    assert drift_of_adopted(EARTH_OBSERVATION, registry, urn("older"), RECORD.to_outputs(inputs())) is None


def test_drift_is_told_once_where_the_creation_has_compared_the_record() -> None:
    registry = DeclarationRegistry()
    registry.record_state(OLD, RECORD)
    assert adopt(registry, LEFT, START) == [warning_of(GONE)]
    assert drift_of_adopted(EARTH_OBSERVATION, registry, OLD, RECORD.to_outputs(inputs())) is None


def test_a_damaged_record_and_one_of_another_destination_are_deleted_without_a_warning() -> None:
    registry = DeclarationRegistry()
    registry.record_adoption(export_request().destination, Adoption(URN, START, LEFT))
    outputs = RECORD.to_outputs(inputs())
    assert drift_of_adopted(EARTH_OBSERVATION, registry, OLD, {**outputs, "creation_time": "yesterday"}) is None
    elsewhere = replace(RECORD, request=export_request(prefix="river")).to_outputs(inputs(prefix="river"))
    assert drift_of_adopted(EARTH_OBSERVATION, registry, OLD, elsewhere) is None
