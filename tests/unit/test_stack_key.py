"""The key of a stack that states record: its bytes are part of users' states and never change."""

from __future__ import annotations

from pulumi_sagemaker_geospatial._export.ownership import ANOTHER, reason_to_keep, stack_key

URN = "urn:pulumi:prod::lake-project::pulumi-python:dynamic:ExportEarthObservationJob::lake"
RECORDED = "1e5bac57"


def test_the_key_is_the_recorded_one() -> None:
    assert stack_key(URN) == RECORDED


def test_the_key_is_that_of_the_stack_and_the_project_alone() -> None:
    assert stack_key("urn:pulumi:prod::lake-project::component:index:Lake$another:type::river") == RECORDED
    assert stack_key(URN.replace("prod", "dev")) != RECORDED
    assert stack_key(URN.replace("lake-project", "river-project")) != RECORDED


def test_an_unknown_urn_has_no_key_and_deletes_nothing_that_a_stack_owns() -> None:
    assert stack_key("") is None
    assert reason_to_keep(RECORDED, "") is not None
    assert reason_to_keep(ANOTHER, "") is not None
    assert reason_to_keep(None, "") is None


def test_the_reason_to_keep_tells_an_adopted_export_from_a_record_of_another_stack() -> None:
    adopted = "this export was adopted, and the resource or stack that started it may hold it too"
    elsewhere = "this record was made in another stack or project, which may hold the export too"
    assert reason_to_keep(ANOTHER, URN) == adopted
    assert reason_to_keep(RECORDED, URN.replace("prod", "dev")) == elsewhere
    assert reason_to_keep(RECORDED, URN) is None
    assert reason_to_keep(None, URN) is None
