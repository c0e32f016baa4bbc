"""What a change of a declaration means: a new export, or an update in place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial._export.diff import Changes, ExportDiff, changed_paths, diff_inputs
from pulumi_sagemaker_geospatial._export.inputs import IN_PLACE_INPUTS, REPLACE_ON_CHANGES

from tests.support.aws_names import ROLE, output_config
from tests.support.declarations import TOKEN, UNKNOWN_VALUE, inputs
from tests.support.recorded_exports import recorded, written_objects

OUTPUTS = recorded("SUCCEEDED", written_objects(3)).to_outputs(inputs())


def diff(news: dict[str, Any], **olds: Any) -> ExportDiff:
    return diff_inputs({**OUTPUTS, **olds}, news)


@pytest.mark.parametrize(
    ("news", "replacing"),
    [
        (inputs("other0000000"), {"arn": ("UPDATE", True)}),
        (inputs(execution_role_arn=ROLE + "2"), {"execution_role_arn": ("UPDATE", True)}),
        (inputs(prefix="river"), {"output_config.s3_data.s3_uri": ("UPDATE", True)}),
        (
            inputs(output_config=output_config("lake", kms_key_id="k")),
            {"output_config.s3_data.kms_key_id": ("ADD", True)},
        ),
        (inputs(export_source_images=True), {"export_source_images": ("ADD", True)}),
        (inputs(client_token=TOKEN), {"client_token": ("ADD", True)}),
        (inputs(triggers={"a": [1]}), {"triggers": ("ADD", True)}),
        (inputs(arn=UNKNOWN_VALUE), {"arn": ("UPDATE", True)}),
        (inputs(output_config=UNKNOWN_VALUE), {"output_config": ("UPDATE", True)}),
    ],
)
def test_a_change_of_the_request_the_token_or_the_triggers_is_a_new_export(
    news: dict[str, Any], replacing: Changes
) -> None:
    found = diff(news)
    assert (found.replacing, found.updating) == (replacing, {})
    assert found.replaced_properties == sorted({path.partition(".")[0] for path in replacing})
    assert found.another_request
    assert found.detailed() == {path: (f"{kind}_REPLACE", True) for path, (kind, _) in replacing.items()}


@pytest.mark.parametrize(
    ("setting", "value"), [("wait_for_completion", False), ("verify_objects", False), ("delete_objects", True)]
)
def test_a_setting_is_updated_in_place(setting: str, value: bool) -> None:
    declared: dict[str, Any] = {setting: value}
    assert diff(inputs(**declared)) == ExportDiff({}, {setting: ("ADD", True)})
    assert diff(inputs(), **declared) == ExportDiff({}, {setting: ("DELETE", True)})
    assert diff(inputs(**declared), **declared) == ExportDiff()


def test_a_property_that_was_removed_is_deleted() -> None:
    assert diff(inputs(), client_token=TOKEN, triggers=[1]).replacing == {
        "client_token": ("DELETE", True),
        "triggers": ("DELETE", True),
    }


@pytest.mark.parametrize("uri", ["s3://exports/lake", "s3://exports/lake/"])
def test_a_slash_at_the_end_of_the_destination_is_no_change(uri: str) -> None:
    assert diff(inputs(output_config={"s3_data": {"s3_uri": uri}})) == ExportDiff()


def test_nulls_and_defaults_in_the_state_are_no_change() -> None:
    defaults = {**IN_PLACE_INPUTS, "client_token": None, "triggers": None, "export_source_images": False}
    config = {"s3_data": {"s3_uri": "s3://exports/lake/", "kms_key_id": None}}
    assert diff(inputs(), **defaults, output_config=config) == ExportDiff()


def test_computed_outputs_are_no_change() -> None:
    assert diff(inputs(), export_status="IN_PROGRESS", exported_objects=None, __attempt=3.0) == ExportDiff()


@pytest.mark.parametrize(("before", "after"), [(1, 1.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1})])
def test_triggers_that_are_equal_in_json_are_no_change(before: Any, after: Any) -> None:
    assert diff(inputs(triggers=after), triggers=before) == ExportDiff()


@pytest.mark.parametrize(
    ("before", "after"), [([1, 2], [2, 1]), ("a", "A"), (0, None), (1, True), ({"a": [0]}, {"a": [False]}), (None, 0)]
)
def test_triggers_that_differ_are_a_new_export(before: Any, after: Any) -> None:
    assert diff(inputs(triggers=after), triggers=before).replaced_properties == ["triggers"]


def test_metadata_that_is_not_saved_yet_is_added_in_place() -> None:
    declared = inputs(save_job_metadata=True)
    due = ("ADD", False)
    assert diff(declared) == ExportDiff({}, {"job_metadata": due, "save_job_metadata": ("ADD", True)})
    assert diff(declared, save_job_metadata=True) == ExportDiff({}, {"job_metadata": due})
    saved = {"save_job_metadata": True, "job_metadata": {"key": "lake/lake00000000.job.json", "etag": "e"}}
    assert diff(declared, **saved) == ExportDiff()


def test_drift_is_a_new_export_of_the_same_declaration() -> None:
    found = diff(inputs(), drift="1 of 3 objects is gone")
    assert found == ExportDiff({"drift": ("DELETE", False)}, {})
    assert found.replaced_properties == ["drift"]
    assert not found.another_request
    assert found.detailed() == {"drift": ("DELETE_REPLACE", False)}


def test_drift_together_with_a_change_is_another_declaration() -> None:
    assert diff(inputs(triggers=1), drift="1 of 3 objects is gone").another_request


def test_drift_of_objects_that_are_no_longer_verified_is_forgotten() -> None:
    found = diff(inputs(verify_objects=False), drift="1 of 3 objects is gone")
    assert found == ExportDiff({}, {"drift": ("DELETE", False), "verify_objects": ("ADD", True)})


@pytest.mark.parametrize("status", ["FAILED", "IN_PROGRESS"])
def test_drift_of_an_export_without_success_is_a_new_export_even_unverified(status: str) -> None:
    found = diff(inputs(verify_objects=False), drift="the export has FAILED", export_status=status)
    assert found.replaced_properties == ["drift"]


values = st.none() | st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2)
properties = st.dictionaries(st.sampled_from([*REPLACE_ON_CHANGES, *IN_PLACE_INPUTS]), values)


@given(properties, properties)
def test_what_was_added_one_way_is_deleted_the_other_way(one: dict[str, Any], other: dict[str, Any]) -> None:
    names = (*REPLACE_ON_CHANGES, *IN_PLACE_INPUTS)
    reverse = {"ADD": "DELETE", "DELETE": "ADD", "UPDATE": "UPDATE"}
    changes = changed_paths(one, other, names)
    assert changed_paths(other, one, names) == {path: (reverse[kind], True) for path, (kind, _) in changes.items()}
    assert changed_paths(one, one, names) == {}
