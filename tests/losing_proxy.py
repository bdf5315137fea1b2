"""Ways to a server on which connections break off at the worst moment."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

_COMMIT = b"COMMIT\0"
_CHUNK_BYTES = 1 << 16

Blow = Callable[[bytes, bytes], bool]
"""Told what the client has just sent and what the server has just sent, one of them empty; whether to cut it off."""


@contextmanager
def losing_proxy(port: int) -> Iterator[int]:
    """Pass connections on to PostgreSQL at this port; yield our own port. Whoever commits is cut off unanswered."""
    with _proxy(port, lambda sent, _: sent.endswith(_COMMIT)) as ours:
        yield ours


@contextmanager
def cutting_proxy(port: int, after_bytes: int, blow: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Pass connections on; yield our own port. The first one on which the server has sent so much is cut off.

    `blow` is what happens in that moment; what comes later is passed on undisturbed.
    """
    left = [after_bytes]

    def cuts(_sent: bytes, received: bytes) -> bool:
        has_to = left[0] > 0 and left[0] <= len(received)
        left[0] -= len(received)
        if has_to:
            blow()
        return has_to

    with _proxy(port, cuts) as ours:
        yield ours


@contextmanager
def _proxy(port: int, cuts: Blow) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_serve, args=(listener, port, cuts), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, port: int, cuts: Blow) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # closed: the test is over
            return
        Thread(target=_pass_on, args=(client, port, cuts), daemon=True).start()


def _pass_on(client: socket.socket, port: int, cuts: Blow) -> None:
    with suppress(ConnectionError), client, socket.create_connection(("127.0.0.1", port)) as server:
        while True:
            readable, _, _ = select.select([client, server], [], [])
            data = readable[0].recv(_CHUNK_BYTES)
            if not data:
                return
            if readable[0] is client:
                server.sendall(data)
                if cuts(data, b""):
                    server.recv(1)  # it has done what it was asked for
                    return
            elif cuts(b"", data):
                return
            else:
                client.sendall(data)
