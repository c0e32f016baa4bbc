"""One run of a case: the floor, the exports and the script one after the other, on the same engine and service."""

from __future__ import annotations

from benchmarks import singles
from benchmarks.cases import SCRIPTED, Case
from benchmarks.figures import EXPORTS, FLOOR, SCRIPT, Figures
from benchmarks.subjects import EXPORTS as EXPORTS_PROGRAM
from benchmarks.subjects import FLOOR as FLOOR_PROGRAM
from benchmarks.subjects import Workplace, entries, timed


def case(place: Workplace, case: Case, figures: Figures) -> None:
    """Measure a case once."""
    declared = entries(case.n)
    with place.stack(FLOOR_PROGRAM, declared, case.env) as stack:
        for verb in case.verbs:
            figures.add(case.name, FLOOR, verb, timed(stack, verb))
    place.service(declared, case.export_seconds)
    with place.stack(EXPORTS_PROGRAM, declared, case.env) as stack:
        for verb in case.verbs:
            place.emulator.forget_calls()
            before = place.service_seconds()
            figures.add(case.name, EXPORTS, verb, timed(stack, verb))
            if verb in SCRIPTED:
                what = f"{case.name} {verb}, exports"
                singles.calls(place.emulator, what, case.n, figures)
                if before is not None:
                    figures.note(f"{what}: emulator's processor seconds", (place.service_seconds() or before) - before)
    place.service(declared, case.export_seconds)
    for verb in case.verbs:
        if verb in SCRIPTED:
            place.emulator.forget_calls()
            figures.add(case.name, SCRIPT, verb, place.script(verb, declared))
            singles.calls(place.emulator, f"{case.name} {verb}, boto3 script", case.n, figures)
