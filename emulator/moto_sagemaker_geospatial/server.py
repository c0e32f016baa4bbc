"""Serves the application by waitress: keep-alive, threads, and sockets that are really cut when a fault asks for it."""

from __future__ import annotations

import functools
import logging
import socket
from collections.abc import Callable, Iterable
from typing import Any

import waitress
from moto.core import serialize
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from .responses import ConnectionCut

THREADS = 64  # a call that a fault makes slow holds one
MAX_BODY = 5 * 1024**3  # what S3 takes in one PUT

# moto writes a time in a listing by reading it first, which is half of what a listing costs; the times are few.
serialize.parse_to_aware_datetime = functools.lru_cache(maxsize=4096)(serialize.parse_to_aware_datetime)  # type: ignore[attr-defined]


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Keeps S3's metadata headers with an underscore in their name, which waitress drops (moto's own server too)."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.underscored: dict[str, str] = {}
        self.underscored_values: dict[str, str] = {}

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if b"_" not in header_plus:
            return
        for line in header_plus.split(b"\r\n")[1:]:
            name, _, value = line.decode("latin-1").partition(":")
            key = environ_key_for_header(name)
            # never let an underscored header stand in for a dashed one
            if should_preserve_original_header_name(name) and key.removeprefix("HTTP_") not in self.headers:
                before = self.underscored_values.get(key)
                self.underscored.setdefault(key, name)
                self.underscored_values[key] = value.strip(" \t") if before is None else f"{before},{value.strip()}"


class Task(WSGITask):  # type: ignore[misc]
    """Adds to the environment what moto reads of it, and leaves the names of metadata as they are."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ.update(self.request.underscored_values)
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = self.request.underscored
        environ["RAW_URI"] = self.request.request_uri
        return environ

    def build_response_header(self) -> bytes:
        names = {name.lower(): name for name, _ in self.response_headers if name.lower().startswith("x-amz-meta-")}
        built: bytes = super().build_response_header()  # waitress writes every name in capitals, and keys have a case
        if not names:
            return built
        lines = [line.partition(":") for line in built.decode("latin-1").split("\r\n")]
        return "\r\n".join(names.get(name.lower(), name) + rest + value for name, rest, value in lines).encode(
            "latin-1"
        )


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Parser
    task_class = Task


def create(application: Callable[..., Iterable[bytes]], host: str, port: int) -> Any:
    """A server that listens already; its `run()` serves, `effective_port` is the port. Raises OSError."""

    def cutting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except ConnectionCut as exc:
            # waitress's own way to say that there is nobody to answer: it closes the socket
            raise ClientDisconnected from exc

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        cutting,
        host=_address(host),
        port=port,
        threads=THREADS,
        connection_limit=2000,
        channel_timeout=300,
        asyncore_use_poll=True,
        max_request_body_size=MAX_BODY,
        expose_tracebacks=True,
        ident=None,
    )
    server.channel_class = Channel
    return server


def _address(host: str) -> str:
    """One address, IPv4 if there is one: for a name of several waitress makes several servers."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0])
