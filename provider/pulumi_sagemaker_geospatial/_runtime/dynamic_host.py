"""Patches for Pulumi's dynamic provider host: concurrency, cancellation, URN and timeout, messages, detailed diff.

Every private detail of the SDK and of grpc is in this file, and each is guarded: where a version differs, that is reported
once and stock behavior continues. A test compares the installed version with TESTED_SDK_VERSIONS.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import grpc

from ..errors import ExportError
from .context import Cancellation
from .error_reports import ErrorReports
from .host_process import SERVED_METHODS, engine_address, exit_with_engine, running_in_dynamic_host

#: The versions of the pulumi SDK with which this file was tested.
TESTED_SDK_VERSIONS = ("3.259.0", "3.265.0", "3.272.0")

#: Calls that the host serves at once. Threads are created as they are needed; each wait blocks one.
MAX_WORKERS = 5000

_SERVICE = "/pulumirpc.ResourceProvider/"
#: How many frames above a provider's method the host's serving method may be.
_MAX_FRAMES = 12


@dataclass
class HostCall:
    """What the engine sent along with a call and the stock host does not tell the provider.

    Attributes:
        urn: the resource's URN; empty where it is not known.
        timeout: seconds of ``custom_timeouts``; 0 where there is none.
        detailed_diff: a property's path → the kind of change, and whether it is an input; set while a diff is served.
    """

    urn: str = ""
    timeout: float = 0.0
    detailed_diff: Mapping[str, tuple[str, bool]] | None = field(default=None)


Shared = TypeVar("Shared")


def config_keys(config: Any) -> tuple[str, ...]:
    """Return the keys of a provider's config, which has no public list of them; none where a version differs."""
    properties = getattr(config, "_props", None)
    return tuple(properties) if isinstance(properties, Mapping) else ()


_served: ContextVar[HostCall | None] = ContextVar("served_call", default=None)


@contextlib.contextmanager
def serving(call: HostCall) -> Iterator[None]:
    """Make this the call that is served in the current context."""
    token = _served.set(call)
    try:
        yield
    finally:
        _served.reset(token)


def current_call() -> HostCall:
    """Return the call that is being served."""
    return _served.get() or _call_entered_before_install()


class DynamicHost:
    """The process that providers run in. ``install`` is called by each provider's ``configure``, and acts once."""

    def __init__(self) -> None:
        self.cancellation = Cancellation()
        self.error_reports = ErrorReports()
        self._lock = threading.Lock()
        self._logged: set[str] = set()
        #: Called whenever the engine cancels: when it is interrupted, and at the end of each run.
        self.on_cancel: list[Callable[[], None]] = [self._log_error_counts]
        self.warning_count = 0
        self._engine: Any = None
        self._installed = False
        self._shared: dict[Hashable, Any] = {}
        self._shared_lock = threading.Lock()

    def install(self) -> None:
        """Raise the worker limit, wrap the handlers of calls, and end with the engine."""
        with self._lock:
            if self._installed or not running_in_dynamic_host():
                return
            self._installed = True
        steps = {"limited concurrency": self.raise_worker_limit, "no cancellation, full diffs": self._wrap_handlers}
        missing = {}
        for consequence, step in steps.items():
            try:
                step()
            except Exception as exc:  # noqa: BLE001 - whatever a version changes, the stock host still works
                missing[consequence] = exc
        if missing:
            self.warn_untested(missing)
        threading.Thread(
            target=exit_with_engine, args=(self.cancellation.cancel,), name="engine-watch", daemon=True
        ).start()

    def shared(self, key: Hashable, build: Callable[[], Shared]) -> Shared:
        """Return what all providers of this process share under a key, building it at first use."""
        with self._shared_lock:
            if key not in self._shared:
                self._shared[key] = build()
            return cast(Shared, self._shared[key])

    def log(self, severity: str, message: str, urn: str = "", ephemeral: bool = False) -> None:
        """Write into the resource's own row, or, without a URN, into the stack's and below the plan."""
        if severity == "warning":
            with self._lock:
                self.warning_count += 1
        if not running_in_dynamic_host():
            return
        try:
            self._send_to_engine(severity, message, urn, ephemeral)
        except grpc.RpcError:
            pass  # the engine has gone
        except Exception as exc:  # noqa: BLE001 - the engine also shows what its hosts write to stderr
            self.warn_untested({"messages on stderr": exc})
            if not ephemeral:
                print(f"{severity}: {message}", file=sys.stderr, flush=True)

    def log_once(self, severity: str, message: str) -> None:
        """Write a message once a process."""
        with self._lock:
            if message in self._logged:
                return
            self._logged.add(message)
        self.log(severity, message)

    def warn_untested(self, missing: Mapping[str, Exception]) -> None:
        """Warn, once, that details of the SDK are missing; ``missing``: a consequence → the error that showed it."""
        reasons = "; ".join(f"{consequence} ({type(exc).__name__}: {exc})" for consequence, exc in missing.items())
        self.log_once("warning", f"untested Pulumi SDK: {reasons}")

    def _log_error_counts(self) -> None:
        """Write how many resources share an error. The engine cancels at the end of each run, too."""
        for sentence in self.error_reports.counts():
            self.log("info", sentence)

    def _send_to_engine(self, severity: str, message: str, urn: str, ephemeral: bool) -> None:
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

        with self._lock:
            if self._engine is None:
                self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine_address()))
            engine = self._engine
        value = engine_pb2.LogSeverity.Value(severity.upper())
        engine.Log(engine_pb2.LogRequest(severity=value, message=message, urn=urn, ephemeral=ephemeral), timeout=5)

    def raise_worker_limit(self) -> None:
        """Let the host serve more than four calls at once.

        40 creates of 2 s each take 21 s with the stock limit, and 3.6 s with this one and ``--parallel 256``.
        """
        # The pool in whose worker `configure` runs: a worker's thread holds a weak reference to it.
        pool = threading.current_thread()._args[0]()  # type: ignore[attr-defined]
        pool._max_workers = max(pool._max_workers, MAX_WORKERS)

    def _wrap_handlers(self) -> None:
        for table in gc.get_objects():
            if type(table).__name__ == "DictionaryGenericHandler" and f"{_SERVICE}Cancel" in table._method_handlers:
                break
        else:
            raise LookupError("the server's handlers were not found")
        handlers, wrapped = table._method_handlers, {}
        for method in SERVED_METHODS:
            entry = handlers[f"{_SERVICE}{method}"]
            wrapped[f"{_SERVICE}{method}"] = entry._replace(unary_unary=_serve_in_context(entry.unary_unary))
        cancel = handlers[f"{_SERVICE}Cancel"]

        def cancel_operations(request: Any, context: Any) -> Any:
            self.cancellation.cancel()
            for report in self.on_cancel:
                report()
            return cancel.unary_unary(request, context)

        handlers.update(wrapped | {f"{_SERVICE}Cancel": cancel._replace(unary_unary=cancel_operations)})


#: The host of this process; all providers of the package share it.
HOST = DynamicHost()


def _serve_in_context(handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def serve(request: Any, context: Any) -> Any:
        call = HostCall(getattr(request, "urn", ""), getattr(request, "timeout", 0.0) or 0.0)
        with serving(call):
            try:
                response = handler(request, _MessageContext(context, call.urn))
            except ExportError as exc:  # older SDKs leave it to grpc, which adds "Exception calling application"
                context.abort(grpc.StatusCode.UNKNOWN, HOST.error_reports.message_for(exc, call.urn))
        return _attach_detailed_diff(response, call)

    return serve


class _MessageContext:
    """A servicer context that reports an ExportError by its message. Any other error keeps its traceback."""

    def __init__(self, context: Any, urn: str) -> None:
        self._context, self._urn = context, urn

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def abort(self, code: Any, details: str) -> Any:
        # The host calls this while it handles the provider's exception.
        error = sys.exc_info()[1]
        if isinstance(error, ExportError):
            details = HOST.error_reports.message_for(error, self._urn)
        return self._context.abort(code, details)


def _call_entered_before_install() -> HostCall:
    """Return the call of this thread from the frames of the host.

    Up to four calls of a process enter the host before `install` has wrapped its handlers.
    """
    frame = sys._getframe(1)
    for _ in range(_MAX_FRAMES):
        request, context = frame.f_locals.get("request"), frame.f_locals.get("context")
        if request is not None and context is not None and hasattr(request, "urn"):
            if not isinstance(context, _MessageContext):
                with contextlib.suppress(AttributeError):
                    context.abort = _MessageContext(_Original(context.abort), request.urn).abort
            return HostCall(request.urn, getattr(request, "timeout", 0.0) or 0.0)
        if frame.f_back is None:
            break
        frame = frame.f_back
    HOST.warn_untested({"no live status, default timeouts": LookupError("the call's request was not found")})
    return HostCall()


@dataclass(frozen=True)
class _Original:
    """A servicer context's own ``abort``, before it is shadowed."""

    abort: Callable[[Any, str], Any]


def _attach_detailed_diff(response: Any, call: HostCall) -> Any:
    if call.detailed_diff is None:
        return response
    try:
        from pulumi.runtime.proto.provider_pb2 import PropertyDiff

        for path, (kind, is_input) in call.detailed_diff.items():
            response.detailedDiff[path].CopyFrom(PropertyDiff(kind=PropertyDiff.Kind.Value(kind), inputDiff=is_input))
        response.hasDetailedDiff = True
    except Exception as exc:  # noqa: BLE001 - the engine makes a diff of its own
        HOST.warn_untested({"full diffs": exc})
    return response
