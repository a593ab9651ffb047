"""A receiver of the forward protocol in this process, that can be told to misbehave. Keeps what it acknowledged.

It decodes with msgpack alone and shares no code with the sender under test.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgpack  # type: ignore[import-untyped]


@dataclass
class Behaviour:
    """:param keep_ack: gets the number of the chunk as received, from 0; true: its ack is never sent.
    :param close_on: the same numbers: the connection is closed in place of the ack.
    :param hold_ack: acks wait for this event.
    """

    shared_key: str | None = None
    users: dict[str, str] = field(default_factory=dict)
    knows_key: bool = True
    tls: ssl.SSLContext | None = None
    keep_ack: Callable[[int], bool] = lambda number: False
    close_on: Callable[[int], bool] = lambda number: False
    hold_ack: threading.Event | None = None
    says: bytes = b""


class ForwardServer:
    """:ivar chunks: (chunk id, tag, entries as (time, record), options) in the order of arrival."""

    def __init__(self, behaviour: Behaviour, port: int = 0) -> None:
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.chunks: list[tuple[str, str, list[tuple[Any, dict[str, Any]]], dict[str, Any]]] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stops listening and breaks every connection."""
        # A thread in accept() keeps the port until it is woken.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def records(self) -> list[dict[str, Any]]:
        return [record for _, _, entries, _ in self.chunks for _, record in entries]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # As a receiver does, a message that it does not understand costs the connection, and nothing else.
        with suppress(OSError, ValueError, TypeError, StopIteration):
            if self._behaviour.tls is not None:
                connection = self._behaviour.tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        if self._behaviour.says:
            connection.sendall(self._behaviour.says)
        messages = _messages(connection)
        if self._behaviour.shared_key is not None and not self._shake_hands(connection, messages):
            return
        for tag, packed, option in messages:
            with self._lock:
                number = len(self.chunks)
                self.chunks.append((option["chunk"], tag, _entries(packed, option), option))
            if self._behaviour.close_on(number):
                return
            if self._behaviour.hold_ack is not None:
                self._behaviour.hold_ack.wait(30)
            if not self._behaviour.keep_ack(number):
                connection.sendall(msgpack.packb({"ack": option["chunk"]}))

    def _shake_hands(self, connection: socket.socket, messages: Iterator[Any]) -> bool:
        key = (self._behaviour.shared_key or "").encode()
        nonce, auth = os.urandom(16), os.urandom(16) if self._behaviour.users else b""
        connection.sendall(msgpack.packb(["HELO", {"nonce": nonce, "auth": auth, "keepalive": True}]))
        ping, hostname, salt, proof, user, password = next(messages)
        assert ping == "PING"
        reason = ""
        if proof != _sha512(salt, hostname, nonce, key):
            reason = "shared_key mismatch"
        elif auth and (
            user not in self._behaviour.users or password != _sha512(auth, user, self._behaviour.users[user])
        ):
            reason = "username/password mismatch"
        if not self._behaviour.knows_key:
            key = b"another"
        answer = (
            ["PONG", False, reason, "", ""] if reason else ["PONG", True, "", "fake", _sha512(salt, "fake", nonce, key)]
        )
        connection.sendall(msgpack.packb(answer))
        return not reason


def _sha512(*parts: bytes | str) -> str:
    return hashlib.sha512(b"".join(part.encode() if isinstance(part, str) else part for part in parts)).hexdigest()


def _messages(connection: socket.socket) -> Iterator[Any]:
    unpacker = msgpack.Unpacker()
    while data := connection.recv(64 * 1024):
        unpacker.feed(data)
        yield from unpacker


def _entries(packed: bytes, option: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    if option.get("compressed") == "gzip":
        packed = gzip.decompress(packed)
    unpacker = msgpack.Unpacker()
    unpacker.feed(packed)
    return [(time, record) for time, record in unpacker]


@contextmanager
def forward_server(port: int = 0, **behaviour: Any) -> Iterator[ForwardServer]:
    server = ForwardServer(Behaviour(**behaviour), port)
    try:
        yield server
    finally:
        server.close()
