# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says in one line why a broker can't be used, before kafka-python, which retries in silence, is asked.

It sends one SaslHandshake, which every listener answers before authentication, with or without SASL (KIP-43).
"""

from __future__ import annotations

import socket
import ssl
import struct

from ..errors import Unreachable
from .options import Connection, tls_context

_SASL_HANDSHAKE = 17
_UNSUPPORTED_SASL_MECHANISM = 33
_ILLEGAL_SASL_STATE = 34
_LONGEST_ANSWER = 64 * 1024
_TLS_ALERT = 0x15


class _Unusable(Exception):
    """The reason why one server can't be used, in words that follow "host:port: "."""


def reachable_servers(to: Connection) -> list[str]:
    """The bootstrap servers that speak the protocol asked for.

    :raises Unreachable: none does; with the reason of each.
    """
    context = tls_context(to) if to.uses_tls else None
    usable, reasons = [], []
    for (host, port), address in zip(to.servers, to.addresses, strict=True):
        try:
            _probe(host, port, to, context)
        except _Unusable as reason:
            reasons.append(f"{address}: {reason}")
        else:
            usable.append(address)
    if not usable:
        raise Unreachable(f"No Kafka broker can be used over {to.security_protocol}. {'; '.join(reasons)}.")
    return usable


def _probe(host: str, port: int, to: Connection, context: ssl.SSLContext | None) -> None:
    try:
        with socket.create_connection((host, port), timeout=to.timeout) as plain:
            if context is None:
                _judge(_handshake(plain, to), to)
                return
            with context.wrap_socket(plain, server_hostname=host) as encrypted:
                _judge(_handshake(encrypted, to), to)
    except ssl.SSLCertVerificationError as error:
        raise _Unusable(f"its certificate is not trusted: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise _Unusable(f"TLS failed: {_tls_reason(error)}") from error
    except TimeoutError as error:
        raise _Unusable(f"no answer within {to.timeout:g} s") from error
    except ConnectionResetError as error:
        raise _Unusable("closed the connection; security_protocol may not be the one of this listener") from error
    except OSError as error:
        raise _Unusable(error.strerror or str(error)) from error


def _tls_reason(error: ssl.SSLError) -> str:
    reason = (error.reason or str(error)).partition("(")[0].strip().replace("_", " ").lower()
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF_WHILE_READING"):
        return f"{reason}; this listener may not speak TLS"
    return reason


def _handshake(connected: socket.socket, to: Connection) -> tuple[int, list[str]]:
    """The broker's error code and the SASL mechanisms that it enables."""
    mechanism = (to.sasl_mechanism or "PLAIN").encode()
    client = b"loggy.pipeline"
    request = struct.pack(">hhih", _SASL_HANDSHAKE, 1, 1, len(client)) + client
    request += struct.pack(">h", len(mechanism)) + mechanism
    connected.sendall(struct.pack(">i", len(request)) + request)
    head = _receive(connected, 8)
    if head[:4] == b"HTTP":
        raise _Unusable("answered HTTP, not Kafka's protocol")
    if head[0] == _TLS_ALERT:
        raise _Unusable("speaks TLS; set security_protocol to SSL or SASL_SSL")
    size, correlation = struct.unpack(">ii", head)
    if correlation != 1 or not 6 <= size <= _LONGEST_ANSWER:
        raise _Unusable("answered something that is not Kafka's protocol")
    return _parse(_receive(connected, size - 4))


def _receive(connected: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connected.recv(size - len(data))
        if not part:
            # A short answer is shown for what it is: the alert of a TLS listener has 7 bytes.
            if data[:1] == bytes([_TLS_ALERT]):
                raise _Unusable("speaks TLS; set security_protocol to SSL or SASL_SSL")
            raise _Unusable("closed the connection; security_protocol may not be the one of this listener")
        data += part
    return data


def _parse(answer: bytes) -> tuple[int, list[str]]:
    try:
        code, count = struct.unpack_from(">hi", answer)
        mechanisms, at = [], 6
        for _ in range(count):
            (length,) = struct.unpack_from(">h", answer, at)
            mechanisms.append(answer[at + 2 : at + 2 + length].decode())
            at += 2 + length
    except (struct.error, UnicodeDecodeError) as error:
        raise _Unusable("answered something that is not Kafka's protocol") from error
    return code, mechanisms


def _judge(answer: tuple[int, list[str]], to: Connection) -> None:
    code, mechanisms = answer
    offered = ", ".join(mechanisms)
    if not to.uses_sasl and code in (0, _UNSUPPORTED_SASL_MECHANISM):
        raise _Unusable(f"wants SASL ({offered}); set security_protocol to SASL_PLAINTEXT or SASL_SSL")
    if to.uses_sasl and code == _ILLEGAL_SASL_STATE:
        raise _Unusable("has no SASL on this listener; set security_protocol to PLAINTEXT or SSL")
    if to.uses_sasl and code == _UNSUPPORTED_SASL_MECHANISM:
        raise _Unusable(f"does not enable the SASL mechanism {to.sasl_mechanism}, only {offered}")
