"""The program that the language host runs: its execution on the main thread, and the response for its outcome."""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
import threading
import traceback
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import TracebackType
from typing import Any

import grpc
import pulumi
from pulumi.runtime.proto import language_pb2


class Program:
    """A program that the main thread executes, as a context manager, while the event loop's thread waits for it."""

    def __init__(self, entry_point: str, arguments: list[str], loop: asyncio.AbstractEventLoop) -> None:
        self.entry_point, self.arguments, self.loop = entry_point, arguments, loop
        is_directory = os.path.isdir(entry_point)
        self.path = os.path.abspath(os.path.join(entry_point, "__main__.py") if is_directory else entry_point)
        self.finished = threading.Event()
        self.error: BaseException | None = None
        self.context = contextvars.copy_context()

    def load(self) -> None:
        """Compile the program, and copy the context variables of the calling thread for its execution."""
        loader = SourceFileLoader("__main__", self.path)
        spec = spec_from_file_location("__main__", self.path, loader=loader)
        assert spec is not None
        self.module = module_from_spec(spec)
        code = loader.get_code("__main__")
        assert code is not None
        self.code = code
        self.context = contextvars.copy_context()

    def wait(self) -> None:
        """Wait until the main thread has executed the program, and raise the program's exception."""
        self.finished.wait()
        # The SDK on this thread reads the context variables that the program has set.
        for variable, value in self.context.items():
            if variable.get(None) is not value:
                variable.set(value)
        if self.error is not None:
            raise self.error

    def __enter__(self) -> None:
        """Prepare the interpreter as if the program had been started as a script."""
        sys.argv[:] = [self.entry_point, *self.arguments]
        sys.path.insert(0, self.entry_point if os.path.isdir(self.entry_point) else os.path.dirname(self.path))
        sys.modules["__main__"] = self.module
        asyncio.set_event_loop(self.loop)
        asyncio._set_running_loop(self.loop)
        self._waiting_thread = self._move_loop_to_thread(threading.get_ident())

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        asyncio._set_running_loop(None)
        self._move_loop_to_thread(self._waiting_thread)
        self.error = error
        self.finished.set()
        return True

    def _move_loop_to_thread(self, thread: int | None) -> int | None:
        """Set the thread that the event loop accepts calls from in asyncio's debug mode, and return the previous one."""
        previous: int | None = getattr(self.loop, "_thread_id", None)
        self.loop._thread_id = thread  # type: ignore[attr-defined]
        return previous

    def format_traceback(self, error: BaseException) -> str:
        """Return the traceback without the language host's frames."""
        trace = error.__traceback__
        while trace is not None and os.path.abspath(trace.tb_frame.f_code.co_filename) != self.path:
            trace = trace.tb_next
        if trace is None and isinstance(error, SyntaxError):
            return "".join(traceback.format_exception_only(type(error), error))
        return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))


def response_for_exception(program: Program, error: BaseException, cancelled: bool) -> Any:
    """Log the program's exception once, and return the response; `bail` means that the engine logs nothing more."""
    engine_exited = isinstance(error, grpc.RpcError) and error.code() == grpc.StatusCode.UNAVAILABLE
    if cancelled or engine_exited or isinstance(error, KeyboardInterrupt):
        return language_pb2.RunResponse(bail=True)
    if isinstance(error, SystemExit):
        return response_for_exit_code(error.code)
    if isinstance(error, pulumi.RunError):
        pulumi.log.error(str(error))
    else:
        pulumi.log.error("Program failed with an unhandled exception:\n" + program.format_traceback(error))
    return language_pb2.RunResponse(bail=True)


def response_for_exit_code(code: Any) -> Any:
    """Return the response for `sys.exit(code)`; a code that is no integer is a message, as in Python itself."""
    if code in (None, 0):
        return language_pb2.RunResponse()
    if not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")
