"""The patches of Pulumi's dynamic host: the SDK versions, an SDK that is not known, and processes that are no host."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi_sagemaker_geospatial as package
import pytest
from pulumi_sagemaker_geospatial._runtime import dynamic_host, host_process
from pulumi_sagemaker_geospatial._runtime.dynamic_host import (
    TESTED_SDK_VERSIONS,
    DynamicHost,
    HostCall,
    current_call,
    serving,
)

from tests.support.threads import run_together


class UnknownSdkHost(DynamicHost):
    """A host in a process whose SDK and grpc look different inside: there is no pool, and no table of handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[str, str]] = []

    def log(self, severity: str, message: str, urn: str = "", ephemeral: bool = False) -> None:
        self.messages.append((severity, message))


@pytest.fixture
def unknown_sdk(monkeypatch: pytest.MonkeyPatch) -> UnknownSdkHost:
    monkeypatch.setattr(dynamic_host, "running_in_dynamic_host", lambda: True)
    monkeypatch.setattr(dynamic_host, "exit_with_engine", lambda on_gone: None)
    return UnknownSdkHost()


def test_the_installed_sdk_is_one_that_the_patches_were_tested_with() -> None:
    assert version("pulumi") in TESTED_SDK_VERSIONS, (
        f"dynamic_host.py was not tested with pulumi {version('pulumi')}: run tests/pulumi with it"
    )


def test_an_unknown_sdk_is_reported_once_and_does_no_harm(unknown_sdk: UnknownSdkHost) -> None:
    for _ in range(3):
        unknown_sdk.install()
    [(severity, message)] = unknown_sdk.messages
    assert severity == "warning"
    assert message.startswith("untested Pulumi SDK: limited concurrency (")
    assert "; no cancellation, full diffs (LookupError: the server's handlers were not found)" in message
    assert not unknown_sdk.cancellation.cancelled


def test_providers_that_are_configured_at_once_install_once(
    unknown_sdk: UnknownSdkHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    monkeypatch.setattr(unknown_sdk, "raise_worker_limit", lambda: steps.append("raised"))
    assert run_together(20, lambda _: unknown_sdk.install()) == [None] * 20
    assert steps == ["raised"]
    assert len(unknown_sdk.messages) == 1


def test_an_engine_that_has_gone_cancels_every_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()
    monkeypatch.setattr(dynamic_host, "running_in_dynamic_host", lambda: True)

    def engine_has_gone(on_gone: Any) -> None:
        on_gone()
        gone.set()

    monkeypatch.setattr(dynamic_host, "exit_with_engine", engine_has_gone)
    host = UnknownSdkHost()
    host.install()
    assert gone.wait(20)
    assert host.cancellation.cancelled


def test_outside_of_a_host_nothing_is_changed_or_logged() -> None:
    host = DynamicHost()
    host.install()
    host.log("warning", "to nobody")
    host.log_once("warning", "to nobody")
    assert "engine-watch" not in {thread.name for thread in threading.enumerate()}
    assert not host_process.running_in_dynamic_host()
    assert current_call() == HostCall()


def test_a_message_is_logged_once_a_process() -> None:
    host = UnknownSdkHost()
    for message in ("one", "two", "one"):
        host.log_once("info", message)
    assert host.messages == [("info", "one"), ("info", "two")]


def test_providers_of_one_process_share_what_was_built_first() -> None:
    host, built = DynamicHost(), list[int]()

    def build() -> object:
        built.append(1)
        return object()

    shared = run_together(20, lambda _: host.shared("key", build))
    assert len({id(each) for each in shared}) == len(built) == 1
    assert host.shared("another key", build) is not shared[0]


def test_a_call_is_known_in_its_own_context_only() -> None:
    def served_urn(number: int) -> str:
        with serving(HostCall(f"urn-{number}", 60.0)):
            return current_call().urn

    assert run_together(20, served_urn) == [f"urn-{number}" for number in range(20)]
    with serving(HostCall("outer")):
        with serving(HostCall("inner")):
            assert current_call().urn == "inner"
        assert current_call().urn == "outer"
    assert current_call() == HostCall()


def serve_without_patches(request: Any, context: Any) -> HostCall:
    """Call the provider as the stock host does, with a request and a context in its frame."""
    assert request is not None
    assert context is not None
    return current_call()


def test_a_call_that_entered_the_host_before_the_patches_is_found() -> None:
    call = serve_without_patches(SimpleNamespace(urn="urn", timeout=90.0), SimpleNamespace(abort=print))
    assert call == HostCall("urn", 90.0)
    assert serve_without_patches(SimpleNamespace(urn="urn"), SimpleNamespace(abort=print)) == HostCall("urn")


MISSED_SIGNAL = """
import os, signal, sys, threading
from pulumi_sagemaker_geospatial._runtime.host_process import signal_wakeup

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
never, main = threading.Event(), threading.main_thread().ident

def other():
    wake = signal_wakeup()
    while sys._current_frames()[main].f_code.co_name != "wait" or not started.is_set() or never.wait(0.2):
        pass  # until the main thread sleeps in its lock
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)  # taken by this thread: the main one sleeps on
    never.wait(0.5)
    print("sleeps", flush=True)
    wake()
    never.wait(20)
    os._exit(1)

started = threading.Event()
threading.Thread(target=other, daemon=True).start()
try:
    started.set()
    threading.Event().wait()
except KeyboardInterrupt:
    print("ends")
"""


def test_a_signal_that_another_thread_has_taken_ends_the_host() -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
    process = subprocess.run([sys.executable, "-c", MISSED_SIGNAL], env=env, capture_output=True, text=True, timeout=60)
    assert process.stdout.split() == ["sleeps", "ends"], process.stderr


@pytest.mark.parametrize("address", ["", "localhost", "localhost:x"])
def test_an_address_that_cannot_be_asked_does_not_refuse(address: str) -> None:
    assert host_process.connection_refused(address) is False
