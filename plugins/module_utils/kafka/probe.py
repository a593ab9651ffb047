# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says in one line why a cluster can't be used, before kafka-python, which keeps reasons to itself, is asked.

A listener of another protocol, a wrong password or a controller's port would cost its whole timeout and name no cause.
"""

from __future__ import annotations

import socket
import ssl

from ..errors import Unreachable
from .broker_errors import SASL_AUTHENTICATION_FAILED, refused
from .options import Connection, tls_context
from .wire import METADATA, Wire, WireError

_UNSUPPORTED_SASL_MECHANISM = 33
_ILLEGAL_SASL_STATE = 34


def reachable_servers(to: Connection) -> list[str]:
    """The bootstrap servers that can be used as asked for.

    :raises Unreachable: none can; with the reason of each. :raises Unauthorized: the user is not let in.
    """
    context = tls_context(to) if to.uses_tls else None
    usable, reasons = [], []
    for (host, port), address in zip(to.servers, to.addresses, strict=True):
        try:
            _probe(host, port, to, context)
        except WireError as reason:
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
                _ask(Wire(plain), to)
                return
            with context.wrap_socket(plain, server_hostname=host) as encrypted:
                _ask(Wire(encrypted), to)
    except ssl.SSLCertVerificationError as error:
        raise WireError(f"its certificate is not trusted: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise WireError(f"TLS failed: {_tls_reason(error)}") from error
    except TimeoutError as error:
        raise WireError(f"no answer within {to.timeout:g} s") from error
    except ConnectionResetError as error:
        raise WireError("closed the connection; security_protocol may not be the one of this listener") from error
    except OSError as error:
        raise WireError(error.strerror or str(error)) from error


def _tls_reason(error: ssl.SSLError) -> str:
    reason = (error.reason or str(error)).partition("(")[0].strip().replace("_", " ").lower()
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF_WHILE_READING"):
        return f"{reason}; this listener may not speak TLS"
    if "certificate" in reason and "alert" in reason:
        return f"{reason}; the broker wants another client_cert, or one at all"
    return reason


def _ask(wire: Wire, to: Connection) -> None:
    if METADATA not in wire.api_keys():
        raise WireError("is a controller's listener; name a broker's")
    code, mechanisms = wire.sasl_handshake(to.sasl_mechanism or "PLAIN")
    offered = ", ".join(mechanisms)
    if not to.uses_sasl and code in (0, _UNSUPPORTED_SASL_MECHANISM):
        raise WireError(f"wants SASL ({offered}); set security_protocol to SASL_PLAINTEXT or SASL_SSL")
    if to.uses_sasl and code == _ILLEGAL_SASL_STATE:
        raise WireError("has no SASL on this listener; set security_protocol to PLAINTEXT or SSL")
    if to.uses_sasl and code == _UNSUPPORTED_SASL_MECHANISM:
        raise WireError(f"does not enable the SASL mechanism {to.sasl_mechanism}, only {offered}")
    if to.uses_sasl:
        _authenticate(wire, to)


def _authenticate(wire: Wire, to: Connection) -> None:
    from kafka.net.sasl import get_sasl_mechanism

    exchange = get_sasl_mechanism(to.sasl_mechanism)(
        sasl_mechanism=to.sasl_mechanism, sasl_plain_username=to.username, sasl_plain_password=to.password
    )
    while not exchange.is_done():
        code, message, token = wire.sasl_authenticate(exchange.auth_bytes())
        if code:
            raise refused(f"logging in as user {to.username!r}", to, SASL_AUTHENTICATION_FAILED, message)
        try:
            exchange.receive(token)
        except (ValueError, KeyError) as error:
            raise WireError(f"does not prove that it knows the user either: {error}") from error
