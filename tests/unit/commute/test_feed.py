"""What a stop says together with its connector: which of the two names the cause."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.feed import Feed, with_feed
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.stop import Health
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotFound, Unreachable

CONNECT_AWAY = Unreachable("No answer from Kafka Connect.")
NOT_THERE = NotFound("GET", "http://connect/connectors/source", 404, "not found")
START_CONNECT = "Start Kafka Connect, or make its REST API reachable."


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_connector(self, name: str) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "own", "advice"),
    [
        (CONNECT_AWAY, Health("topic logs has 3 partitions"), START_CONNECT),
        (CONNECT_AWAY, Health("Kafka does not answer", "Start Kafka."), "Start Kafka."),
        (NOT_THERE, Health("index is red", "Make shards available."), "Create connector source."),
    ],
)
def test_the_nearest_cause_is_named(error: Exception, own: Health, advice: str) -> None:
    client: Any = Failing(error)
    told = with_feed(Feed(client, "source"), own)
    assert told.line.startswith("connector source: ")
    assert told.line.endswith(f"; {own.line}")
    assert told.advice == advice
