# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forward client written from the protocol's specification, for the tests: it shares no code with what it tests.

Packed forward mode with acknowledged chunks. A chunk without ack goes again under its own id, as Fluentd does.
"""

from __future__ import annotations

import base64
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgpack

Record = dict[str, Any]


class ForwardClient:
    """:param window: chunks that may wait for their ack; :param patience: seconds for one chunk to get through."""

    def __init__(self, host: str, port: int, tag: str, *, window: int = 4, patience: float = 180) -> None:
        self._address = (host, port)
        self._tag = tag
        self._window = window
        self._patience = patience
        self._waiting: dict[str, tuple[bytes, list[int]]] = {}
        self._socket: socket.socket | None = None
        self._unpacker = msgpack.Unpacker()
        self.acknowledged: set[int] = set()
        self.resent = 0

    def send(
        self,
        records: Iterable[tuple[int, Record]],
        *,
        chunk_size: int,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Sends numbered records and returns when all are acknowledged; ``progress`` gets the count so far."""
        for chunk in _batches(iter(records), chunk_size):
            self._post([number for number, _ in chunk], [record for _, record in chunk])
            while len(self._waiting) >= self._window:
                self._take_acks()
            progress(len(self.acknowledged))
        while self._waiting:
            self._take_acks()
        progress(len(self.acknowledged))

    def _post(self, numbers: list[int], records: list[Record]) -> None:
        chunk = base64.b64encode(uuid.uuid4().bytes).decode()
        now = int(time.time())
        entries = b"".join(msgpack.packb([now, record]) for record in records)
        message = msgpack.packb([self._tag, entries, {"chunk": chunk, "size": len(records), "compressed": "text"}])
        self._waiting[chunk] = (message, numbers)
        try:
            self._connection().sendall(message)
        except OSError:
            self._again()

    def _take_acks(self) -> None:
        try:
            data = self._connection().recv(65536)
            if not data:
                raise ConnectionResetError
        except OSError:
            self._again()
            return
        self._unpacker.feed(data)
        for answer in self._unpacker:
            _, numbers = self._waiting.pop(answer["ack"])
            self.acknowledged.update(numbers)

    def _again(self) -> None:
        """A new connection, and on it every chunk that has no ack."""
        end = time.monotonic() + self._patience
        while True:
            self._socket = None
            self._unpacker = msgpack.Unpacker()
            try:
                for message, _ in list(self._waiting.values()):
                    self._connection().sendall(message)
                    self.resent += 1
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
            else:
                return

    def _connection(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
        return self._socket


def _batches(items: Iterator[tuple[int, Record]], size: int) -> Iterator[list[tuple[int, Record]]]:
    while batch := list(islice(items, size)):
        yield batch
