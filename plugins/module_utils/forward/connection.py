# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to a forward port: TCP or TLS, handshake, bytes out, answers in. Knows nothing of chunks in flight."""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidInput, Unreachable
from .protocol import Credentials, Decoder, Handshake, is_helo


@dataclass(frozen=True)
class Tls:
    """:param ca_path: a PEM file or a folder of trusted authorities; None: the system's.
    :param validate_certs: whether the receiver's certificate and name are checked.
    :param hostname: the name that its certificate must have; None: the host that is connected to.
    """

    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    hostname: str | None = None
    validate_certs: bool = True

    def context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context()
            if self.ca_path:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                is_folder = Path(self.ca_path).is_dir()
                context.load_verify_locations(**{"capath" if is_folder else "cafile": self.ca_path})
            if self.client_cert:
                context.load_cert_chain(self.client_cert, self.client_key)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(name for name in (self.ca_path, self.client_cert, self.client_key) if name)
            raise InvalidInput(
                f"Could not read the TLS files {files}: {error}.", advice="They must be readable and PEM."
            ) from error
        if not self.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True)
class Address:
    """Where a receiver listens and what it asks for.

    :param timeout: seconds for the connection, and for each answer of its handshake.
    :param others: hosts that are tried after ``host``, in their order, when the one before takes no connection.
    """

    host: str
    port: int
    timeout: float = 10.0
    credentials: Credentials | None = None
    tls: Tls | None = None
    others: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.host, *self.others)

    def __str__(self) -> str:
        return ", ".join(f"{host}:{self.port}" for host in self.hosts)


class Connection:
    """Raises OSError where another attempt may help; PipelineError where none can."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._decoder = Decoder(str(address))
        self._answers: deque[Any] = deque()
        self._socket = _connect(address)
        try:
            if address.credentials is not None:
                self._shake_hands(address.credentials)
        except BaseException:
            self._socket.close()
            raise

    def write(self, data: bytes, timeout: float) -> None:
        self._socket.settimeout(timeout)
        self._socket.sendall(data)

    def read(self, timeout: float) -> Any | None:
        """The next answer, or None when none came within ``timeout`` seconds.

        :raises ConnectionError: when the receiver closed the connection.
        """
        end = time.monotonic() + timeout
        while not self._answers:
            data = self._receive(max(0.0, end - time.monotonic()))
            if data is None:
                return None
            self._answers.extend(self._decoder.feed(data))
            if self._address.credentials is None and any(map(is_helo, self._answers)):
                raise InvalidInput(f"{self._address} asks for a shared key.", advice="Set forward.shared_key.")
        return self._answers.popleft()

    def close(self) -> None:
        self._socket.close()

    def _receive(self, timeout: float) -> bytes | None:
        self._socket.settimeout(timeout)
        try:
            data = self._socket.recv(16 * 1024)
        except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
            return None
        if not data:
            raise ConnectionResetError("the receiver closed the connection")
        return data

    def _shake_hands(self, credentials: Credentials) -> None:
        handshake = Handshake(credentials, str(self._address))
        self.write(handshake.ping(self._answer("HELO")), self._address.timeout)
        handshake.check_pong(self._answer("PONG"))

    def _answer(self, name: str) -> Any:
        answer = self.read(self._address.timeout)
        if answer is None:
            raise InvalidInput(
                f"{self._address} sent no {name} within {self._address.timeout:g} s.",
                advice="It may have no shared key configured; leave forward.shared_key out then.",
            )
        return answer


def _connect(address: Address) -> socket.socket:
    host, plain = _reached(address)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if address.tls is None:
        return plain
    try:
        return address.tls.context().wrap_socket(plain, server_hostname=address.tls.hostname or host)
    except ssl.SSLCertVerificationError as error:
        plain.close()
        raise Unreachable(
            f"The certificate of {address} was not accepted: {error.verify_message}.",
            advice="Set forward.ca_path to the authority that signed it, or forward.tls_hostname to the name in it.",
        ) from error
    except ssl.SSLEOFError:
        plain.close()
        raise
    except ssl.SSLError as error:
        plain.close()
        raise Unreachable(
            f"{address} does not speak TLS as asked for: {error}.", advice="Check forward.tls and the port."
        ) from error
    except BaseException:
        plain.close()
        raise


def _reached(address: Address) -> tuple[str, socket.socket]:
    """The first host that takes a connection.

    :raises OSError: that of the last one, where none does.
    """
    *before, last = address.hosts
    for host in before:
        with suppress(OSError):
            return host, socket.create_connection((host, address.port), address.timeout)
    return last, socket.create_connection((last, address.port), address.timeout)
