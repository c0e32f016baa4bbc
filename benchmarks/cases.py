"""What is measured: the cases, as data."""

from __future__ import annotations

from dataclasses import dataclass

UP, EMPTY_UP, REFRESH, PREVIEW, DESTROY = "up", "empty up", "refresh", "preview", "destroy"
ALL_VERBS = (UP, EMPTY_UP, REFRESH, PREVIEW, DESTROY)
#: What the boto3 script does too.
SCRIPTED = (UP, REFRESH)

#: What every case but `defaults` is configured with: what is measured is the package and the engine, not the pace.
QUICK = {"sagemakergeospatial:maxCallsPerSecond": 5000, "sagemakergeospatial:pollInterval": 0.5}
#: Compressed state, as `make up` and the examples have it.
COMPRESSED = {"PULUMI_DIY_BACKEND_ZSTD": "true"}
NO_CHECKPOINTS = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1"}


@dataclass(frozen=True)
class Case:
    """N resources through some of Pulumi's verbs: no-ops (the floor), exports, and the boto3 script beside them."""

    name: str
    n: int
    export_seconds: float = 0.0
    checkpoints: bool = True
    verbs: tuple[str, ...] = ALL_VERBS

    @property
    def env(self) -> dict[str, str]:
        return {**COMPRESSED, **({} if self.checkpoints else NO_CHECKPOINTS)}


CASES = (
    Case("1", 1),
    Case("50", 50),
    Case("200", 200),
    Case("40-of-5s", 40, export_seconds=5, verbs=(UP,)),
    Case("200-of-5s", 200, export_seconds=5, verbs=(UP,)),
    Case("1000-no-checkpoints", 1000, checkpoints=False),
    Case("1000", 1000, verbs=(UP,)),
)

#: Single figures, next to the cases: what `--only` may name too.
DEFAULTS, FIVE_MINUTES, MEMORY, STATE = "defaults", "five-minutes", "memory", "state"
KILLED, LEAST = "killed", "least-refresh"
SINGLES = (FIVE_MINUTES, STATE, DEFAULTS, KILLED, MEMORY, LEAST)
#: The figures that are times or memory: they are measured in every run.
REPEATED = (MEMORY, LEAST)
