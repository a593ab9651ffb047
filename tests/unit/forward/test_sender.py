"""The sender's rules about chunks in flight, on a link and a clock made for the test."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotReady, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.connection import Address
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.protocol import Chunk, Encoder
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.sender import Patience, Sender
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import given, settings
from hypothesis import strategies as st


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.001)


class Receiver:
    """Takes chunks on links that break as ``plan`` says, a word for each chunk: ack, silent, break, write, refuse."""

    def __init__(self, clock: Clock, plan: str = "") -> None:
        self.clock = clock
        self.plan = deque(plan.split())
        self.log: list[str] = []
        self.most_waiting = 0
        self.refused = 0

    def connect(self, address: Address) -> Receiver.Link:
        if self.plan and self.plan[0] == "refuse":
            self.plan.popleft()
            self.refused += 1
            raise ConnectionRefusedError(111, "Connection refused")
        return Receiver.Link(self)

    class Link:
        def __init__(self, receiver: Receiver) -> None:
            self.receiver = receiver
            self.acks: deque[str] = deque()
            self.broken = False
            self.unacked = 0

        def write(self, data: bytes, timeout: float) -> None:
            fate = self.receiver.plan.popleft() if self.receiver.plan else "ack"
            if fate == "write" or self.broken:
                raise BrokenPipeError(32, "Broken pipe")
            chunk_id = msgpack.unpackb(data)[2]["chunk"]
            self.receiver.log.append(chunk_id)
            self.unacked += 1
            self.receiver.most_waiting = max(self.receiver.most_waiting, self.unacked)
            self.broken = fate in ("break", "refuse")
            if fate == "ack":
                self.acks.append(chunk_id)

        def read(self, timeout: float) -> Any:
            if self.acks:
                self.unacked -= 1
                return {"ack": self.acks.popleft()}
            if self.broken:
                raise ConnectionResetError(104, "Connection reset by peer")
            self.receiver.clock.sleep(timeout)
            return None

        def close(self) -> None:
            pass


def sender_to(receiver: Receiver, **patience: Any) -> Sender:
    sender = Sender(
        Address("h", 1),
        Patience(**patience),
        connect=receiver.connect,
        clock=receiver.clock,
        sleep=receiver.clock.sleep,
    )
    sender.open()
    return sender


def chunks(count: int) -> list[Chunk]:
    encoder = Encoder("t")
    return [encoder.chunk(b"", number * 10, number * 10 + 9) for number in range(count)]


def test_every_chunk_is_acknowledged_and_none_sent_twice() -> None:
    receiver = Receiver(Clock())
    sender = sender_to(receiver)

    for chunk in chunks(30):
        sender.send(chunk)
    sender.drain()

    assert sender.acknowledged == Ranges([(0, 299)])
    assert (sender.chunks, sender.resent, len(receiver.log)) == (30, 0, 30)


def test_no_more_than_in_flight_chunks_wait_for_their_ack() -> None:
    receiver = Receiver(Clock(), "silent " * 3)
    sender = sender_to(receiver, in_flight=3, ack_timeout=5)

    for chunk in chunks(9):
        sender.send(chunk)
    sender.drain()

    assert receiver.most_waiting <= 3
    assert len(sender.acknowledged) == 90


def test_chunk_whose_connection_broke_goes_again_under_its_id() -> None:
    receiver = Receiver(Clock(), "ack break")
    sender = sender_to(receiver)
    first, second = chunks(2)

    sender.send(first)
    sender.send(second)
    sender.drain()

    assert receiver.log == [first.id, second.id, second.id]
    assert (sender.chunks, sender.resent) == (2, 1)
    assert len(sender.acknowledged) == 20


def test_write_that_fails_counts_as_sent_since_part_of_it_may_have_arrived() -> None:
    receiver = Receiver(Clock(), "write")
    sender = sender_to(receiver)
    (chunk,) = chunks(1)

    sender.send(chunk)
    sender.drain()

    assert receiver.log == [chunk.id]
    assert sender.resent == 1


def test_chunk_without_ack_goes_again_after_the_ack_timeout() -> None:
    receiver = Receiver(Clock(), "silent")
    sender = sender_to(receiver, ack_timeout=7)
    (chunk,) = chunks(1)

    sender.send(chunk)
    sender.drain()

    assert receiver.log == [chunk.id, chunk.id]
    assert 7 <= receiver.clock.now < 8


def test_receiver_that_comes_back_within_the_deadline_gets_everything() -> None:
    receiver = Receiver(Clock(), "ack silent break" + " refuse" * 20)
    sender = sender_to(receiver, deadline=60)

    for chunk in chunks(5):
        sender.send(chunk)
    sender.drain()

    assert receiver.refused == 20
    assert len(sender.acknowledged) == 50


def test_receiver_that_stays_away_ends_the_run_at_the_deadline() -> None:
    receiver = Receiver(Clock(), "ack break" + " refuse" * 1000)
    sender = sender_to(receiver, deadline=30)

    with pytest.raises(
        Unreachable, match=r"1 of 2 chunks sent to h:1 .* within 3\d\.\d s; last trouble: Connection refused"
    ):
        for chunk in chunks(2):
            sender.send(chunk)
        sender.drain()
    assert 30 <= receiver.clock.now < 32
    assert sender.acknowledged == Ranges([(0, 9)])


def test_receiver_that_keeps_every_ack_back_is_told_from_one_that_is_away() -> None:
    receiver = Receiver(Clock(), "silent " * 1000)
    sender = sender_to(receiver, deadline=30, ack_timeout=10)

    with pytest.raises(NotReady, match=r"1 of 1 chunks .* no acknowledgement within 10 s\. The receiver takes chunks"):
        for chunk in chunks(1):
            sender.send(chunk)
        sender.drain()
    assert 30 <= receiver.clock.now < 31


def test_first_connection_is_tried_once_and_refused_at_once() -> None:
    receiver = Receiver(Clock(), "refuse")

    with pytest.raises(Unreachable, match="Could not connect to the forward port h:1: Connection refused"):
        sender_to(receiver)
    assert receiver.clock.now == 0


def test_idle_connection_that_closes_after_its_acks_costs_no_resend() -> None:
    receiver = Receiver(Clock())
    sender = sender_to(receiver)
    first, second = chunks(2)
    sender.send(first)
    sender.drain()
    assert isinstance(sender._link, Receiver.Link)
    sender._link.broken = True

    sender.send(second)
    sender.drain()

    assert receiver.log == [first.id, second.id]
    assert sender.resent == 0


def test_refused_handshake_on_reconnect_is_not_tried_again() -> None:
    clock = Clock()
    receiver = Receiver(clock, "break")
    sender = sender_to(receiver)

    def refuse(address: Address) -> Receiver.Link:
        raise InvalidInput("refused the forward handshake")

    sender._connect = refuse
    with pytest.raises(InvalidInput):
        for chunk in chunks(1):
            sender.send(chunk)
        sender.drain()
    assert clock.now < 1


FATES = st.lists(st.sampled_from(["ack", "silent", "break", "write", "refuse"]), max_size=40)


@settings(deadline=None)
@given(FATES, st.integers(1, 12), st.integers(1, 4))
def test_whatever_breaks_all_is_acknowledged_and_each_was_received(
    fates: list[str], count: int, in_flight: int
) -> None:
    receiver = Receiver(Clock(), " ".join(["ack", *fates]))
    sender = sender_to(receiver, in_flight=in_flight, deadline=10_000)
    sent = chunks(count)

    for chunk in sent:
        sender.send(chunk)
    sender.drain()

    assert sender.acknowledged == Ranges([(0, count * 10 - 1)])
    assert set(receiver.log) == {chunk.id for chunk in sent}
    assert sender.resent >= len(receiver.log) - count
    assert receiver.most_waiting <= in_flight
