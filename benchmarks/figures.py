"""What was measured: seconds by case, subject and verb, as medians, and single figures by name."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

FLOOR, SCRIPT, EXPORTS = "floor", "boto3 script", "exports"


@dataclass
class Figures:
    """All of one run of the benchmarks."""

    seconds: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    single: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    def add(self, case: str, subject: str, verb: str, seconds: float) -> None:
        self.seconds[case, subject, verb].append(seconds)

    def note(self, name: str, value: float) -> None:
        self.single[name].append(value)

    def median(self, case: str, subject: str, verb: str) -> float | None:
        """Seconds, or None where it was not measured."""
        found = self.seconds.get((case, subject, verb))
        return statistics.median(found) if found else None

    def figure(self, name: str) -> float | None:
        found = self.single.get(name)
        return statistics.median(found) if found else None

    def highest(self, name: str) -> float | None:
        return max(self.single.get(name) or [], default=None)

    def spread(self, case: str, subject: str, verb: str) -> str:
        """Median and the range of the runs."""
        found = self.seconds.get((case, subject, verb))
        if not found:
            return "-"
        middle = statistics.median(found)
        return f"{middle:.2f}" if len(found) == 1 else f"{middle:.2f} ({min(found):.2f}-{max(found):.2f})"

    def runs(self) -> int:
        return max((len(each) for each in self.seconds.values()), default=0)
