"""Measured values: seconds by case, workload and command, and metrics by name."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Measurements:
    """Everything that one invocation of the benchmarks measured, over all its runs."""

    seconds: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    metrics: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    def record_time(self, case: str, workload: str, verb: str, seconds: float) -> None:
        """Add the time of one run."""
        self.seconds[case, workload, verb].append(seconds)

    def record_metric(self, name: str, value: float) -> None:
        """Add a metric's value of one run."""
        self.metrics[name].append(value)

    def median_time(self, case: str, workload: str, verb: str) -> float | None:
        """Return the median in seconds, or None if it was not measured."""
        values = self.seconds.get((case, workload, verb))
        return statistics.median(values) if values else None

    def median_metric(self, name: str) -> float | None:
        """Return a metric's median, or None if it was not measured."""
        values = self.metrics.get(name)
        return statistics.median(values) if values else None

    def max_metric(self, name: str) -> float | None:
        """Return a metric's maximum, or None if it was not measured."""
        return max(self.metrics.get(name) or [], default=None)

    def format_time(self, case: str, workload: str, verb: str) -> str:
        """Return the median and, with several runs, their range."""
        values = self.seconds.get((case, workload, verb))
        if not values:
            return "-"
        median = statistics.median(values)
        return f"{median:.2f}" if len(values) == 1 else f"{median:.2f} ({min(values):.2f}-{max(values):.2f})"

    def run_count(self) -> int:
        """Return how often the most measured value was measured."""
        return max((len(values) for group in (self.seconds, self.metrics) for values in group.values()), default=0)
