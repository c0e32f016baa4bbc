"""One trial: what a seed decides."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .faults import DESTROY, FAULTS, Fault

#: Numbers of exports, and how often each is chosen.
_SIZES, _WEIGHTS = (1, 5, 50), (30, 55, 15)


@dataclass(frozen=True)
class Trial:
    """A fault, and when and where it happens.

    Attributes:
        phase: where the fault happens, one of `faults.PHASES`.
        delay: from 0 to 1: how much later than the beginning of the phase a signal is sent.
        pause: seconds between STOP and CONT.
        delete_objects: whether the destruction of the stack deletes the objects.
    """

    seed: int
    fault: Fault
    exports: int
    phase: str
    delay: float
    pause: float
    export_seconds: float
    delete_objects: bool

    @property
    def name(self) -> str:
        return f"{self.fault.name}, seed {self.seed} ({self.exports} exports, {self.phase})"

    @classmethod
    def of(cls, fault: Fault, seed: int) -> Trial:
        """Return the trial that a seed decides."""
        chance = random.Random(f"{fault.name} {seed}")
        exports = chance.choices(_SIZES, _WEIGHTS)[0]
        phase = chance.choice(fault.phases)
        export_seconds = round(chance.uniform(0.2, 1.2), 1)
        return cls(
            seed=seed,
            fault=fault,
            exports=min(exports, fault.largest),
            phase=phase,
            delay=chance.random(),
            pause=chance.uniform(0.2, 3.0),
            export_seconds=fault.export_seconds or export_seconds,
            delete_objects=phase == DESTROY or chance.random() < 0.5,
        )


def plan_trials(runs: int, seed: int, faults: Sequence[Fault] = FAULTS) -> Iterator[Trial]:
    """Yield the trials: the faults take turns, each time with the next seed."""
    for number in range(runs):
        yield Trial.of(faults[number % len(faults)], seed + number)
