"""What a follower does beside looking: it ends with what it opened, in the thread that opened it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from ansible_collections.loggy.pipeline.plugins.module_utils.canary.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.book import Book
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.follow import Follower


class Recorded:
    """A stop that has nothing, and notes which thread opened and which one closed it."""

    has_all = False

    def __init__(self) -> None:
        self.opened_by = threading.current_thread().name
        self.closed_by: list[str] = []

    def start(self) -> None:
        pass

    def resume(self, position: Any) -> None:
        pass

    def position(self) -> Any:
        return {}

    def poll(self, look: Any) -> None:
        pass

    def close(self) -> None:
        self.closed_by.append(threading.current_thread().name)


def test_a_follower_closes_its_stop_itself_before_it_ends(tmp_path: Path) -> None:
    made: list[Recorded] = []

    def open_stop() -> Recorded:
        made.append(Recorded())
        return made[-1]

    book = Book(Account("run", {"topic": "topic"}, 60.0), tmp_path / "state.json")
    follower = Follower("topic", open_stop, book, pause=0.01)
    follower.start()
    assert follower.started.wait(5)
    follower.close(timeout=5)
    assert not follower.is_alive
    (stop,) = made
    assert stop.closed_by == [stop.opened_by] == ["stop topic"]
