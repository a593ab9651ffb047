# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what a broker refused, and what kafka-python raises, into this collection's errors."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..errors import ApiError, NotFound, Unauthorized, Unreachable
from .options import Connection

SASL_AUTHENTICATION_FAILED = 58
TOPIC_AUTHORIZATION_FAILED = 29
UNKNOWN_TOPIC = 3


@contextlib.contextmanager
def translated(what: str, to: Connection) -> Iterator[None]:
    """Turns any error of kafka-python within the block into a PipelineError.

    :param what: what is tried, as the first words of the message: "reading topic x".
    """
    from kafka.errors import BrokerResponseError, KafkaError

    try:
        yield
    except BrokerResponseError as error:
        raise refused(what, to, error.errno, error.args[0] if error.args else "") from error
    except KafkaError as error:
        raise Unreachable(f"{_tried(what)} {to.url} failed: {_reason(error)}.") from error


def _tried(what: str) -> str:
    return f"{what[:1].upper()}{what[1:]} at"


def _reason(error: Exception) -> str:
    text = str(error).strip().rstrip(".")
    name = type(error).__name__
    return text if text.startswith(name) else f"{name}: {text}" if text else name


def refused(what: str, to: Connection, code: int, message: str | None) -> ApiError:
    """The error for an error code of a broker's answer, by its protocol's own name and number."""
    from kafka.errors import AuthorizationError, SaslAuthenticationFailedError, for_code

    kind = for_code(code)
    name = kind.__name__.removesuffix("Error")
    excerpt = f"{name}: {message.strip().rstrip('.')}" if message and message.strip() else name
    tried = _tried(what)
    if issubclass(kind, SaslAuthenticationFailedError):
        advice = "Check sasl_mechanism, username and password, and that the user exists."
        return Unauthorized(tried, to.url, code, f"{excerpt}.", advice=advice)
    if issubclass(kind, AuthorizationError):
        who = f"user {to.username!r}" if to.username else "this client"
        return Unauthorized(tried, to.url, code, f"{excerpt}.", advice=f"Give {who} the ACLs for it.")
    if code == UNKNOWN_TOPIC:
        advice = "Check the name, create it with kafka_topic, or give this user the ACL to Describe it."
        return NotFound(tried, to.url, code, f"{excerpt}.", advice=advice)
    return ApiError(tried, to.url, code, excerpt)
