# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens kafka-python's clients. Knows no topic and no record."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import MissingLibrary
from .broker_errors import translated
from .options import Connection, tls_context
from .probe import reachable_servers

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer

# Between two questions for topics; see _ask_at_once.
_BACKOFF_MS = 5


class _Hidden(str):
    """A password that is not shown when kafka-python logs its configuration at level DEBUG."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@contextlib.contextmanager
def admin_client(to: Connection) -> Iterator[KafkaAdminClient]:
    library = _library()
    with translated("connecting", to):
        client = library.KafkaAdminClient(**_settings(to))
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
    _ask_at_once(client)
    try:
        yield client
    finally:
        client.close(autocommit=False)


def _ask_at_once(client: Any) -> None:
    """kafka-python does not hand ``retry_backoff_ms`` on to what asks for topics: the first question for a topic waits
    until 100 ms after the one with which a client connects. Where this is not as it is known, it waits.
    """
    settings = getattr(getattr(client, "_cluster", None), "config", None)
    if isinstance(settings, dict) and "retry_backoff_ms" in settings:
        settings["retry_backoff_ms"] = _BACKOFF_MS


def _library() -> Any:
    try:
        import kafka
    except ImportError as error:
        raise MissingLibrary("kafka-python", error) from error
    return kafka


def _settings(to: Connection) -> dict[str, Any]:
    """:raises Unreachable: no broker can be used. :raises Unauthorized: the user is not let in."""
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
