"""Serves the application with waitress: keep-alive, threads, and faults that drop or hold the connection."""

from __future__ import annotations

import functools
import ipaddress
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

from .control import control
from .faults import ConnectionDropped, Hang

THREADS = 64  # a call with a latency fault occupies one, a call that hangs occupies none
MAX_BODY = 5 * 1024**3  # the limit of S3 for one PUT

# moto parses each time of a listing again, which is half the cost of a listing with few different times.
serialize.parse_to_aware_datetime = functools.lru_cache(maxsize=4096)(serialize.parse_to_aware_datetime)  # type: ignore[attr-defined]


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Preserves S3 metadata headers with an underscore in their name, and answers requests without content at once."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.underscored: dict[str, str] = {}
        self.underscored_values: dict[str, str] = {}

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if not self.chunked and self.content_length == 0:
            # else waitress waits for content that never comes
            self.expect_continue = False
        if b"_" not in header_plus:
            return
        for line in header_plus.split(b"\r\n")[1:]:
            name, _, value = line.decode("latin-1").partition(":")
            key = environ_key_for_header(name)
            # an underscored header must not replace a dashed one
            if should_preserve_original_header_name(name) and key.removeprefix("HTTP_") not in self.headers:
                before = self.underscored_values.get(key)
                self.underscored.setdefault(key, name)
                self.underscored_values[key] = value.strip(" \t") if before is None else f"{before},{value.strip()}"


class Task(WSGITask):  # type: ignore[misc]
    """Adds what moto reads to the environment, and preserves the case of metadata names."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ.update(self.request.underscored_values)
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = self.request.underscored
        environ["RAW_URI"] = self.request.request_uri
        return environ

    def build_response_header(self) -> bytes:
        names = {name.lower(): name for name, _ in self.response_headers if name.lower().startswith("x-amz-meta-")}
        built: bytes = super().build_response_header()  # waitress capitalizes every name
        if not names:
            return built
        lines = [line.partition(":") for line in built.decode("latin-1").split("\r\n")]
        return "\r\n".join(names.get(name.lower(), name) + rest + value for name, rest, value in lines).encode(
            "latin-1"
        )


class CallHung(BaseException):
    """Ends the processing of a call whose connection stays open. waitress answers an Exception, hence the base class."""

    def __init__(self, hang: Hang) -> None:
        super().__init__()
        self.hang = hang


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection. A call that hangs gives its thread back; the main loop closes the connection when it is over."""

    parser_class = Parser
    task_class = Task
    hang: Hang | None = None

    def service(self) -> None:
        try:
            super().service()
        except CallHung as call:  # `requests` still holds the call, so that no other one is read
            self.hang = call.hang

    def writable(self) -> bool:
        """Asked by the main loop, at least once a second."""
        if self.hang is not None and self.hang.is_over():
            self.hang = None
            self.will_close = True
        return bool(super().writable())


def _hold_connection(hang: Hang) -> None:
    raise CallHung(hang)


def create(application: Callable[..., Iterable[bytes]], host: str, port: int) -> Any:
    """A server that is listening; `run()` serves, `effective_port` is the port. Raises OSError."""
    control.hold_connection = _hold_connection

    def application_with_drops(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except ConnectionDropped as exc:
            # waitress closes the socket without a response
            raise ClientDisconnected from exc

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        application_with_drops,
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


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server at `host`. Raises OSError for an unknown name."""
    return ipaddress.ip_address(_address(host)).is_loopback


def _address(host: str) -> str:
    """One address of the host, IPv4 if possible: for several addresses waitress creates several servers."""
    addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses.sort(key=lambda address: address[0] != socket.AF_INET)
    return str(addresses[0][4][0])
