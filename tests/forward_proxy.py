# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forward proxy that does to the events what a test wants: between a sender and the source connector.

It has no handshake, and opens a connection of its own to the source for each that it gets.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import msgpack

# [time, record] as the sender made it.
Entry = list[Any]


class ForwardProxy:
    """A context manager; from then on it listens at ``port``."""

    def __init__(
        self,
        upstream: int,
        meddle: Callable[[list[Entry]], list[Entry]] = lambda entries: entries,
        *,
        times: int = 1,
        delay: float = 0.0,
    ) -> None:
        """:param meddle: gets the entries of a chunk, and returns those that go on.
        :param times: how often each chunk goes on; :param delay: seconds before it does.
        """
        self._upstream = upstream
        self._meddle = meddle
        self._times = times
        self._delay = delay
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> ForwardProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        # What waits in accept is not woken by a close alone.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sender, _ = self._listener.accept()
            except OSError:
                return
            source = socket.create_connection(("127.0.0.1", self._upstream))
            threading.Thread(target=self._forward, args=(sender, source), daemon=True).start()
            threading.Thread(target=self._answer, args=(source, sender), daemon=True).start()

    def _forward(self, sender: socket.socket, source: socket.socket) -> None:
        unpacker = msgpack.Unpacker()
        with source:
            while data := sender.recv(65536):
                unpacker.feed(data)
                for tag, packed, option in unpacker:
                    time.sleep(self._delay)
                    entries = msgpack.Unpacker()
                    entries.feed(packed)
                    kept = self._meddle(list(entries))
                    again = b"".join(msgpack.packb(entry) for entry in kept)
                    source.sendall(msgpack.packb([tag, again, {**option, "size": len(kept)}]) * self._times)

    def _answer(self, source: socket.socket, sender: socket.socket) -> None:
        """Each ack once, however often the chunk went on."""
        told: set[str] = set()
        unpacker = msgpack.Unpacker()
        with sender:
            try:
                while data := source.recv(65536):
                    unpacker.feed(data)
                    for answer in unpacker:
                        if answer["ack"] not in told:
                            told.add(answer["ack"])
                            sender.sendall(msgpack.packb(answer))
            except OSError:
                return


def without(*numbers: int) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [entry for entry in entries if _number(entry) not in numbers]


def twice(*numbers: int) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [entry for each in entries for entry in [each] * (1 + (_number(each) in numbers))]


def swapped(first: int, second: int) -> Callable[[list[Entry]], list[Entry]]:
    """Two numbers of one chunk change places."""

    def swap(entries: list[Entry]) -> list[Entry]:
        at = {_number(entry): position for position, entry in enumerate(entries)}
        if first in at and second in at:
            entries[at[first]], entries[at[second]] = entries[at[second]], entries[at[first]]
        return entries

    return swap


def _number(entry: Entry) -> int:
    return int(entry[1]["loggy"]["seq"])
