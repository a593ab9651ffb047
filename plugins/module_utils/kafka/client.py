# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens kafka-python's clients and turns its errors into this collection's. Knows no topic and no record."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, MissingLibrary, NotFound, Unauthorized, Unreachable
from .options import Connection, tls_context
from .probe import reachable_servers

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer

_UNKNOWN_TOPIC = 3


class _Hidden(str):
    """A password that is not shown when kafka-python logs its configuration at level DEBUG."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@contextlib.contextmanager
def admin_client(to: Connection) -> Iterator[KafkaAdminClient]:
    library = _library()
    settings = _settings(to)
    with translated("connecting", to):
        client = library.KafkaAdminClient(**settings)
    with contextlib.closing(client):
        yield client


@contextlib.contextmanager
def consumer_client(to: Connection, **settings: Any) -> Iterator[KafkaConsumer]:
    """A consumer that belongs to no group, commits nothing and creates no topic by asking for it."""
    library = _library()
    settings = {
        **_settings(to),
        "group_id": None,
        "enable_auto_commit": False,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
        **settings,
    }
    with translated("connecting", to):
        client = library.KafkaConsumer(**settings)
    try:
        yield client
    finally:
        client.close(autocommit=False)


def _library() -> Any:
    try:
        import kafka
    except ImportError as error:
        raise MissingLibrary("kafka-python", error) from error
    return kafka


def _settings(to: Connection) -> dict[str, Any]:
    milliseconds = int(to.timeout * 1000)
    settings: dict[str, Any] = {
        "bootstrap_servers": reachable_servers(to),
        "security_protocol": to.security_protocol,
        "request_timeout_ms": max(milliseconds, 1000),
        "bootstrap_timeout_ms": milliseconds,
        "client_id": "loggy.pipeline",
    }
    if to.uses_tls:
        settings["ssl_context"] = tls_context(to)
    if to.uses_sasl:
        settings["sasl_mechanism"] = to.sasl_mechanism
        settings["sasl_plain_username"] = to.username
        settings["sasl_plain_password"] = _Hidden(to.password)
    return settings


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
    if code == _UNKNOWN_TOPIC:
        advice = "Check the name, create it with kafka_topic, or give this user the ACL to Describe it."
        return NotFound(tried, to.url, code, f"{excerpt}.", advice=advice)
    return ApiError(tried, to.url, code, excerpt)
