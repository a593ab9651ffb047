# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forward protocol, version 1, as bytes: entries, packed messages, the HELO/PING/PONG handshake, acks. No sockets.

The specification is in Fluentd's wiki; what a real server sends differs in one point: strings arrive as str or as bin.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidInput, MissingLibrary, UnexpectedAnswer

_EVENT_TIME = 0
# An answer is an ack or a step of the handshake, some hundred bytes.
_LONGEST_ANSWER = 64 * 1024


def _msgpack() -> Any:
    try:
        import msgpack  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingLibrary("msgpack", error) from error
    return msgpack


@dataclass(frozen=True)
class Chunk:
    """What is sent and acknowledged as one.

    :param id: new for each chunk, and the same whenever the chunk is sent again.
    :param message: the bytes on the wire.
    :param first: number of its first event.
    :param last: number of its last event.
    """

    id: str
    message: bytes
    first: int
    last: int


class Encoder:
    """Makes chunks in the packed forward mode, which every receiver of version 1 takes."""

    def __init__(self, tag: str, *, compress: bool = False) -> None:
        library = _msgpack()
        self._tag = tag
        self._compress = compress
        self._packer = library.Packer(use_bin_type=True)
        self._ext_type = library.ExtType

    def entry(self, time_us: int, record: Mapping[str, Any]) -> bytes:
        """One event.

        :param time_us: microseconds since 1970; travels as EventTime, which has nanoseconds.
        """
        return self._packer.pack([self._ext_type(_EVENT_TIME, event_time(time_us)), record])  # type: ignore[no-any-return]

    def chunk(self, entries: bytes, first: int, last: int) -> Chunk:
        chunk_id = base64.b64encode(os.urandom(16)).decode()
        option: dict[str, Any] = {"size": last - first + 1, "chunk": chunk_id}
        if self._compress:
            entries = gzip.compress(entries, compresslevel=1)
            option["compressed"] = "gzip"
        return Chunk(chunk_id, self._packer.pack([self._tag, entries, option]), first, last)


def event_time(time_us: int) -> bytes:
    """EventTime's eight bytes: seconds and nanoseconds, each a big-endian 32-bit number."""
    seconds, micros = divmod(time_us, 1_000_000)
    return seconds.to_bytes(4, "big") + (micros * 1000).to_bytes(4, "big")


class Decoder:
    """Takes what a receiver sends, in whatever pieces, and gives back whole answers."""

    def __init__(self, peer: str) -> None:
        """:param peer: whose answers these are, for messages."""
        self._peer = peer
        self._library = _msgpack()
        self._unpacker = self._library.Unpacker(
            raw=False, unicode_errors="surrogateescape", max_buffer_size=_LONGEST_ANSWER
        )

    def feed(self, data: bytes) -> list[Any]:
        """:raises UnexpectedAnswer: when ``data`` is not the forward protocol."""
        try:
            self._unpacker.feed(data)
            answers = list(self._unpacker)
        except (ValueError, TypeError, self._library.UnpackException, self._library.exceptions.BufferFull) as error:
            raise self._unexpected(data) from error
        if not all(isinstance(answer, (dict, list)) for answer in answers):
            raise self._unexpected(data)
        return answers

    def _unexpected(self, data: bytes) -> UnexpectedAnswer:
        return UnexpectedAnswer(
            f"{self._peer} answered something that is not the forward protocol: {data[:80]!r}.",
            advice="Check host and port: something else may listen there, or it speaks TLS.",
        )


def acknowledged(answer: Any) -> str | None:
    """The chunk id that ``answer`` acknowledges, or None when it is no ack."""
    return _text(answer.get("ack")) if isinstance(answer, dict) and answer.get("ack") is not None else None


def is_helo(answer: Any) -> bool:
    return isinstance(answer, list) and len(answer) == 2 and _text(answer[0]) == "HELO"


@dataclass(frozen=True)
class Credentials:
    """:param hostname: how the sender names itself; a receiver refuses its own name."""

    hostname: str
    shared_key: str
    username: str = ""
    password: str = ""


class Handshake:
    """The sender's side of HELO, PING and PONG: both ends prove that they know the shared key."""

    def __init__(self, credentials: Credentials, peer: str) -> None:
        self._credentials = credentials
        self._peer = peer
        self._salt = os.urandom(16).hex()
        self._nonce = b""

    def ping(self, helo: Any) -> bytes:
        """The answer to HELO."""
        if not is_helo(helo):
            raise UnexpectedAnswer(f"{self._peer} began the handshake with {helo!r:.80} in place of HELO.")
        options = helo[1] if isinstance(helo[1], dict) else {}
        self._nonce = _bytes(options.get("nonce", ""))
        auth_salt = _bytes(options.get("auth", ""))
        mine = self._credentials
        login = ["", ""]
        if auth_salt:
            login = [mine.username, _digest(auth_salt, mine.username, mine.password)]
        proof = _digest(self._salt, mine.hostname, self._nonce, mine.shared_key)
        ping = ["PING", mine.hostname, self._salt, proof, *login]
        return _msgpack().packb(ping)  # type: ignore[no-any-return]

    def check_pong(self, pong: Any) -> None:
        """:raises InvalidInput: when either end does not know the key, or the user is refused."""
        if not (isinstance(pong, list) and len(pong) == 5 and _text(pong[0]) == "PONG"):
            raise UnexpectedAnswer(f"{self._peer} answered PING with {pong!r:.80} in place of PONG.")
        _kind, accepted, reason, hostname, proof = pong
        if not accepted:
            raise InvalidInput(
                f"{self._peer} refused the forward handshake: {_text(reason)}.",
                advice="Check forward.shared_key, forward.username and forward.password.",
            )
        if _text(proof) != _digest(self._salt, _bytes(hostname), self._nonce, self._credentials.shared_key):
            raise InvalidInput(
                f"{self._peer} accepted the forward handshake without knowing the shared key.",
                advice="Another server may stand in its place; nothing was sent to it.",
            )


def _digest(*parts: bytes | str) -> str:
    return hashlib.sha512(b"".join(map(_bytes, parts))).hexdigest()


def _bytes(value: Any) -> bytes:
    # surrogateescape undoes what the decoder did to a salt that arrived as str and is no UTF-8.
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
