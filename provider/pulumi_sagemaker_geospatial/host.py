"""What Pulumi's dynamic host lacks: room for many waits, Ctrl-C, the URN, live status and plans that say why.

Every private detail of the SDK and of grpc is in this file, and each is guarded: where a version differs, that is said
once and the stock behaviour goes on. The versions that were tried stand in TRIED, and a test compares.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2

from .errors import ExportError

#: The pulumi SDK versions with which this file was tried.
TRIED = ("3.259.0", "3.265.0", "3.272.0")

#: Calls that the host serves at once. Threads are made as they are needed; each wait parks one.
WORKERS = 5000
#: How far up the stack the call of the wire is looked for.
_FRAMES = 12

_explained = threading.local()

_SEVERITY = {
    "info": engine_pb2.LogSeverity.INFO,
    "warning": engine_pb2.LogSeverity.WARNING,
}


@dataclass(frozen=True)
class Call:
    """What the engine sent along with a call, and the stock host keeps from the provider."""

    urn: str = ""
    timeout: float = 0.0


class Host:
    """The process that the provider runs in. ``install`` is called once, from ``configure``."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._said: set[str] = set()
        self._lock = threading.Lock()
        self._engine: Any = None
        self._on_stop: list[Callable[[], None]] = []
        self._parent = os.getppid()

    def install(self) -> None:
        """Widen the pool, hear Cancel, and give plans their detail."""
        if not _in_a_host():
            return
        # The user reads `Error: sentence`; `sentences` gives the whole traceback back to an error of ours.
        sys.tracebacklimit = 0
        strange = []
        for step in (self._widen, self._wrap_handlers):
            try:
                step()
            except Exception as exc:  # noqa: BLE001 - whatever a version changes, the stock host still works
                strange.append(f"{type(exc).__name__}: {exc}")
        if strange:
            self.say_once(
                "warning",
                f"this version of pulumi's Python SDK is not known to this package ({'; '.join(strange)}): "
                "exports work, but four at a time, without Ctrl-C and with longer plans",
            )
        threading.Thread(target=self._mind_the_engine, name="engine", daemon=True).start()

    def on_stop(self, then: Callable[[], None]) -> None:
        """Call this when the waits are to end."""
        self._on_stop.append(then)

    def stop(self) -> None:
        """End every wait."""
        self.stopped.set()
        for each in self._on_stop:
            each()

    def log(self, severity: str, message: str, urn: str = "", ephemeral: bool = False) -> None:
        """Write into the resource's own row, or, with no URN, below the plan."""
        engine = self._engine_stub()
        if engine is None:
            return
        request = engine_pb2.LogRequest(severity=_SEVERITY[severity], message=message, urn=urn, ephemeral=ephemeral)
        with contextlib.suppress(grpc.RpcError):
            engine.Log(request, timeout=5)

    def say_once(self, severity: str, message: str) -> None:
        """Write a sentence once a process."""
        with self._lock:
            if message in self._said:
                return
            self._said.add(message)
        self.log(severity, message)

    def _engine_stub(self) -> Any:
        with self._lock:
            if self._engine is None and _in_a_host():
                self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[-1]))
            return self._engine

    def _widen(self) -> None:
        # The pool in whose worker `configure` runs: a worker's thread holds a weak reference to it.
        pool = threading.current_thread()._args[0]()  # type: ignore[attr-defined]
        pool._max_workers = max(pool._max_workers, WORKERS)

    def _wrap_handlers(self) -> None:
        prefix = "/pulumirpc.ResourceProvider/"
        for table in gc.get_objects():
            if type(table).__name__ == "DictionaryGenericHandler" and f"{prefix}Cancel" in table._method_handlers:
                break
        else:
            raise LookupError("the server's handlers were not found")
        handlers = table._method_handlers
        cancel, diff = handlers[f"{prefix}Cancel"], handlers[f"{prefix}Diff"]

        def cancelled(request: Any, context: Any) -> Any:
            self.stop()
            return cancel.unary_unary(request, context)

        def detailed(request: Any, context: Any) -> Any:
            return _with_detail(diff.unary_unary(request, context))

        handlers[f"{prefix}Cancel"] = cancel._replace(unary_unary=cancelled)
        handlers[f"{prefix}Diff"] = diff._replace(unary_unary=detailed)

    def _mind_the_engine(self) -> None:
        # An engine that was killed leaves its hosts behind; without it nobody reads what a wait would end in. Where a
        # shell stands between the two, the parent stays, and nobody listens at the engine's address any longer.
        refused, wake = 0, _waker()
        while os.getppid() == self._parent and refused < 3:
            for _ in range(4):
                time.sleep(0.25)
                wake()
            refused = refused + 1 if _nobody_listens(sys.argv[-1]) else 0
        self.stop()
        os._exit(0)


def _waker() -> Callable[[], None]:
    """What makes the main thread look whether a signal has come.

    The engine ends a host with SIGINT, and kills it 5 s later. The host's main thread sleeps, and Python ends it only where
    the signal wakes it: one in a hundred is taken by a thread of grpc's instead, and the command would stand still.
    """
    number, main = getattr(signal, "SIGUSR2", None), threading.main_thread().ident
    if number is None or main is None or signal.getsignal(number) is not signal.SIG_DFL:
        return lambda: None
    # A handler that may be set by any thread; all it does here is to interrupt the sleep.
    faulthandler.register(number, file=open(os.devnull, "w"), all_threads=False)  # noqa: SIM115 - for ever
    signal.siginterrupt(number, True)
    return lambda: signal.pthread_kill(main, number)


def call() -> Call:
    """The call of the wire that this thread serves.

    The engine sends the URN and the timeout, and the stock host does not hand them on: they are in the frame of the
    method that serves the call.
    """
    frame = sys._getframe(1)
    for _ in range(_FRAMES):
        request = frame.f_locals.get("request")
        if request is not None and hasattr(request, "urn"):
            return Call(request.urn, getattr(request, "timeout", 0.0) or 0.0)
        if frame.f_back is None:
            break
        frame = frame.f_back
    return Call()


def explain(changes: Mapping[str, tuple[str, bool]]) -> None:
    """Say of the diff that this thread is asked for which properties it is about: path → (kind, whether an input)."""
    _explained.changes = dict(changes)


def _with_detail(response: Any) -> Any:
    changes = getattr(_explained, "changes", None)
    _explained.changes = None
    if changes is None:
        return response
    for path, (kind, is_input) in changes.items():
        value = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(kind), inputDiff=is_input)
        response.detailedDiff[path].CopyFrom(value)
    response.hasDetailedDiff = True
    return response


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Errors of ours reach the user as one sentence; any other keeps its traceback, as it is a fault of ours."""
    try:
        yield
    except ExportError as exc:
        exc.__cause__, exc.__suppress_context__ = None, True
        raise
    except Exception:
        if hasattr(sys, "tracebacklimit"):
            del sys.tracebacklimit
        raise


def _nobody_listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _in_a_host() -> bool:
    # `python -m pulumi.dynamic ENGINE`: the last argument is the engine's address.
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    return bool(spec and spec.name.startswith("pulumi.dynamic"))
