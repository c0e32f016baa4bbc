"""Thresholds are evaluated from measured values alone; nothing is run."""

from __future__ import annotations

import pytest

from benchmarks.cases import BASELINE, CASES, EXPORTS, LEAST, REFRESH, SCRIPT, UP
from benchmarks.measurements import Measurements
from benchmarks.thresholds import FAIL, NOT_MEASURED, PASS, THRESHOLDS, Threshold, difference, metric, ratio_to


def measured(**seconds: float) -> Measurements:
    """Times of `up` of a case named 200, one per workload."""
    names = {"baseline": BASELINE, "least": LEAST, "exports": EXPORTS, "script": SCRIPT}
    measurements = Measurements()
    for workload, value in seconds.items():
        measurements.record_time("200", names[workload], UP, value)
    return measurements


@pytest.mark.parametrize(("exports", "verdict"), [(2.3, PASS), (2.4, PASS), (2.41, FAIL)])
def test_a_ratio_passes_up_to_and_including_its_limit(exports: float, verdict: str) -> None:
    threshold = Threshold("up", "1.2x least-up", 1.2, ratio_to("200", UP, {LEAST: 1}))
    text, result = threshold.evaluate(measured(least=2.0, exports=exports))
    assert text == f"{exports / 2:.2f}x"
    assert result == verdict


def test_a_ratio_weights_the_other_workloads_and_adds_seconds() -> None:
    value = ratio_to("200", UP, {BASELINE: 1, SCRIPT: 1.5}, seconds=5)
    assert value(measured(baseline=2.0, script=2.0, exports=20.0)) == 2.0


@pytest.mark.parametrize("seconds", [{"exports": 2.0}, {"least": 2.0}, {}])
def test_a_ratio_with_a_missing_part_is_not_measured(seconds: dict[str, float]) -> None:
    threshold = Threshold("up", "1.2x least-up", 1.2, ratio_to("200", UP, {LEAST: 1}))
    assert threshold.evaluate(measured(**seconds)) == ("-", NOT_MEASURED)


def test_a_ratio_uses_the_medians_of_the_runs() -> None:
    measurements = measured(least=1.0)
    for seconds in (1.0, 1.1, 9.0):
        measurements.record_time("200", EXPORTS, UP, seconds)
    assert ratio_to("200", UP, {LEAST: 1})(measurements) == pytest.approx(1.1)


def test_a_metric_is_shown_with_its_unit() -> None:
    threshold = Threshold("memory", "60 MB", 60, metric("memory"), " MB")
    measurements = Measurements()
    measurements.record_metric("memory", 61.4)
    assert threshold.evaluate(measurements) == ("61 MB", FAIL)


def test_a_difference_is_between_medians_and_needs_both() -> None:
    threshold = Threshold("report", "its calls + 10 s", 10, difference("report", "calls"), " s")
    measurements = Measurements()
    measurements.record_metric("report", 25.0)
    assert threshold.evaluate(measurements) == ("-", NOT_MEASURED)
    measurements.record_metric("calls", 14.0)
    assert threshold.evaluate(measurements) == ("11 s", FAIL)


def test_up_and_refresh_have_thresholds_at_both_sizes_and_parallelisms() -> None:
    conditions = {threshold.subject: threshold.condition for threshold in THRESHOLDS}
    for n in (50, 200):
        for parallelism in ("--parallel 256", "default parallelism"):
            assert conditions[f"{UP} of {n}, {parallelism}"] == "1.2x least-up"
            assert conditions[f"{REFRESH} of {n}, {parallelism}"] == "1.15x least-refresh"


def test_every_threshold_is_evaluated_once_all_cases_and_metrics_are_measured() -> None:
    measurements = Measurements()
    for case in CASES:
        for workload in case.workloads:
            for verb in case.verbs_of(workload):
                measurements.record_time(case.name, workload, verb, 1.0)
    compared_with_times = [threshold for threshold in THRESHOLDS if threshold.unit == "x"]
    assert len(compared_with_times) == 15
    assert [each.subject for each in compared_with_times if each.evaluate(measurements)[1] == NOT_MEASURED] == []
