# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends encoded chunks over the forward protocol, several in flight, as little of its own work as Python allows."""

from __future__ import annotations

import base64
import itertools
import socket
import uuid

import msgpack

from tests.bench.events import CHUNK, chunks

IN_FLIGHT = 8
PATIENCE = 300


def send(port: int, tag: str, count: int, *, compressed: bool = False) -> None:
    """Returns when every chunk is acknowledged; ``count`` must be a multiple of ``CHUNK``."""
    heads = [b"\x93" + msgpack.packb(tag) + msgpack.packb(entries) for entries in chunks(compressed=compressed)]
    unpacker = msgpack.Unpacker()
    waiting: set[str] = set()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for head in itertools.islice(itertools.cycle(heads), count // CHUNK):
            while len(waiting) >= IN_FLIGHT:
                waiting -= _acknowledged(connection, unpacker)
            chunk = base64.b64encode(uuid.uuid4().bytes).decode()
            option = {"chunk": chunk, "size": CHUNK, "compressed": "gzip" if compressed else "text"}
            connection.sendall(head)
            connection.sendall(msgpack.packb(option))
            waiting.add(chunk)
        while waiting:
            waiting -= _acknowledged(connection, unpacker)


def _acknowledged(connection: socket.socket, unpacker: msgpack.Unpacker) -> set[str]:
    data = connection.recv(65536)
    assert data, "the source closed the connection: its log says why"
    unpacker.feed(data)
    return {answer["ack"] for answer in unpacker}
