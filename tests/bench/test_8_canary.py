# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weeks of the canary in minutes: its memory, and its account of faults that are known. Stops that keep nothing, and a
clock that is set."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.book import Book
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.follow import Follower
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.look import Look
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.metrics import Metrics
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.page import page
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.report import report
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.sender import Sender
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.log.options import Sending
from ansible_collections.loggy.pipeline.plugins.module_utils.log.writers import Entry, LinesWriter

LOGGYS = int(os.environ.get("LOGGY_BENCH_CANARY", "300000"))
INTERVAL = 5.0
DEADLINE = 60.0
SCRAPE_EVERY = 12
# An index that is away for so many hours in the middle.
OUTAGE_HOURS = 1
MOST_GROWTH_MIB = 8.0


@dataclass
class Way:
    """What the sender hands over comes out of the topic, and from there gets into the index, but for the faults.

    :ivar topic: (number, when it can be read) in the order in which it can.
    """

    clock: list[float]
    random: random.Random = field(default_factory=lambda: random.Random(1))
    topic: deque[tuple[int, int]] = field(default_factory=deque)
    index: dict[int, list[int]] = field(default_factory=dict)
    waiting: deque[tuple[float, int, int]] = field(default_factory=deque)
    offset: int = 0
    lost: int = 0
    late: int = 0
    doubled: int = 0
    is_down: bool = False

    def carry(self, number: int) -> None:
        self.index.pop(number - 100, None)
        fate = self.random.random()
        if fate < 0.002:
            self.lost += 1
            return
        if fate < 0.004:
            self.late += 1
            self.waiting.append((self.clock[0] + 2.5 * DEADLINE, number, 1))
            return
        copies = 2 if fate < 0.006 else 1
        self.doubled += copies - 1
        self._arrive(number, copies)

    def release(self) -> None:
        while self.waiting and self.waiting[0][0] <= self.clock[0]:
            _at, number, copies = self.waiting.popleft()
            self._arrive(number, copies)

    def _arrive(self, number: int, copies: int) -> None:
        for _ in range(copies):
            self.topic.append((number, self.offset))
            self.offset += 1
        # The same event twice is one document.
        self.index[number] = [self.offset - 1]


class Topic:
    has_all = ordered = False

    def __init__(self, way: Way) -> None:
        self._way = way

    def start(self) -> None: ...
    def close(self) -> None: ...
    def resume(self, position: Mapping[str, Any]) -> None: ...

    def health(self) -> Any:
        raise NotImplementedError

    def position(self) -> Mapping[str, Any]:
        return {"0": self._way.offset}

    def poll(self, account: Any, *, last: bool = False) -> None:
        assert isinstance(account, Look)
        while self._way.topic:
            number, offset = self._way.topic.popleft()
            account.see(number, round(self._way.clock[0] * 1_000_000), ("0", "canary"))
            account.coordinates.note(number, Coordinate("logs", 0, offset, 0))


class Index(Topic):
    has_all = True

    def position(self) -> Mapping[str, Any]:
        return {}

    def poll(self, account: Any, *, last: bool = False) -> None:
        if self._way.is_down:
            raise Unreachable("No answer from Elasticsearch.")
        assert isinstance(account, Look)
        for number, offsets in list(self._way.index.items()):
            for offset in offsets if number in account.missing else ():
                account.see(number, round(self._way.clock[0] * 1_000_000))
                account.coordinates.note(number, Coordinate("logs", 0, offset, 0))


class Entrance(Sending):
    """A destination that takes everything at once."""

    def writer(self, *, until: float = 0) -> Any:
        way: Way = self.to  # type: ignore[assignment]

        class Writer(LinesWriter):
            def write(self, entries: Any) -> None:
                for entry in entries:
                    assert isinstance(entry, Entry)
                    way.carry(entry.seq)

        return Writer()


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """The account on a disk that is none: what is measured here is not how long a disk takes."""
    where = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield Path(folder)


def test_weeks_take_no_more_memory_than_the_first_day_and_the_account_is_right(in_memory: Path) -> None:
    clock = [1_000_000.0]
    way = Way(clock)
    book = Book(Account("canary_1", {"topic": "topic", "index": "index"}, DEADLINE), in_memory / "s", lambda: clock[0])
    sender = Sender(Entrance("canary_1", "bench", 0.0, way), book, INTERVAL)  # type: ignore[arg-type]
    followers = [Follower("topic", lambda: Topic(way), book, 1.0), Follower("index", lambda: Index(way), book, 1.0)]
    metrics = Metrics(book)
    process = psutil.Process()
    began, figures, first = time.process_time(), [], 0.0
    outage = range(LOGGYS // 2, LOGGYS // 2 + round(OUTAGE_HOURS * 3600 / INTERVAL))
    for number in range(1, LOGGYS + 1):
        way.is_down = number in outage
        sender.send()
        clock[0] += INTERVAL
        way.release()
        for follower in followers:
            follower.look()
        with book.reading() as account:
            account.judge(book.now_us())
            account.news.clear()
        if number % SCRAPE_EVERY == 0:
            metrics.text()
        if number % 1000 == 0:
            page(report(book, ""))
        if number in (LOGGYS // 20, LOGGYS // 4, LOGGYS // 2, outage[-1], LOGGYS * 3 // 4, LOGGYS):
            figures.append((number, process.memory_info().rss / 2**20, len(book.account.way)))
            first = first or figures[0][1]
    _print(figures, time.process_time() - began, in_memory)

    account = book.account
    assert account.sent == account.arrived + account.lost + len(account.on_the_way) == LOGGYS
    topic, index = account.tallies["topic"], account.tallies["index"]
    assert topic.duplicates == way.doubled
    assert topic.lost == pytest.approx(way.lost + way.late, abs=20)
    assert topic.late == pytest.approx(way.late, abs=20)
    assert topic.unexpected == index.unexpected == index.unproven == 0
    # The outage itself is in the account's memory while it lasts, and given back afterwards or used again.
    assert figures[-1][1] - first < MOST_GROWTH_MIB + figures[3][1] - figures[2][1]


def _print(figures: list[tuple[int, float, int]], seconds: float, folder: Path) -> None:
    days = LOGGYS * INTERVAL / 86400
    print(f"\nCanary: {LOGGYS:,} Loggys, one each {INTERVAL:g} s: {days:.1f} days, in {seconds:.0f} s of CPU")
    print("Loggys     days    RSS MiB  on the way or just judged")
    for number, rss, way in figures:
        print(f"{number:>7,} {number * INTERVAL / 86400:>7.1f} {rss:>10.1f} {way:>7,}")
    print(f"account on disk: {(folder / 's').stat().st_size / 1024:.0f} KiB")
