"""Numbers in the stack's config."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial import ErrorId
from pulumi_sagemaker_geospatial._runtime.settings import (
    MAX_CALLS_PER_SECOND,
    POLL_INTERVAL,
    SETTINGS,
    invalid_settings,
    read_positive_number,
)
from pulumi_sagemaker_geospatial.errors import ExportError


def test_a_setting_that_is_not_set_has_its_default() -> None:
    assert [read_positive_number(lambda key: None, each) for each in SETTINGS] == [2.0, 10.0]
    assert invalid_settings(lambda key: None) == []


@given(st.floats(0, exclude_min=True, allow_infinity=False, allow_nan=False))
def test_any_number_above_0_is_read_from_text(number: float) -> None:
    config = {POLL_INTERVAL.key: repr(number)}
    assert read_positive_number(config.get, POLL_INTERVAL) == number
    assert invalid_settings(config.get) == []


@pytest.mark.parametrize("value", ["fast", "", "0", "-1", "nan", "inf", "1,5", [], {}, "0x10"])
def test_any_other_value_is_an_error_that_names_the_key(value: Any) -> None:
    config = {MAX_CALLS_PER_SECOND.key: value}
    message = f"the stack's config sagemakergeospatial:maxCallsPerSecond must be a number above 0, not {value!r}"
    with pytest.raises(ExportError) as caught:
        read_positive_number(config.get, MAX_CALLS_PER_SECOND)
    assert caught.value.message == message
    assert invalid_settings(config.get) == [ErrorId.INVALID_CONFIG.mark(message)]


def test_every_setting_that_is_not_valid_is_reported() -> None:
    assert len(invalid_settings({each.key: "x" for each in SETTINGS}.get)) == len(SETTINGS)
