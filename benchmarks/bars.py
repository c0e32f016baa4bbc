"""The bars: what each figure may be at most, compared with what was measured in the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.cases import DEFAULTS, EMPTY_UP, FIVE_MINUTES, KILLED, MEMORY, REFRESH, STATE, UP
from benchmarks.figures import EXPORTS, FLOOR, SCRIPT, Figures

#: What is not measured has no ratio.
Ratio = Callable[[Figures], "float | None"]


@dataclass(frozen=True)
class Bar:
    """``measured`` may be at most ``most``."""

    figure: str
    bar: str
    most: float
    measured: Ratio
    unit: str = "x"

    def judged(self, figures: Figures) -> tuple[str, str]:
        """What was measured, and pass or fail."""
        value = self.measured(figures)
        if value is None:
            return "-", "not measured"
        shown = f"{value:.2f}x" if self.unit == "x" else f"{value:.0f}{self.unit}"
        return shown, "pass" if value <= self.most else "**fail**"


def _against(case: str, verb: str, *, script: float = 0.0, seconds: float = 0.0) -> Ratio:
    """The exports' time over floor + script times the boto3 script's + seconds."""

    def ratio(figures: Figures) -> float | None:
        ours, floor = figures.median(case, EXPORTS, verb), figures.median(case, FLOOR, verb)
        boto3 = figures.median(case, SCRIPT, verb) if script else 0.0
        if ours is None or floor is None or boto3 is None:
            return None
        return ours / (floor + script * boto3 + seconds)

    return ratio


def _single(name: str, *, highest: bool = False) -> Ratio:
    return lambda figures: figures.highest(name) if highest else figures.figure(name)


def _memory(figures: Figures) -> float | None:
    ours, floor = figures.figure(f"{MEMORY}: host of exports, MB"), figures.figure(f"{MEMORY}: no-op host, MB")
    return None if ours is None or floor is None else ours - floor


BARS = (
    Bar("200 immediate exports, up", "1.1x (floor + boto3 script)", 1.1, _against("200", UP, script=1)),
    Bar("200 immediate exports, up", "1.4x floor", 1.4, _against("200", UP)),
    Bar("200 exports of 5 s, up", "1.25x (floor + 5 s)", 1.25, _against("200-of-5s", UP, seconds=5)),
    Bar("40 exports of 5 s, up", "floor + 1.2x boto3 script", 1.0, _against("40-of-5s", UP, script=1.2)),
    Bar("empty up at 200", "1.3x floor", 1.3, _against("200", EMPTY_UP)),
    Bar("refresh at 200", "1.3x floor", 1.3, _against("200", REFRESH)),
    Bar("calls for an export of 5 min (computed)", "25", 25, _single(f"{FIVE_MINUTES}: calls"), ""),
    Bar(
        "most calls a second by default",
        "10",
        10,
        _single(f"{DEFAULTS}: most calls a second", highest=True),
        "",
    ),
    Bar("host's memory, 200 waiting, above the no-op host", "60 MB", 60, _memory, " MB"),
    Bar("1,000 exports, up, every checkpoint", "1.25x (floor + boto3 script)", 1.25, _against("1000", UP, script=1)),
    Bar(
        "1,000 exports, up, checkpoints skipped",
        "1.5x (floor + boto3 script)",
        1.5,
        _against("1000-no-checkpoints", UP, script=1),
    ),
    Bar(
        "1,000 exports, killed in the middle: lost or twice",
        "0",
        0,
        _single(f"{KILLED}: exports lost or made twice"),
        "",
    ),
    Bar("state bytes an export", "900", 900, _single(f"{STATE}: bytes an export"), ""),
)
