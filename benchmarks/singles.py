"""Single figures: calls, the pace by default, memory, bytes of the state, a killed run, and the least that a refresh costs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pulumi_sagemaker_geospatial.limits import MAX_CALLS_PER_SECOND, POLL_INTERVAL, Poller

from benchmarks.cases import (
    COMPRESSED,
    DEFAULTS,
    FIVE_MINUTES,
    KILLED,
    LEAST,
    MEMORY,
    NO_CHECKPOINTS,
    REFRESH,
    STATE,
    UP,
)
from benchmarks.figures import Figures
from benchmarks.subjects import EXPORTS, FLOOR, Failed, Workplace, entries, timed
from benchmarks.subjects import LEAST as LEAST_PROGRAM
from tests.harness import Emulator, Stack, kill

WAITING = 200
_BY_DEFAULT = {
    MAX_CALLS_PER_SECOND.key: MAX_CALLS_PER_SECOND.default,
    POLL_INTERVAL.key: POLL_INTERVAL.default,
}


def calls(emulator: Emulator, what: str, n: int, figures: Figures) -> None:
    """Calls of SageMaker geospatial an export, and the most in a second."""
    report = emulator.calls()
    of_s3 = sum(number for operation, number in report["counts"].items() if operation.startswith("s3:"))
    figures.note(f"{what}: calls an export", len(report["calls"]) / n)
    figures.note(f"{what}: calls of S3 an export", of_s3 / n)
    figures.note(f"{what}: most calls a second", report["peak_per_second"])


def by_default(place: Workplace, figures: Figures) -> None:
    """The most calls a second that the service saw, with 50 exports of 5 s and no setting."""
    declared = entries(50)
    place.service(declared, 5)
    with place.stack(EXPORTS, declared, COMPRESSED, _BY_DEFAULT) as stack:
        figures.note(f"{DEFAULTS}: seconds", timed(stack, UP))
    calls(place.emulator, DEFAULTS, 50, figures)


class FakeClock:
    """A clock that goes on only where somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.time += seconds
        return event.is_set()


def five_minutes(place: Workplace, figures: Figures) -> None:
    """Calls for an export of 5 minutes: the package's poller at its default settings, on a clock that takes no time."""
    clock, looks = FakeClock(), 0

    def look(arn: str) -> float:
        nonlocal looks
        looks += 1
        return clock.now()

    poller = Poller(look, POLL_INTERVAL.default, clock, threading.Event())
    poller.watch("job", lambda now: now >= 300, 3600)
    figures.note(f"{FIVE_MINUTES}: calls", 1 + looks)


def state(place: Workplace, figures: Figures) -> None:
    """Bytes that an export adds to the state, and the state's file, with 200 exports."""
    declared = entries(WAITING)
    place.service(declared, 0)
    with place.stack(EXPORTS, declared, COMPRESSED) as stack:
        timed(stack, UP)
        sizes = []
        for resource in stack.resources().values():
            kept = {name: resource.get(name) for name in ("inputs", "outputs", "id")}
            sizes.append(sum(len(json.dumps(each, separators=(",", ":"))) for each in kept.values()))
        figures.note(f"{STATE}: bytes an export", max(sizes))
        figures.note(f"{STATE}: file, compressed", sum(file.stat().st_size for file in _state_files(stack)))
        figures.note(f"{STATE}: file, plain", len(json.dumps(stack.export(), indent=4)))


def memory(place: Workplace, figures: Figures) -> None:
    """The host's highest resident memory: with 200 no-ops, and with 200 exports that wait."""
    declared = entries(WAITING)
    with place.stack(FLOOR, declared, COMPRESSED) as stack:
        figures.note(f"{MEMORY}: no-op host, MB", _highest_memory(stack))
    place.service(declared, 5)
    with place.stack(EXPORTS, declared, COMPRESSED) as stack:
        figures.note(f"{MEMORY}: host of exports, MB", _highest_memory(stack))


def killed(place: Workplace, figures: Figures) -> None:
    """1,000 exports with checkpoints skipped: the run is killed when half of them are started, and run again."""
    declared = entries(1000)
    place.service(declared, 5)
    with place.stack(EXPORTS, declared, {**COMPRESSED, **NO_CHECKPOINTS}) as stack:
        process = stack.start("up", "--yes", "--skip-preview", "--parallel", "256")
        while place.emulator.started() < len(declared) // 2:
            if process.poll() is not None:
                raise Failed("pulumi up ended before it could be killed")
            time.sleep(0.05)
        kill(process)
        figures.note(f"{KILLED}: exports started", place.emulator.started())
        figures.note(f"{KILLED}: exports in the state", len(stack.resources()))
        stack.run("cancel", "--yes")
        figures.note(f"{KILLED}: seconds of the next up", timed(stack, UP))
        done = [each for each in stack.resources().values() if each["outputs"]["export_status"] == "SUCCEEDED"]
        twice = place.emulator.started() - len(place.emulator.calls()["exports"])
        figures.note(f"{KILLED}: exports lost or made twice", len(declared) - len(done) + twice)


def least_refresh(place: Workplace, figures: Figures) -> None:
    """Seconds of a refresh of 200 no-ops each of which makes one call of boto3 and looks at nothing."""
    declared = entries(WAITING)
    place.service(declared, 0)
    settings = {"AWS_ENDPOINT_URL": place.emulator.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with place.stack(LEAST_PROGRAM, declared, {**COMPRESSED, **settings}) as stack:
        timed(stack, UP)
        figures.note(f"{LEAST}: seconds", timed(stack, REFRESH))


SINGLES = {
    DEFAULTS: by_default,
    FIVE_MINUTES: five_minutes,
    KILLED: killed,
    LEAST: least_refresh,
    MEMORY: memory,
    STATE: state,
}


def _state_files(stack: Stack) -> list[Path]:
    stacks = stack.directory / "state" / ".pulumi" / "stacks"
    return [file for file in stacks.rglob("test.json*") if not file.name.endswith((".bak", ".attrs"))]


def _highest_memory(stack: Stack) -> float:
    """MB; Linux alone tells it."""
    if not Path("/proc/self/status").exists():
        raise Failed("memory is read from /proc, which this system does not have")
    process = stack.start("up", "--yes", "--skip-preview", "--parallel", "256")
    reader = threading.Thread(target=process.communicate, daemon=True)
    reader.start()
    highest = 0
    while reader.is_alive():
        highest = max([highest, *_hosts(process.pid)])
        time.sleep(0.05)
    if process.returncode:
        raise Failed(f"pulumi up for the memory ended with exit code {process.returncode}")
    return highest / 1024


def _hosts(session: int) -> Iterator[int]:
    """High-water marks, in KB, of the dynamic hosts of a session."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            ours = int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session
            if ours and "pulumi.dynamic" in (folder / "cmdline").read_text():
                line = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM"))
                yield int(line.split()[1])
