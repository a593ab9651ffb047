# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three requests of Kafka's protocol, as bytes. Enough to ask a listener what it is; no client."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator

_API_VERSIONS, _SASL_HANDSHAKE, _SASL_AUTHENTICATE, METADATA = 18, 17, 36, 3
_CLIENT_ID = b"loggy.pipeline"
_LONGEST_ANSWER = 64 * 1024
_TLS_ALERT = 0x15


class WireError(Exception):
    """What the other side did instead of answering, in words that follow "host:port: "."""


class Wire:
    """One connection, TLS or not, on which one request at a time is asked."""

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected
        self._asked = 0

    def api_keys(self) -> set[int]:
        """The kinds of request that this listener serves."""
        answer = self._ask(_API_VERSIONS, 0, b"")
        with _parsing():
            (count,) = struct.unpack_from(">i", answer, 2)
            return {struct.unpack_from(">h", answer, 6 + 6 * number)[0] for number in range(count)}

    def sasl_handshake(self, mechanism: str) -> tuple[int, list[str]]:
        """The error code, and the mechanisms that are enabled. Without SASL it is answered, too (KIP-43)."""
        answer = self._ask(_SASL_HANDSHAKE, 1, _text(mechanism.encode()))
        with _parsing():
            code, count = struct.unpack_from(">hi", answer)
            mechanisms, at = [], 6
            for _item in range(count):
                (length,) = struct.unpack_from(">h", answer, at)
                mechanisms.append(answer[at + 2 : at + 2 + length].decode())
                at += 2 + length
            return code, mechanisms

    def sasl_authenticate(self, token: bytes) -> tuple[int, str, bytes]:
        """The error code, its message, and the server's token (KIP-152)."""
        answer = self._ask(_SASL_AUTHENTICATE, 0, struct.pack(">i", len(token)) + token)
        with _parsing():
            code, length = struct.unpack_from(">hh", answer)
            at = 4 + max(length, 0)
            (size,) = struct.unpack_from(">i", answer, at)
            return code, answer[4:at].decode(), answer[at + 4 : at + 4 + max(size, 0)]

    def _ask(self, api_key: int, version: int, body: bytes) -> bytes:
        self._asked += 1
        request = struct.pack(">hhi", api_key, version, self._asked) + _text(_CLIENT_ID) + body
        self._connected.sendall(struct.pack(">i", len(request)) + request)
        head = self._receive(8)
        if head[:4] == b"HTTP":
            raise WireError("answered HTTP, not Kafka's protocol")
        size, number = struct.unpack(">ii", head)
        if number != self._asked or not 6 <= size <= _LONGEST_ANSWER:
            raise WireError("answered something that is not Kafka's protocol")
        return self._receive(size - 4)

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._connected.recv(size - len(data))
            data += part
            # An alert of a TLS listener, all of which has 7 bytes.
            if data[0:1] == bytes([_TLS_ALERT]) and self._asked == 1:
                raise WireError("speaks TLS; set security_protocol to SSL or SASL_SSL")
            if not part:
                raise WireError("closed the connection; security_protocol may not be the one of this listener")
        return data


@contextlib.contextmanager
def _parsing() -> Iterator[None]:
    try:
        yield
    except (struct.error, UnicodeDecodeError) as error:
        raise WireError("answered something that is not Kafka's protocol") from error


def _text(content: bytes) -> bytes:
    return struct.pack(">h", len(content)) + content
