"""What the sender relies on in a receiver: the fake and a real one (LOGGY_FORWARD_ADDRESS=host:port) behave the same.

With LOGGY_FORWARD_SHARED_KEY the real one is one that asks for that key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.connection import Address, Connection
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.protocol import (
    Credentials,
    Encoder,
    acknowledged,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.sender import Patience, Sender
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges

from tests.unit.fakes.forward import forward_server

KEY = os.environ.get("LOGGY_FORWARD_SHARED_KEY")


@pytest.fixture(params=["fake", "fake with a key", pytest.param("real", marks=pytest.mark.integration)])
def address(request: pytest.FixtureRequest) -> Iterator[Address]:
    if request.param == "real":
        real = os.environ.get("LOGGY_FORWARD_ADDRESS")
        if not real:
            pytest.skip("LOGGY_FORWARD_ADDRESS names no receiver")
        host, _, port = real.rpartition(":")
        yield Address(host, int(port), credentials=Credentials("contract", KEY) if KEY else None)
        return
    key = "shared" if "key" in request.param else None
    with forward_server(shared_key=key) as server:
        yield Address("127.0.0.1", server.port, credentials=Credentials("contract", key) if key else None)


def entries(encoder: Encoder, count: int) -> bytes:
    return b"".join(encoder.entry(1_700_000_000_000_000 + n, {"message": f"contract {n}"}) for n in range(count))


@pytest.mark.parametrize("compress", [False, True])
def test_chunk_is_acknowledged_under_its_id(address: Address, compress: bool) -> None:
    encoder = Encoder("contract", compress=compress)
    chunk = encoder.chunk(entries(encoder, 3), 0, 2)
    connection = Connection(address)
    try:
        connection.write(chunk.message, 5)
        assert acknowledged(connection.read(10)) == chunk.id
    finally:
        connection.close()


def test_chunk_sent_twice_under_one_id_is_acknowledged_twice(address: Address) -> None:
    encoder = Encoder("contract")
    chunk = encoder.chunk(entries(encoder, 1), 0, 0)
    connection = Connection(address)
    try:
        connection.write(chunk.message * 2, 5)
        assert [acknowledged(connection.read(10)) for _ in range(2)] == [chunk.id] * 2
    finally:
        connection.close()


def test_many_chunks_in_flight_are_all_acknowledged(address: Address) -> None:
    encoder = Encoder("contract")
    sender = Sender(address, Patience(in_flight=16))
    sender.open()
    for number in range(50):
        sender.send(encoder.chunk(entries(encoder, 20), number * 20, number * 20 + 19))
    sender.drain()
    sender.close()

    assert sender.acknowledged == Ranges([(0, 999)])
    assert sender.resent == 0


def test_wrong_key_is_refused(address: Address) -> None:
    if address.credentials is None:
        pytest.skip("this receiver asks for no key")
    with pytest.raises(InvalidInput, match="refused the forward handshake"):
        Connection(Address(address.host, address.port, credentials=Credentials("contract", "wrong")))
