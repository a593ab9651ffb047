"""Memory does not grow with the number of events."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.connection import Address
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.options import Forward
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.sender import Patience
from ansible_collections.loggy.pipeline.plugins.module_utils.log.options import File, Sending
from ansible_collections.loggy.pipeline.plugins.module_utils.log.send import Sent, send

from tests.unit.fakes.forward import Behaviour, ForwardServer


class ForgetfulServer(ForwardServer):
    """Keeps one chunk, so that only the sender's memory is measured."""

    def _talk(self, connection: object) -> None:
        self.chunks = LastOnly()
        super()._talk(connection)  # type: ignore[arg-type]


class LastOnly(list):  # type: ignore[type-arg]
    def append(self, item: object) -> None:
        self[:] = [item]


def peak(sending: Sending, count: int) -> int:
    """Bytes that sending ``count`` events needs at most."""
    tracemalloc.start()
    try:
        writer, sent = sending.writer(), Sent()
        send(sending, range(count), writer, sent)
        assert len(writer.acknowledged) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["file", "forward"])
def test_eight_times_the_events_need_no_more_memory(kind: str, tmp_path: Path) -> None:
    server = ForgetfulServer(Behaviour())
    forward = Forward(Address("127.0.0.1", server.port), Patience(), "t", False, 500)
    sending = Sending("r", "p", 0, File(tmp_path / "log", False) if kind == "file" else forward)
    peak(sending, 1000)  # what is imported and cached once

    few, many = peak(sending, 5_000), peak(sending, 40_000)
    server.close()

    assert many < few * 1.5
