"""The normal form of inputs, equality as in JSON, and values that are not known yet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.rpc import UNKNOWN
from pulumi_sagemaker_geospatial._export.inputs import (
    has_unknown,
    is_same_folder,
    is_unknown,
    leaves,
    normalize_inputs,
    replace_on_changes,
    same_value,
    strip_nulls,
)
from pulumi_sagemaker_geospatial._geospatial.kinds import EARTH_OBSERVATION, VECTOR_ENRICHMENT

from tests.support.declarations import UNKNOWN_VALUE, inputs

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


def test_the_normal_form_omits_nulls_defaults_and_an_empty_key() -> None:
    nulls = {"client_token": None, "triggers": None, "export_source_images": False}
    defaults = {"wait_for_completion": True, "verify_objects": True, "delete_objects": False}
    empty_key = {"s3_data": {"s3_uri": "s3://b/p/", "kms_key_id": ""}}
    assert normalize_inputs({**inputs(), **nulls, **defaults, "output_config": empty_key}) == {
        **inputs(),
        "output_config": {"s3_data": {"s3_uri": "s3://b/p/"}},
    }


def test_only_a_kind_with_source_images_is_replaced_for_them() -> None:
    assert "export_source_images" in replace_on_changes(EARTH_OBSERVATION)
    assert replace_on_changes(VECTOR_ENRICHMENT) == (
        "arn",
        "execution_role_arn",
        "output_config",
        "client_token",
        "triggers",
    )


def test_what_is_omitted_does_not_hide_what_comes_after_it() -> None:
    declared = {"client_token": None, "a": 1, "export_source_images": False, "b": 2, "verify_objects": True, "c": 3}
    assert normalize_inputs(declared) == {"a": 1, "b": 2, "c": 3}


def test_only_an_empty_key_and_nulls_are_stripped() -> None:
    assert strip_nulls({"kms_key_id": "k", "s3_uri": "", "x": None}) == {"kms_key_id": "k", "s3_uri": ""}
    assert strip_nulls({"kms_key_id": ""}) == {}


def test_the_leaves_of_a_value_have_paths() -> None:
    value = {"a": {"b": [1, {"c": 2}]}, "d": None, 5: "e"}
    assert list(leaves(value)) == [("a.b[0]", 1), ("a.b[1].c", 2), ("d", None), ("5", "e")]
    assert list(leaves("alone")) == [("", "alone")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("s3://b/p", "s3://b/p/", True),
        ("s3://b/p/", "s3://b/p", True),
        ("s3://b/X/", "s3://b/", False),
        ("s3://b/pX", "s3://b/p", False),
        ("s3://b/p", "s3://b/pX", False),
        ("/s3://b/p", "s3://b/p", False),
        ("s3://b/p", " s3://b/p", False),
        (None, "s3://b/p", False),
        ("s3://b/p", None, False),
    ],
)
def test_destinations_differ_by_more_than_the_slash_at_their_end(one: Any, other: Any, same: bool) -> None:
    assert is_same_folder(one, other) is same


@pytest.mark.parametrize(
    "more", [{"wait_for_completion": False}, {"verify_objects": False}, {"delete_objects": True}, {"client_token": "t"}]
)
def test_the_normal_form_has_every_other_value(more: dict[str, Any]) -> None:
    assert normalize_inputs(inputs(**more)) == inputs(**more)


@pytest.mark.parametrize("triggers", [{"kms_key_id": "", "a": None}, [], False, 0, ""])
def test_the_normal_form_does_not_change_triggers(triggers: Any) -> None:
    assert normalize_inputs(inputs(triggers=triggers)) == inputs(triggers=triggers)


@given(json_values)
def test_the_normal_form_of_a_normal_form_is_the_same(triggers: Any) -> None:
    once = normalize_inputs(inputs(triggers=triggers, wait_for_completion=True))
    assert normalize_inputs(once) == once


@pytest.mark.parametrize("unknown", [UNKNOWN_VALUE, UNKNOWN], ids=["object", "wire"])
def test_an_unknown_value_is_found_at_any_depth(unknown: Any) -> None:
    assert is_unknown(unknown)
    assert has_unknown(inputs(triggers=[{"a": (1, unknown)}]))
    assert not has_unknown(inputs(triggers=[{"a": (1, "b")}]))


@given(json_values)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same_value(value, value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1], [True], False),
        ({"a": 0}, {"a": False}, False),
        ((1, 2), [1, 2], True),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ([], {}, False),
        (None, 0, False),
        ("1", 1, False),
    ],
)
def test_values_are_compared_as_in_json(one: Any, other: Any, same: bool) -> None:
    assert same_value(one, other) is same
    assert same_value(other, one) is same
