"""The SDK's own dynamic host without a private detail that the provider relies on: it serves as it does without patches."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import dill
import grpc
import pulumi_sagemaker_geospatial as package
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from tests.harness import CHECKOUT, Emulator
from tests.support.declarations import inputs
from tests.support.provider_harness import urn_of

#: Runs the SDK's host as `python -m pulumi.dynamic` does, after it has changed the SDK and the source of the host.
HOST_PROGRAM = """
import importlib.util, re, sys, threading
import concurrent.futures, grpc, grpc._utilities
import pulumi.runtime.proto.engine_pb2_grpc, pulumi.runtime.proto.provider_pb2 as provider_pb2
import pulumi.runtime.proto.provider_pb2_grpc as provider_pb2_grpc

spec = importlib.util.find_spec("pulumi.dynamic.__main__")
source = open(spec.origin).read()
tables = grpc._utilities.DictionaryGenericHandler
{change}
sys.modules["__main__"].__spec__ = spec
exec(compile(source, spec.origin, "exec"))
"""

REMOVE_ARGUMENTS = """
def run(thread):
    target, arguments, keywords = thread._target, thread._args, thread._kwargs
    thread._args = {arguments}
    target(*arguments, **keywords)
threading.Thread.run = run
"""
CHANGE_HANDLERS = """
def change(table, name, handlers, original=tables.__init__):
    original(table, name, handlers)
    {statement}
tables.__init__ = change
"""
#: What is missing → the change that removes it, and the consequence that the warning names.
DETAILS = {
    "nothing": ("", ""),
    "the pool in a thread's arguments": (REMOVE_ARGUMENTS.format(arguments="()"), "limited concurrency"),
    "the size of the pool": (REMOVE_ARGUMENTS.format(arguments="(object,)"), "limited concurrency"),
    "the name of the class of tables": ("tables.__name__ = 'Handlers'", "no cancellation, full diffs"),
    "the attribute of the table": (
        CHANGE_HANDLERS.format(statement="table.handlers = vars(table).pop('_method_handlers')")
        + "tables.service = lambda table, call: table.handlers.get(call.method)",
        "no cancellation, full diffs",
    ),
    "a method in the table": (
        CHANGE_HANDLERS.format(statement="del table._method_handlers['/pulumirpc.ResourceProvider/Update']"),
        "no cancellation, full diffs",
    ),
    "the names of a call's arguments": (
        r"source = re.sub(r'\brequest\b', 'message', source)",
        "no live status, default timeouts",
    ),
    "the type of a detailed diff": ("del provider_pb2.PropertyDiff", "full diffs"),
    # A provider that does not recognize the host changes nothing, and has nobody to warn.
    "the name of the host's module": ("spec.name = 'other'", ""),
    "the engine's log": ("del pulumi.runtime.proto.engine_pb2_grpc.EngineStub", "messages on stderr"),
}


class Engine(engine_pb2_grpc.EngineServicer):
    """The part of the engine that a host calls."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def Log(self, request: Any, context: Any) -> Any:
        if request.severity == engine_pb2.LogSeverity.WARNING:
            self.warnings.append(request.message)
        return struct_pb2.Struct()


class Host:
    """A process of the SDK's dynamic host, and the calls that the engine makes."""

    def __init__(self, process: subprocess.Popen[str], stub: Any) -> None:
        self._process, self._stub = process, stub
        self._provider = base64.b64encode(dill.dumps(package.P)).decode()

    def call(self, method: str, **arguments: Any) -> Any:
        """Make a call for the resource `lake`."""
        request = getattr(provider_pb2, f"{method}Request")
        return getattr(self._stub, method)(request(urn=urn_of("lake"), **arguments), timeout=60)

    def configure(self, url: str) -> None:
        """Pass a stack's config, with the emulator at the URL in place of AWS."""
        endpoints = json.dumps([dict.fromkeys(("sagemakergeospatial", "s3", "sts"), url)])
        config = {"aws:accessKey": "test", "aws:secretKey": "test", "aws:endpoints": endpoints}
        self._stub.Configure(provider_pb2.ConfigureRequest(args=to_struct(config)), timeout=60)

    def properties(self, values: dict[str, Any]) -> struct_pb2.Struct:
        return to_struct({**values, "__provider": self._provider})

    def stop(self) -> str:
        """End the process and return what it has written to stderr."""
        self._process.terminate()
        return self._process.communicate(timeout=60)[1]


def to_struct(values: dict[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


@contextmanager
def running_host(change: str, engine: Engine) -> Iterator[Host]:
    """Run the host of a changed SDK."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    command = [sys.executable, "-c", HOST_PROGRAM.replace("{change}", change), address]
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT / "provider")}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, process.communicate()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Host(process, provider_pb2_grpc.ResourceProviderStub(channel))
    finally:
        process.kill()
        process.communicate()
        server.stop(None)


@pytest.mark.parametrize("missing", DETAILS)
def test_without_a_private_detail_the_host_serves_with_one_warning(missing: str, emulator: Emulator) -> None:
    change, consequence = DETAILS[missing]
    emulator.add_job("lake00000000")
    engine = Engine()
    with running_host(change, engine) as host:
        host.configure(emulator.url)
        checked = host.call("Check", news=host.properties(inputs()))
        assert not checked.failures
        created = host.call("Create", properties=checked.inputs)
        assert created.properties["export_status"] == "SUCCEEDED"
        changed = host.properties({**inputs(), "triggers": ["changed"]})
        assert list(host.call("Diff", id=created.id, olds=created.properties, news=changed).replaces) == ["triggers"]
        host.call("Delete", id=created.id, properties=created.properties)
        printed = [line for line in host.stop().splitlines() if line.startswith("warning: ")]
    warnings = engine.warnings + printed
    assert len(warnings) == bool(consequence)
    assert all(f"untested Pulumi SDK: {consequence} (" in warning for warning in warnings)


def test_an_error_is_one_sentence_where_the_sdk_leaves_exceptions_to_grpc(emulator: Emulator) -> None:
    with running_host("source = source.replace('@_abort_with_traceback', '')", Engine()) as host:
        host.configure(emulator.url)
        checked = host.call("Check", news=host.properties(inputs()))
        with pytest.raises(grpc.RpcError) as caught:
            host.call("Create", properties=checked.inputs)
    assert (caught.value.details() or "").startswith("starting the export of arn:")
