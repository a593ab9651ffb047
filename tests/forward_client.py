# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forward client written from the protocol's specification, for the tests: it shares no code with what it tests.

Packed forward mode with acknowledged chunks. A chunk without ack goes again under its own id, as Fluentd does; and of
several servers, the next one is tried at once when one refuses.
"""

from __future__ import annotations

import base64
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgpack

Record = dict[str, Any]


Address = tuple[str, int]


class ForwardClient:
    """:param window: chunks that may wait for their ack; :param patience: seconds for one chunk to get through.
    :param others: the servers beside that of host and port.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tag: str,
        *,
        others: Sequence[Address] = (),
        window: int = 4,
        patience: float = 180,
    ) -> None:
        self._addresses = deque([(host, port), *others])
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
            self._socket = self._next_connection()
        return self._socket

    def _next_connection(self) -> socket.socket:
        """:raises OSError: the latest refusal, when none takes a connection."""
        latest = OSError()
        for _ in range(len(self._addresses)):
            try:
                connection = socket.create_connection(self._addresses[0], timeout=5)
            except OSError as error:
                latest = error
                self._addresses.rotate(-1)
            else:
                connection.settimeout(30)
                return connection
        raise latest


def _batches(items: Iterator[tuple[int, Record]], size: int) -> Iterator[list[tuple[int, Record]]]:
    while batch := list(islice(items, size)):
        yield batch
