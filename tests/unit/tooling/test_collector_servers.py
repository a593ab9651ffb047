"""The stand-in for a collector sends as Fluentd does: of a store's servers, the next one gets what one refuses."""

from __future__ import annotations

import socket

import pytest

from tests.cluster.collector.fluentd import stores
from tests.forward_client import ForwardClient
from tests.unit.fakes.forward import forward_server

CONFIGURATION = """
<match output_tag>
  @type copy
  <store>
    @type forward
    connect_timeout 5
    <server>
      host worker-0.workers.loggy.svc
      port 24224
    </server>
    <server>
      # why
      port 24225
      host worker-1.workers.loggy.svc
    </server>
    <buffer tag>
      @type file
      path /hosts/host 1
    </buffer>
  </store>
  <store>
    @type null
  </store>
  <store>
    @type forward
    <server>
      host alone
      port 1
    </server>
  </store>
</match>
"""
# Nobody listens there.
FIRST, LAST = "127.0.0.2", "127.0.0.3"


def test_every_server_of_a_store_is_found() -> None:
    workers = [("worker-0.workers.loggy.svc", 24224), ("worker-1.workers.loggy.svc", 24225)]
    assert stores(CONFIGURATION) == [workers, [("alone", 1)]]


def test_the_server_that_takes_a_connection_gets_all() -> None:
    with forward_server() as server:
        others = [("127.0.0.1", server.port), (LAST, server.port)]
        client = ForwardClient(FIRST, server.port, "t", others=others, patience=5)
        client.send(enumerate([{"n": number} for number in range(30)]), chunk_size=10)
        assert client.acknowledged == set(range(30))
        assert len(server.chunks) == 3


def test_another_server_gets_what_one_that_is_gone_has_not_acknowledged() -> None:
    with forward_server(close_on=lambda number: number > 0) as one, forward_server() as other:
        client = ForwardClient("127.0.0.1", one.port, "t", others=[("127.0.0.1", other.port)], patience=5)
        client.send([(1, {})], chunk_size=1)
        one.close()
        client.send([(2, {}), (3, {})], chunk_size=1)
        assert client.acknowledged == {1, 2, 3}
        assert (len(one.chunks), len(other.chunks)) == (1, 2)


def test_who_is_refused_by_all_gives_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = ForwardClient(FIRST, port, "t", others=[(LAST, port)], patience=0.2)
    with pytest.raises(ConnectionRefusedError):
        client.send([(1, {})], chunk_size=1)
