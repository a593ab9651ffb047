"""A listener in this process that answers the first requests of Kafka's protocol, or something else."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

_API_VERSIONS, _SASL_HANDSHAKE, _SASL_AUTHENTICATE = 18, 17, 36


@dataclass(frozen=True)
class Behaviour:
    """
    :param mechanisms: the SASL mechanisms that are enabled; empty without SASL.
    :param says: sent in place of any answer.
    :param closes: closes the connection in place of any answer.
    """

    mechanisms: tuple[str, ...] = ()
    password: str = "right"
    api_keys: tuple[int, ...] = (0, 1, 3, 17, 18, 36)
    says: bytes = b""
    closes: bool = False
    silent: bool = False
    tls: ssl.SSLContext | None = None


@contextlib.contextmanager
def listening(behaviour: Behaviour) -> Iterator[str]:
    """The address of such a listener."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                _serve(connection, behaviour, over)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        over.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def _serve(connection: socket.socket, behaviour: Behaviour, over: threading.Event) -> None:
    if behaviour.tls:
        connection = behaviour.tls.wrap_socket(connection, server_side=True)
    while len(head := connection.recv(4)) == 4:
        size = struct.unpack(">i", head)[0]
        if behaviour.silent:
            over.wait(30)
        if behaviour.closes or behaviour.silent:
            return
        request = connection.recv(min(size, 4096))
        if behaviour.says:
            connection.sendall(behaviour.says)
            return
        answer = request[4:8] + _answer(request, behaviour)
        connection.sendall(struct.pack(">i", len(answer)) + answer)


def _answer(request: bytes, behaviour: Behaviour) -> bytes:
    api_key, _, _, client = struct.unpack_from(">hhih", request)
    body = request[10 + client :]
    if api_key == _API_VERSIONS:
        keys = b"".join(struct.pack(">hhh", key, 0, 1) for key in behaviour.api_keys)
        return struct.pack(">hi", 0, len(behaviour.api_keys)) + keys
    if api_key == _SASL_HANDSHAKE:
        code = 34 if not behaviour.mechanisms else 0 if body[2:].decode() in behaviour.mechanisms else 33
        names = b"".join(struct.pack(">h", len(name)) + name.encode() for name in behaviour.mechanisms)
        return struct.pack(">hi", code, len(behaviour.mechanisms)) + names
    assert api_key == _SASL_AUTHENTICATE
    if body[4:].split(b"\0")[2].decode() == behaviour.password:
        return struct.pack(">hhi", 0, -1, 0)
    message = b"Authentication failed: Invalid username or password"
    return struct.pack(">hh", 58, len(message)) + message + struct.pack(">i", 0)
