"""A language host in a child process, for a second run or for another virtual environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

GRPC_OPTIONS = [("grpc.max_receive_message_length", 1024 * 1024 * 400)]
PORT_OPTION = "--port-to="
"""The option with the file descriptor that a child process writes its port to."""

# Absolute, because a program changes the working directory.
_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "language_host.py")


class ChildHost:
    """A child process with the interpreter of `venv`, or with this one's if it is None."""

    def __init__(self, venv: str | None, engine_address: str) -> None:
        self.python = os.path.join(venv, "bin", "python") if venv else sys.executable
        read_end, write_end = os.pipe()
        self._process = subprocess.Popen(
            [self.python, "-u", _SCRIPT, f"{PORT_OPTION}{write_end}", engine_address],
            env=_environment(venv),
            pass_fds=[write_end],
            stdin=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            self._port = pipe.readline().strip()
        self._stub: Any = None

    def run(self, request: Any) -> Any:
        """Run the program in the child process and return the child's response.

        Raises:
            grpc.RpcError: The call failed, for example because the child process exited.
        """
        if not self._port:
            error = f"{self.python} could not run the program (exit code {self._process.wait()})"
            return language_pb2.RunResponse(error=error)
        with grpc.insecure_channel(f"127.0.0.1:{self._port}", options=GRPC_OPTIONS) as channel:
            self._stub = language_pb2_grpc.LanguageRuntimeStub(channel)
            try:
                return self._stub.Run(request)
            finally:
                self._stub = None
                self._process.send_signal(signal.SIGINT)
                self._process.wait()

    def cancel(self, request: Any) -> None:
        """Cancel the program, if it is running."""
        if (stub := self._stub) is not None:
            with suppress(grpc.RpcError):
                stub.Cancel(request)


def _environment(venv: str | None) -> dict[str, str]:
    env = dict(os.environ)
    if venv is not None:
        env.update(VIRTUAL_ENV=venv, PATH=os.pathsep.join([os.path.join(venv, "bin"), env.get("PATH", "")]))
        env.pop("PYTHONHOME", None)
    return env
