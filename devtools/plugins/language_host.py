"""The service that runs a Python program for the engine, as Pulumi's own `pulumi-language-python` runs it.

Started by the engine with its address as the last argument; prints the port that it listens on. The program runs on
the main thread, at the bottom of the stack: the SDK sends the call stack with each resource and the engine keeps it in
the state, so every frame below the program would be stored once for each resource. The event loop waits meanwhile, on
another thread, so the two never run at once.

One process runs one program once, as Pulumi's own does. A second run, or a program whose Pulumi.yaml names another
virtual environment, gets a process of its own that speaks the same protocol.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib.metadata
import logging
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import FrameType, TracebackType
from typing import Any

try:
    import grpc
    import pulumi
    from pulumi.runtime import Settings, configure, run_in_stack, set_all_config
    from pulumi.runtime.proto import LanguageRuntimeServicer, language_pb2, language_pb2_grpc, plugin_pb2
except ImportError:
    traceback.print_exc()
    print(
        f"\nThe Pulumi SDK is not installed in {sys.executable}. Install the project's requirements: pip install -r "
        "requirements.txt, in the virtual environment that Pulumi.yaml names or that is active.",
        file=sys.stderr,
    )
    sys.exit(1)

OPTIONS = [("grpc.max_receive_message_length", 1024 * 1024 * 400)]


class Program:
    """One program: entered on the main thread, where its code is executed, and awaited by the event loop's thread."""

    def __init__(self, entry: str, arguments: list[str], loop: asyncio.AbstractEventLoop) -> None:
        self.entry, self.arguments, self.loop = entry, arguments, loop
        self.path = os.path.abspath(os.path.join(entry, "__main__.py") if os.path.isdir(entry) else entry)
        self.ended = threading.Event()
        self.error: BaseException | None = None
        self.context = contextvars.copy_context()

    def prepare(self) -> None:
        loader = SourceFileLoader("__main__", self.path)
        spec = spec_from_file_location("__main__", self.path, loader=loader)
        assert spec is not None
        self.module = module_from_spec(spec)
        code = loader.get_code("__main__")
        assert code is not None
        self.code = code
        self.context = contextvars.copy_context()

    def wait(self) -> None:
        self.ended.wait()
        for variable, value in self.context.items():  # as if it had run in the context of this thread
            if variable.get(None) is not value:
                variable.set(value)
        if self.error is not None:
            raise self.error

    def __enter__(self) -> None:
        sys.argv[:] = [self.entry, *self.arguments]
        sys.path.insert(0, self.entry if os.path.isdir(self.entry) else os.path.dirname(self.path))
        sys.modules["__main__"] = self.module
        asyncio.set_event_loop(self.loop)
        asyncio._set_running_loop(self.loop)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        asyncio._set_running_loop(None)
        self.error = error
        self.ended.set()
        return True

    def explain(self, error: BaseException) -> str:
        """The traceback from the program's own first line on; without the frames of what runs it."""
        trace = error.__traceback__
        while trace is not None and os.path.abspath(trace.tb_frame.f_code.co_filename) != self.path:
            trace = trace.tb_next
        if trace is None and isinstance(error, SyntaxError):
            return "".join(traceback.format_exception_only(type(error), error))
        return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))


class Host(LanguageRuntimeServicer):
    """Answers the engine. `programs` yields, on the main thread, each program to execute."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.queue: queue.SimpleQueue[Program | None] = queue.SimpleQueue()
        self.used = threading.Lock()
        self.cancelled = False
        self.executing = False
        self.child: tuple[subprocess.Popen[bytes], Any] | None = None

    def programs(self) -> Iterator[Program]:
        while True:
            # Not for ever at once: a signal that a thread of grpc's has taken wakes nobody, and is seen at the next turn.
            try:
                program = self.queue.get(timeout=0.2)
            except queue.Empty:
                continue
            if program is None:
                return
            self.executing = not self.cancelled
            yield program
            self.executing = False

    # The engine calls what follows.

    def Run(self, request: Any, context: Any) -> Any:
        venv, problem = virtual_environment(request.info)
        if problem:
            return language_pb2.RunResponse(error=problem)
        foreign = venv is not None and os.path.realpath(venv) != os.path.realpath(sys.prefix)
        if foreign or not self.used.acquire(blocking=False):
            return self._run_in_child(request, venv)
        return contextvars.copy_context().run(self._run, request)

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancelled = True
        if self.child is not None:
            with suppress(grpc.RpcError):
                self.child[1].Cancel(request)
        if self.executing:
            os.kill(os.getpid(), signal.SIGINT)
        return request  # the same empty message

    def Handshake(self, request: Any, context: Any) -> Any:
        self.engine = request.engine_address or self.engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        # None ahead of time: the engine fetches the plugin of a package when a resource of it is declared. A package
        # that is installed but not used costs no download.
        return language_pb2.GetRequiredPackagesResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def About(self, request: Any, context: Any) -> Any:
        version = ".".join(map(str, sys.version_info[:3]))
        return language_pb2.AboutResponse(executable=sys.executable, version=version)

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        def normal(name: str) -> str:
            return re.sub(r"[-_.]+", "-", name).lower()

        found = {normal(d.metadata["Name"]): d for d in importlib.metadata.distributions()}
        needed = {normal(re.split(r"[^\w.-]", r, maxsplit=1)[0]) for d in found.values() for r in d.requires or ()}
        names = found if request.transitiveDependencies else set(found) - needed
        infos = [language_pb2.DependencyInfo(name=name, version=found[name].version) for name in sorted(names)]
        return language_pb2.GetProgramDependenciesResponse(dependencies=infos)

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        named = dict(request.info.options.items()).get("virtualenv")
        venv = os.path.join(request.info.root_directory, named) if named else None
        commands = []
        if venv and not os.path.exists(os.path.join(venv, "bin", "python")):
            commands.append([sys.executable, "-m", "venv", venv])
        requirements = os.path.join(request.info.program_directory or request.directory, "requirements.txt")
        if os.path.exists(requirements):
            python = os.path.join(venv, "bin", "python") if venv else sys.executable
            commands.append([python, "-m", "pip", "install", "-r", requirements])
        for command in commands:
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    yield language_pb2.InstallDependenciesResponse(stdout=line)
            if process.returncode != 0:
                context.abort(grpc.StatusCode.INTERNAL, f"{' '.join(command)}: exit code {process.returncode}")

    # How a program is run.

    def _run(self, request: Any) -> Any:
        settings = Settings(
            monitor=request.monitor_address,
            engine=self.engine,
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
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it complains of what a failed program leaves undone
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        executor = ThreadPoolExecutor(max_workers=max(request.parallel, 1) * 4)
        loop.set_default_executor(executor)
        program = Program(request.info.entry_point or ".", list(request.args), loop)
        if not os.path.isfile(program.path):
            pulumi.log.error(f"unable to find main python program `__main__.py` in `{os.path.dirname(program.path)}`")
            return language_pb2.RunResponse(bail=True)

        def execute() -> None:
            program.prepare()
            self.queue.put(program)
            program.wait()

        try:
            loop.run_until_complete(run_in_stack(execute))
            return language_pb2.RunResponse()
        except BaseException as error:  # noqa: BLE001 (whatever a program raises has its message)
            return self._outcome(program, error)
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
                with suppress(BaseException):
                    loop.run_until_complete(task)
            executor.shutdown(wait=not self.cancelled, cancel_futures=self.cancelled)
            loop.close()
            sys.stdout.flush()
            sys.stderr.flush()

    def _outcome(self, program: Program, error: BaseException) -> Any:
        """What an exception of the program means: its own message, said once, and `bail` to end without another."""
        gone = isinstance(error, grpc.RpcError) and error.code() == grpc.StatusCode.UNAVAILABLE
        if self.cancelled or gone or isinstance(error, KeyboardInterrupt):
            return language_pb2.RunResponse(bail=True)
        if isinstance(error, SystemExit):
            if error.code in (None, 0):
                return language_pb2.RunResponse()
            if not isinstance(error.code, int):
                print(error.code, file=sys.stderr)
            code = error.code if isinstance(error.code, int) else 1
            return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")
        if isinstance(error, pulumi.RunError):
            pulumi.log.error(str(error))
        else:
            pulumi.log.error("Program failed with an unhandled exception:\n" + program.explain(error))
        return language_pb2.RunResponse(bail=True)

    def _run_in_child(self, request: Any, venv: str | None) -> Any:
        env = dict(os.environ)
        python = sys.executable
        if venv is not None:
            python = os.path.join(venv, "bin", "python")
            env.update(VIRTUAL_ENV=venv, PATH=os.pathsep.join([os.path.dirname(python), env.get("PATH", "")]))
            env.pop("PYTHONHOME", None)
        read, write = os.pipe()
        command = [python, "-u", os.path.abspath(HERE), f"--port-to={write}", self.engine]
        process = subprocess.Popen(command, env=env, pass_fds=[write], stdin=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as answer:
            port = answer.readline().strip()
        if not port:
            return language_pb2.RunResponse(error=f"{python} could not run the program (exit code {process.wait()})")
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS) as channel:
            stub = language_pb2_grpc.LanguageRuntimeStub(channel)
            self.child = process, stub
            try:
                return stub.Run(request)
            except grpc.RpcError as error:
                return language_pb2.RunResponse(bail=self.cancelled, error=str(error.details()))
            finally:
                process.send_signal(signal.SIGINT)
                process.wait()
                self.child = None


def virtual_environment(info: Any) -> tuple[str | None, str]:
    """The virtual environment that Pulumi.yaml names, and what is wrong with it, if something is."""
    options = dict(info.options.items())
    toolchain = options.get("toolchain")
    named = options.get("virtualenv") or (".venv" if toolchain == "uv" else None)
    if not named and toolchain == "poetry":
        command = ["poetry", "env", "info", "--path"]
        named = subprocess.run(
            command, cwd=info.program_directory, capture_output=True, text=True, check=False
        ).stdout.strip()
    if not named:
        return None, ""
    path = os.path.normpath(os.path.join(info.root_directory, named))
    if os.path.isfile(os.path.join(path, "bin", "python")):
        return path, ""
    return None, (
        f"The 'virtualenv' option in Pulumi.yaml is set to {named!r}, but {path} "
        f"{'is no virtual environment' if os.path.isdir(path) else 'does not exist'}. Run `pulumi install`, or: "
        f"python3 -m venv {path} && {path}/bin/python -m pip install -r requirements.txt"
    )


def leave() -> None:
    """End the process at once: no wait for threads that are still in a call to an engine that has gone."""
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def interrupted(number: int, frame: FrameType | None) -> None:
    """The engine ends its plugins by SIGINT. A program that still runs is told, as by Ctrl-C."""
    if not host.executing:
        leave()
    if not host.cancelled:
        host.cancelled = True
        host.queue.put(None)
    raise KeyboardInterrupt


def watch_parent() -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    leave()


if __name__ == "__main__":
    HERE = __file__
    host = Host(sys.argv[-1])
    signal.signal(signal.SIGINT, interrupted)
    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    threading.Thread(target=watch_parent, daemon=True).start()
    port_to = [int(argument.partition("=")[2]) for argument in sys.argv if argument.startswith("--port-to=")]
    with os.fdopen(port_to[0], "w") if port_to else os.fdopen(os.dup(1), "w") as answer:
        answer.write(f"{port}\n")
    with suppress(KeyboardInterrupt):
        for program in host.programs():
            with program:
                program.context.run(exec, program.code, program.module.__dict__)
    leave()
