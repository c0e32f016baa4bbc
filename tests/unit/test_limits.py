"""How often the service is asked: the pace of all calls, and the one loop that looks at every job that is waited for."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_sagemaker_geospatial.limits import LOOKERS, MAX_CALLS_PER_SECOND, POLL_INTERVAL, SLOWEST, Pace, Poller

from tests.unit.unit_harness import FakeClock

Make = Callable[..., "Poller[str]"]


@pytest.fixture
def stopped() -> Iterator[threading.Event]:
    """Set at the end, so that no loop outlives its test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def poller(stopped: threading.Event) -> Iterator[Make]:
    made: list[Poller[str]] = []

    def make(
        look: Callable[[str], str | None], clock: FakeClock, shortest: float = POLL_INTERVAL.default
    ) -> Poller[str]:
        made.append(Poller(look, shortest, clock, stopped))
        return made[-1]

    yield make
    stopped.set()
    for each in made:
        each.release()


def turns(per_second: float, idle: list[float]) -> list[float]:
    """When calls are made that come after these pauses."""
    clock = FakeClock()
    pace, made = Pace(per_second, clock, threading.Event()), []
    for pause in idle:
        clock.pass_by(pause)
        pace.take()
        made.append(clock.now())
    return made


@given(st.floats(0.2, 50), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_second_sees_more_calls_than_configured(per_second: float, idle: list[float]) -> None:
    made = turns(per_second, idle)
    assert all(after - before >= 1 / per_second - 1e-6 for before, after in itertools.pairwise(made))


def test_a_pause_is_not_saved_up_for_a_burst() -> None:
    made = turns(10, [0, 100, *[0] * 20])
    assert made[-1] - made[1] == pytest.approx(2.2)


def test_calls_that_come_seldom_do_not_wait() -> None:
    assert turns(10, [1, 1, 1]) == [1, 2, 3]


def test_the_pace_is_shared_by_all_threads(stopped: threading.Event) -> None:
    clock = FakeClock()
    pace = Pace(10, clock, stopped)

    def ten_calls() -> None:
        for _ in range(10):
            pace.take()

    threads = [threading.Thread(target=ten_calls) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert clock.now() >= 7.9 - 1e-6  # 80 calls


def test_a_cancelled_pace_does_not_hold_anybody() -> None:
    clock, stopped = FakeClock(), threading.Event()
    pace = Pace(0.001, clock, stopped)
    stopped.set()
    for _ in range(3):
        pace.take()
    assert clock.now() == 0


class Watched:
    """Jobs whose exports end after so many seconds, and when each was looked at."""

    def __init__(self, clock: FakeClock, seconds: float = 300.0, pace: Pace | None = None) -> None:
        self.clock, self.seconds, self.pace = clock, seconds, pace
        self.looks: list[float] = []

    def __call__(self, arn: str) -> str | None:
        if self.pace:
            self.pace.take()
        self.looks.append(self.clock.now())
        return "SUCCEEDED" if self.clock.now() >= self.seconds else "IN_PROGRESS"


def ended(status: str) -> bool:
    return status == "SUCCEEDED"


def test_an_export_of_five_minutes_costs_at_most_25_calls(poller: Make) -> None:
    clock = FakeClock()
    jobs = Watched(clock)
    assert poller(jobs, clock).watch("a", ended, 3600) == "SUCCEEDED"
    starts = 1
    assert len(jobs.looks) + starts <= 25
    assert jobs.looks[-1] < 300 + SLOWEST * 1.1 + 1


def test_looks_are_quick_at_first_and_slow_later(poller: Make) -> None:
    clock = FakeClock()
    jobs = Watched(clock, 900)
    poller(jobs, clock).watch("a", ended, 3600)
    gaps = [after - before for before, after in itertools.pairwise([0.0, *jobs.looks])]
    assert gaps[:3] == pytest.approx([POLL_INTERVAL.default] * 3, rel=0.11)
    assert max(gaps) <= SLOWEST * 1.1 + 1e-6
    assert min(gaps) >= POLL_INTERVAL.default - 1e-6
    assert min(gaps[-5:]) >= SLOWEST - 1e-6


@pytest.mark.parametrize("shortest", [0.5, 5.0, 60.0])
def test_the_shortest_time_between_two_looks_is_kept(poller: Make, shortest: float) -> None:
    clock = FakeClock()
    jobs = Watched(clock, 600)
    poller(jobs, clock, shortest).watch("a", ended, 3600)
    gaps = [after - before for before, after in itertools.pairwise([0.0, *jobs.looks])]
    assert min(gaps) >= shortest - 1e-6


def together(count: int, wait: Callable[[int], object]) -> list[object]:
    """What so many waits at once end in."""
    found: list[object] = [None] * count

    def one(number: int) -> None:
        try:
            found[number] = wait(number)
        except Exception as exc:  # noqa: BLE001 - the test looks at it
            found[number] = exc

    threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert not any(each.is_alive() for each in threads)
    return found


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 120))
def test_however_many_wait_the_pace_is_kept(count: int) -> None:
    clock, stopped = FakeClock(), threading.Event()
    jobs = Watched(clock, 30, Pace(MAX_CALLS_PER_SECOND.default, clock, stopped))
    loop: Poller[str] = Poller(jobs, POLL_INTERVAL.default, clock, stopped)
    try:
        assert together(count, lambda number: loop.watch(str(number), ended, 36000)) == ["SUCCEEDED"] * count
    finally:
        stopped.set()
        loop.release()
    assert len(jobs.looks) <= (max(jobs.looks) + 1 / MAX_CALLS_PER_SECOND.default) * MAX_CALLS_PER_SECOND.default + 1


def test_a_wait_ends_at_its_deadline_with_nothing(poller: Make) -> None:
    clock = FakeClock()
    jobs = Watched(clock, 10_000)
    assert poller(jobs, clock).watch("a", ended, 100) is None
    assert clock.now() == pytest.approx(100)


def test_a_passing_fault_is_looked_past(poller: Make) -> None:
    clock, seen = FakeClock(), iter([None, None, "SUCCEEDED"])
    assert poller(lambda _: next(seen), clock).watch("a", ended, 100) == "SUCCEEDED"


def test_an_error_ends_its_own_wait_alone(poller: Make) -> None:
    clock = FakeClock()
    jobs = Watched(clock, 60)

    def look(arn: str) -> str | None:
        if arn == "1":
            raise ValueError("of this one")
        return jobs(arn)

    loop = poller(look, clock)
    found = together(3, lambda number: loop.watch(str(number), ended, 3600))
    assert [found[0], repr(found[1]), found[2]] == ["SUCCEEDED", "ValueError('of this one')", "SUCCEEDED"]


def test_an_error_of_what_is_asked_of_a_look_ends_its_wait_too(poller: Make) -> None:
    def broken(status: str) -> bool:
        raise KeyError(status)

    clock = FakeClock()
    with pytest.raises(KeyError, match="IN_PROGRESS"):
        poller(Watched(clock), clock).watch("a", broken, 3600)


def test_cancel_ends_every_wait(poller: Make, stopped: threading.Event) -> None:
    clock = FakeClock()
    loop = poller(lambda _: "IN_PROGRESS", clock, 1e9)

    def cancel() -> None:
        stopped.set()
        loop.release()

    threading.Timer(0.1, cancel).start()
    assert together(20, lambda number: loop.watch(str(number), ended, 1e12)) in ([None] * 20,)
    assert loop.watch("later", ended, 1e12) is None


def parked(
    look: Callable[[str], str | None], stopped: threading.Event, count: int
) -> tuple[Poller[str], list[threading.Thread]]:
    loop: Poller[str] = Poller(look, 0.01, FakeClock(), stopped)
    waits = [threading.Thread(target=loop.watch, args=(str(n), ended, 1e9), daemon=True) for n in range(count)]
    for each in waits:
        each.start()
    return loop, waits


def test_after_a_cancel_nobody_asks_the_service_any_more(stopped: threading.Event) -> None:
    asked, let_go = [], threading.Event()

    def look(arn: str) -> str | None:
        asked.append(arn)
        let_go.wait(10)
        return "IN_PROGRESS"

    loop, waits = parked(look, stopped, 60)
    while len(asked) < LOOKERS or loop._queue:
        pass
    stopped.set()
    loop.release()
    let_go.set()
    for each in waits:
        each.join(5)
    assert len(asked) == LOOKERS


def test_a_cancel_does_not_wait_for_a_look_that_hangs(stopped: threading.Event) -> None:
    let_go, looking = threading.Event(), threading.Event()

    def look(arn: str) -> str | None:
        looking.set()
        let_go.wait(10)
        return "IN_PROGRESS"

    loop, [wait] = parked(look, stopped, 1)
    looking.wait(5)
    stopped.set()
    loop.release()
    wait.join(0.5)
    hangs = wait.is_alive()
    let_go.set()
    wait.join(5)
    assert not hangs


def test_a_loop_that_could_not_be_started_is_started_by_the_next_wait(
    stopped: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, real, refused = FakeClock(), threading.Thread.start, threading.Event()

    def start(thread: threading.Thread) -> None:
        if thread.name == "poller" and not refused.is_set():
            refused.set()
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    poller = Poller(lambda arn: arn, 1.0, clock, stopped)
    with pytest.raises(RuntimeError):
        poller.watch("a", lambda _: True, 100.0)
    seen: list[str | None] = []
    waiting = threading.Thread(target=lambda: seen.append(poller.watch("b", lambda _: True, 100.0)), daemon=True)
    waiting.start()
    waiting.join(5)
    assert seen == ["b"]
