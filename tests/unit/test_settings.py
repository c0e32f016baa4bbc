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


@given(st.floats(0, 300, exclude_min=True), st.floats(0.01, allow_infinity=False))
def test_any_number_within_the_bounds_is_read_from_text(poll_interval: float, max_calls: float) -> None:
    config = {POLL_INTERVAL.key: repr(poll_interval), MAX_CALLS_PER_SECOND.key: repr(max_calls)}
    assert read_positive_number(config.get, POLL_INTERVAL) == poll_interval
    assert read_positive_number(config.get, MAX_CALLS_PER_SECOND) == max_calls
    assert invalid_settings(config.get) == []


@pytest.mark.parametrize("value", ["1e9", "301", 300.5, "0", "-1", "inf", "nan"])
def test_a_poll_interval_that_would_make_a_run_wait_for_ever_is_an_error(value: Any) -> None:
    message = (
        f"the stack's config {POLL_INTERVAL.key} must be a number of seconds above 0 and at most 300, not {value!r}"
    )
    assert invalid_settings({POLL_INTERVAL.key: value}.get) == [ErrorId.INVALID_CONFIG.mark(message)]


@pytest.mark.parametrize("value", ["fast", "", "0", "-1", "nan", "inf", "1,5", [], {}, "0x10", "1e-9", 0.009])
def test_any_other_value_is_an_error_that_names_the_key(value: Any) -> None:
    config = {MAX_CALLS_PER_SECOND.key: value}
    message = (
        f"the stack's config sagemakergeospatial:maxCallsPerSecond must be a number of at least 0.01, not {value!r}"
    )
    with pytest.raises(ExportError) as caught:
        read_positive_number(config.get, MAX_CALLS_PER_SECOND)
    assert caught.value.message == message
    assert invalid_settings(config.get) == [ErrorId.INVALID_CONFIG.mark(message)]


def test_every_setting_that_is_not_valid_is_reported() -> None:
    assert len(invalid_settings({each.key: "x" for each in SETTINGS}.get)) == len(SETTINGS)
