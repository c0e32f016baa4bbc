"""The language host: the gRPC service that runs a Python program for the engine, like Pulumi's `pulumi-language-python`.

The launcher `pulumi-language-python` starts this script with the engine's address as the last argument. The script
prints the port that it listens on. The program runs on the main thread, near the bottom of the call stack: the SDK
sends the call stack with each resource and the engine stores it in the state, so each frame below the program would be
stored once per resource. The event loop waits on another thread meanwhile, so the two never run at the same time.

One process runs one program once. A second run, or a program whose Pulumi.yaml names another virtual environment, runs
in a child process that speaks the same protocol.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

if (directory := os.path.dirname(os.path.abspath(__file__))) not in sys.path:
    sys.path.append(directory)  # missing if PYTHONSAFEPATH is set

try:
    import grpc
    from language_host_child import GRPC_OPTIONS, PORT_OPTION
    from language_host_service import LanguageHost, exit_now
    from pulumi.runtime.proto import language_pb2_grpc
except ImportError as error:
    print(
        f"The Pulumi SDK cannot be imported by {sys.executable} ({error}): install the project's requirements with "
        "`pip install -r requirements.txt`, in the virtual environment that Pulumi.yaml names or that is active.",
        file=sys.stderr,
    )
    sys.exit(1)


def start_server(host: LanguageHost) -> grpc.Server:
    """Start the gRPC server, report its port and return it; the server stops when it is garbage-collected."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=GRPC_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with os.fdopen(port_file_descriptor(sys.argv), "w") as output:
        output.write(f"{port}\n")
    return server


def port_file_descriptor(arguments: list[str]) -> int:
    """Return the file descriptor to write the port to: the parent's pipe for a child process, else stdout."""
    for argument in arguments:
        if argument.startswith(PORT_OPTION):
            return int(argument.removeprefix(PORT_OPTION))
    return os.dup(sys.stdout.fileno())


def exit_with_parent() -> None:
    """Exit when the engine has exited without telling its plugins."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    exit_now()


if __name__ == "__main__":
    host = LanguageHost(engine_address=sys.argv[-1])
    signal.signal(signal.SIGINT, host.on_sigint)
    threading.Thread(target=exit_with_parent, daemon=True).start()
    server = start_server(host)
    with suppress(KeyboardInterrupt):
        for program in host.programs():
            with program:
                # Not in a function: each frame here is stored with each resource.
                program.context.run(exec, program.code, program.module.__dict__)
    exit_now()
