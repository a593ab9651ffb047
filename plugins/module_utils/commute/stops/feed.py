# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connector that brings events to a stop: its state in a line, and what to do about it."""

from __future__ import annotations

from ...connect.client import ConnectClient
from ...connect.health import summary
from ...connect.model import Connector
from ...errors import NotFound, PipelineError, Unreachable
from .stop import Health, first_line


class Feed:
    def __init__(self, client: ConnectClient, connector: str) -> None:
        self._client = client
        self._connector = connector
        self.name = f"connector {connector}"

    def health(self) -> Health:
        """:raises Unreachable: Kafka Connect does not answer."""
        try:
            connector = self._client.get_connector(self._connector)
        except NotFound:
            return Health(f"{self.name}: not there", f"Create {self.name}.")
        except Unreachable:
            raise
        except PipelineError as error:
            return Health(f"{self.name}: {first_line(error)}")
        return Health(f"{self.name}: {summary(connector)}", _advice(self.name, connector))


def _advice(name: str, connector: Connector) -> str:
    if connector.state == "PAUSED":
        return f"Resume {name}, which is paused."
    if connector.state == "STOPPED":
        return f"Start {name}, which is stopped."
    if connector.has_failed:
        return f"Mend what the trace of {name} says, then restart its failed tasks."
    if connector.state == "RUNNING" and connector.tasks:
        return ""
    return f"Wait until a worker has taken {name} and its tasks, or look why none does."


def with_feed(feed: Feed | None, own: Health) -> Health:
    """What a stop says with what its connector says: the connector's trouble is the nearer cause.

    Connect that keeps still is none: it does so when its brokers are away, which the stop knows by itself.
    """
    if feed is None:
        return own
    try:
        fed = feed.health()
    except Unreachable:
        advice = own.advice or "Start Kafka Connect, or make its REST API reachable."
        return Health(f"{feed.name}: Kafka Connect does not answer; {own.line}", advice)
    return Health(f"{fed.line}; {own.line}", fed.advice or own.advice)
