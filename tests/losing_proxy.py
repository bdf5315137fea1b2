"""A way to PostgreSQL on which the answer to a commit gets lost: the server has committed, and nobody is told."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

_COMMIT = b"COMMIT\0"
_CHUNK_BYTES = 1 << 16


@contextmanager
def losing_proxy(port: int) -> Iterator[int]:
    """Pass connections on to the server at this port; yield our own port. Whoever commits is cut off unanswered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_serve, args=(listener, port), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, port: int) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # closed: the test is over
            return
        Thread(target=_pass_on, args=(client, port), daemon=True).start()


def _pass_on(client: socket.socket, port: int) -> None:
    with suppress(ConnectionError), client, socket.create_connection(("127.0.0.1", port)) as server:
        while True:
            readable, _, _ = select.select([client, server], [], [])
            data = readable[0].recv(_CHUNK_BYTES)
            if not data:
                return
            other = server if readable[0] is client else client
            other.sendall(data)
            if data.endswith(_COMMIT):
                server.recv(1)  # it has committed
                return
