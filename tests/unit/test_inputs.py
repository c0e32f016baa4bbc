"""The normal form of inputs, equality as in JSON, and values that are not known yet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.rpc import UNKNOWN
from pulumi_sagemaker_geospatial._export.inputs import has_unknown, is_unknown, normalize_inputs, same_value

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
