"""A server that accepts connections and never answers."""

from __future__ import annotations

import contextlib
import socket
import threading


class SilentServer:
    """Listens on loopback until it is closed; ``connections`` are those that it has accepted."""

    def __init__(self) -> None:
        self.connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                self.connections.append(self._listener.accept()[0])

    def close(self) -> None:
        """Close all connections, which ends the calls that wait for an answer."""
        for each in (self._listener, *self.connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
