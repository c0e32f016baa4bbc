"""Metrics are recorded under the names that the report and the thresholds use; with a fake engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks import metrics
from benchmarks.cases import METRICS
from benchmarks.environment import BenchEnvironment
from benchmarks.measurements import Measurements


class FakeEnvironment:
    """Stacks that only know which mechanisms they run without."""

    def prepare_service(self, declared: list[dict[str, Any]], export_seconds: float) -> None:
        assert (len(declared), export_seconds) == (200, 5)

    @contextmanager
    def stack(self, *arguments: Any, disabled: tuple[str, ...]) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(disabled=disabled)


def test_mechanisms_are_measured_with_and_without_the_widened_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    def time_command(stack: SimpleNamespace, verb: str, parallel: int | None) -> float:
        return {"up": 10.0, "refresh": 1.0}[verb] + (100 if stack.disabled else 0) + (0 if parallel else 1000)

    monkeypatch.setattr(metrics, "time_command", time_command)
    measurements = Measurements()
    metrics.measure_mechanisms(cast(BenchEnvironment, FakeEnvironment()), measurements)
    assert measurements.metrics == {
        "mechanisms: up of 200, default parallelism, all mechanisms: seconds": [1010],
        "mechanisms: refresh of 200, default parallelism, all mechanisms: seconds": [1001],
        "mechanisms: up of 200, default parallelism, without widened-pool: seconds": [1110],
        "mechanisms: refresh of 200, default parallelism, without widened-pool: seconds": [1101],
        "mechanisms: up of 200, --parallel 256, all mechanisms: seconds": [10],
        "mechanisms: refresh of 200, --parallel 256, all mechanisms: seconds": [1],
        "mechanisms: up of 200, --parallel 256, without widened-pool: seconds": [110],
        "mechanisms: refresh of 200, --parallel 256, without widened-pool: seconds": [101],
    }


def test_every_metric_has_a_function_that_measures_it() -> None:
    assert set(metrics.MEASURE) == set(METRICS)
