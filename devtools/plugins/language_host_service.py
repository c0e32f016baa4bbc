"""The gRPC methods of the language host, and the queue that hands programs to the main thread."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType
from typing import Any

import grpc
import pulumi
from language_host_child import ChildHost
from language_host_environment import (
    find_virtual_environment,
    install_commands,
    needs_other_interpreter,
)
from language_host_packages import list_packages, list_required_plugins
from language_host_program import Program, response_for_exception
from pulumi.runtime import Settings, configure, run_in_stack, set_all_config
from pulumi.runtime.proto import LanguageRuntimeServicer, language_pb2, plugin_pb2


class LanguageHost(LanguageRuntimeServicer):
    """Serves the engine's calls. The main thread executes the programs that `programs` yields."""

    def __init__(self, engine_address: str) -> None:
        self.engine_address = engine_address
        self.queue: queue.SimpleQueue[Program | None] = queue.SimpleQueue()
        self.claimed = threading.Lock()
        """Acquired by the first run, and never released."""
        self.cancelled = False
        self.executing = False
        self.child: ChildHost | None = None

    def programs(self) -> Iterator[Program]:
        """Yield each program to execute, until the host is interrupted."""
        while True:
            # With a timeout: a signal that is delivered to a gRPC thread does not wake the main thread, and Python
            # runs its handler only there.
            try:
                program = self.queue.get(timeout=0.2)
            except queue.Empty:
                continue
            if program is None:
                return
            self.executing = not self.cancelled
            yield program
            self.executing = False

    def on_sigint(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGINT, with which the engine ends its plugins; a running program is interrupted as by Ctrl-C."""
        if not self.executing:
            exit_now()
        if not self.cancelled:
            self.cancelled = True
            self.queue.put(None)
        raise KeyboardInterrupt

    # Methods of the LanguageRuntime service.

    def Run(self, request: Any, context: Any) -> Any:
        venv, problem = find_virtual_environment(request.info)
        if problem:
            return language_pb2.RunResponse(error=problem)
        if needs_other_interpreter(venv) or not self.claimed.acquire(blocking=False):
            return self._run_in_child(request, venv)
        return contextvars.copy_context().run(self._run, request)

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancelled = True
        if (child := self.child) is not None:
            child.cancel(request)
        if self.executing:
            os.kill(os.getpid(), signal.SIGINT)
        return request  # the response is the same empty message

    def Handshake(self, request: Any, context: Any) -> Any:
        self.engine_address = request.engine_address or self.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        try:
            return language_pb2.GetRequiredPackagesResponse(packages=list_required_plugins())
        except ValueError as error:
            return context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def About(self, request: Any, context: Any) -> Any:
        version = ".".join(map(str, sys.version_info[:3]))
        return language_pb2.AboutResponse(executable=sys.executable, version=version)

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        packages = list_packages(request.transitiveDependencies)
        dependencies = [language_pb2.DependencyInfo(name=name, version=version) for name, version in packages]
        return language_pb2.GetProgramDependenciesResponse(dependencies=dependencies)

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        for command in install_commands(request):
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    yield language_pb2.InstallDependenciesResponse(stdout=line)
            if process.returncode != 0:
                context.abort(grpc.StatusCode.INTERNAL, f"{' '.join(command)}: exit code {process.returncode}")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            "policy packs and plugins in Python need Pulumi's own language host: install Pulumi "
            "(https://www.pulumi.com/docs/install/) in place of the engine that was built without it",
        )
        yield  # makes this the generator of responses that gRPC expects

    # Execution of a program.

    def _run_in_child(self, request: Any, venv: str | None) -> Any:
        self.child = ChildHost(venv, self.engine_address)
        try:
            return self.child.run(request)
        except grpc.RpcError as error:
            return language_pb2.RunResponse(bail=self.cancelled, error=str(error.details()))
        finally:
            self.child = None

    def _run(self, request: Any) -> Any:
        self._configure_sdk(request)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        executor = ThreadPoolExecutor(max_workers=max(request.parallel, 1) * 4)
        loop.set_default_executor(executor)
        program = Program(request.info.entry_point or ".", list(request.args), loop)
        if not os.path.isfile(program.path):
            pulumi.log.error(f"unable to find main python program `__main__.py` in `{os.path.dirname(program.path)}`")
            return language_pb2.RunResponse(bail=True)

        def execute() -> None:
            program.load()
            self.queue.put(program)
            program.wait()

        try:
            loop.run_until_complete(run_in_stack(execute))
            return language_pb2.RunResponse()
        except BaseException as error:  # noqa: BLE001 (a program may raise anything)
            return response_for_exception(program, error, self.cancelled)
        finally:
            cancel_tasks(loop)
            executor.shutdown(wait=not self.cancelled, cancel_futures=self.cancelled)
            loop.close()
            sys.stdout.flush()
            sys.stderr.flush()

    def _configure_sdk(self, request: Any) -> None:
        """Configure the SDK and the process for the program of the request."""
        settings = Settings(
            monitor=request.monitor_address,
            engine=self.engine_address,
            project=request.project,
            root_directory=request.info.root_directory,
            stack=request.stack,
            parallel=request.parallel,
            dry_run=request.dryRun,
            organization=request.organization or "organization",
        )
        configure(settings)
        set_all_config(dict(request.config), list(request.configSecretKeys))
        os.chdir(request.pwd or request.info.program_directory)
        # A failed program leaves pending tasks, about which asyncio would log errors.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def cancel_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel the tasks of the event loop that are not done."""
    for task in asyncio.all_tasks(loop):
        task.cancel()
        with suppress(BaseException):
            loop.run_until_complete(task)


def exit_now() -> None:
    """Exit without waiting for threads, which may be in a call to an engine that has exited."""
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)
