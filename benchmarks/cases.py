"""The cases to measure, as data: how many resources, which workloads, which commands, which settings."""

from __future__ import annotations

from dataclasses import dataclass

UP, EMPTY_UP, REFRESH, PREVIEW, DESTROY = "up", "empty up", "refresh", "preview", "destroy"
ALL_VERBS = (UP, EMPTY_UP, REFRESH, PREVIEW, DESTROY)
#: The commands that call AWS; `least`, `mixed` and the boto3 script run these only.
CALLING_VERBS = (UP, REFRESH)

#: The workloads: no-op resources, bare boto3 in a dynamic provider, the provider with exports of one kind and with
#: exports of both kinds, and a plain boto3 script.
BASELINE, LEAST, EXPORTS, MIXED, SCRIPT = "no-op", "least", "exports", "mixed", "boto3 script"

#: Stack config of every case except `defaults`: the rate limit must not be what is measured.
UNTHROTTLED = {"sagemakergeospatial:maxCallsPerSecond": 5000, "sagemakergeospatial:pollInterval": 0.5}
#: Environment with compressed state, as in `make up` and the examples.
COMPRESSED = {"PULUMI_DIY_BACKEND_ZSTD": "true"}
NO_CHECKPOINTS = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1"}
#: The value of `--parallel` unless a case measures the engine's default.
HIGH_PARALLELISM = 256


@dataclass(frozen=True)
class Case:
    """N resources, taken through Pulumi commands once per workload.

    ``export_seconds`` is how long the emulated service works on an export; with 0 the first poll finds it done.
    ``parallel`` is the value of ``--parallel``; None leaves the engine's default.
    """

    name: str
    n: int
    export_seconds: float = 0.0
    checkpoints: bool = True
    verbs: tuple[str, ...] = ALL_VERBS
    workloads: tuple[str, ...] = (BASELINE, EXPORTS, SCRIPT)
    parallel: int | None = HIGH_PARALLELISM

    @property
    def env(self) -> dict[str, str]:
        return {**COMPRESSED, **({} if self.checkpoints else NO_CHECKPOINTS)}

    def verbs_of(self, workload: str) -> tuple[str, ...]:
        """The commands to measure with a workload."""
        if workload in (LEAST, MIXED, SCRIPT):
            return tuple(verb for verb in self.verbs if verb in CALLING_VERBS)
        return self.verbs


_WITH_LEAST = (BASELINE, LEAST, EXPORTS, SCRIPT)
_VERSUS_LEAST = (LEAST, EXPORTS)

CASES = (
    Case("1", 1),
    Case("50", 50, workloads=_WITH_LEAST),
    Case("200", 200, workloads=_WITH_LEAST),
    Case("50-default-parallel", 50, verbs=CALLING_VERBS, workloads=_VERSUS_LEAST, parallel=None),
    Case("200-default-parallel", 200, verbs=CALLING_VERBS, workloads=_VERSUS_LEAST, parallel=None),
    Case("200-mixed", 200, verbs=CALLING_VERBS, workloads=(EXPORTS, MIXED)),
    Case("40-of-5s", 40, export_seconds=5, verbs=(UP,)),
    Case("200-of-5s", 200, export_seconds=5, verbs=(UP,)),
    Case("1000-no-checkpoints", 1000, checkpoints=False, workloads=(BASELINE, LEAST, EXPORTS)),
    Case("1000", 1000, verbs=(UP,), workloads=_VERSUS_LEAST),
)

#: Metrics that are not times of a case; `--only` accepts their names too.
DEFAULTS, FIVE_MINUTES, KILLED, MECHANISMS = "defaults", "five-minutes", "killed", "mechanisms"
MEMORY, STATE, THROTTLED, COMMANDS = "memory", "state", "throttled", "commands"
METRICS = (FIVE_MINUTES, STATE, DEFAULTS, KILLED, MEMORY, COMMANDS, MECHANISMS, THROTTLED)
#: Metrics that vary from run to run, and are therefore measured in every run.
REPEATED = (MEMORY, MECHANISMS)
#: Metrics that take so long that they run only if `--only` names them.
ON_REQUEST = (MECHANISMS, THROTTLED)
