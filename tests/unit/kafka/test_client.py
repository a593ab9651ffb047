"""What is changed of kafka-python's clients."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.client import _ask_at_once
from kafka.cluster import ClusterMetadata


def test_first_question_for_a_topic_is_hardly_put_off() -> None:
    client = SimpleNamespace(_cluster=ClusterMetadata(bootstrap_servers="127.0.0.1:9"))
    assert client._cluster.refresh_backoff() == 100

    _ask_at_once(client)

    assert client._cluster.refresh_backoff() == 5


@pytest.mark.parametrize("client", [object(), SimpleNamespace(_cluster=None), SimpleNamespace(_cluster={"config": 5})])
def test_client_of_another_make_stays_as_it_is(client: Any) -> None:
    _ask_at_once(client)
