"""An endpoint accepts connections and never answers: Ctrl-C and timeouts hold all the same."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from tests.harness import Emulator, Stack, declaration
from tests.support.silent_server import SilentServer
from tests.support.waiting import wait_until

#: The service that hangs, by what is being done then.
ENDPOINTS = {
    "sagemakergeospatial": "starting the export",
    "sts": "signing in to AWS",
    "s3": "checking the destination's bucket",
}
#: Seconds within which a command has to return, more than the 3 that an idle machine needs.
PROMPT_LIMIT = 10.0


@pytest.fixture
def server() -> Iterator[SilentServer]:
    server = SilentServer()
    yield server
    server.close()


def hang(stack: Stack, service: str, server: SilentServer) -> None:
    endpoints = dict.fromkeys(("sagemakergeospatial", "s3", "sts"), stack.url)
    stack.configure(
        **{"aws:endpoints": [{**endpoints, service: server.url}], "aws:allowedAccountIds": ["123456789012"]}
    )


@pytest.mark.parametrize("service", ENDPOINTS)
def test_ctrl_c_returns_the_prompt_whatever_hangs(
    emulator: Emulator, stack: Stack, server: SilentServer, service: str
) -> None:
    emulator.add_job("lake00000000")
    hang(stack, service, server)
    stack.declare([declaration("lake")])
    run = stack.start("up", "--yes", "--skip-preview")
    wait_until(lambda: bool(server.connections), "the call that hangs")
    started = time.monotonic()
    run.send_signal(signal.SIGINT)
    shown, _ = run.communicate(timeout=60)
    assert time.monotonic() - started < PROMPT_LIMIT
    assert ENDPOINTS[service] in shown
    once = "1 export cancelled: lake; what the service has started goes on, and the next `pulumi up` resumes waiting"
    for sentence in (once, "exports: 1 cancelled"):
        assert shown.count(sentence) == 2  # in the stack's row, and below the plan


@pytest.mark.parametrize("service", ENDPOINTS)
def test_a_create_timeout_holds_whatever_hangs(
    emulator: Emulator, stack: Stack, server: SilentServer, service: str
) -> None:
    emulator.add_job("lake00000000")
    hang(stack, service, server)
    stack.declare([declaration("lake", opts={"timeouts": {"create": "5s"}})])
    run = stack.start("up", "--yes", "--skip-preview")
    wait_until(lambda: bool(server.connections), "the call that hangs")
    started = time.monotonic()
    shown, _ = run.communicate(timeout=120)
    assert time.monotonic() - started < 5 + PROMPT_LIMIT
    assert ENDPOINTS[service] in shown
    assert "timed out; increase custom_timeouts" in shown


def test_ctrl_c_ends_a_refresh_that_hangs(emulator: Emulator, lake: Stack, server: SilentServer) -> None:
    hang(lake, "sagemakergeospatial", server)
    run = lake.start("refresh", "--yes", "--skip-preview", "--run-program")
    wait_until(lambda: bool(server.connections), "the call that hangs")
    started = time.monotonic()
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert time.monotonic() - started < PROMPT_LIMIT
