# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account in Prometheus' text format. Counts nothing itself, so that after a restart all counters go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import MissingLibrary
from .account import SENDER, Account
from .book import Book
from .lag import LagWatch
from .tally import BUCKETS, COUNTERS, Tally

try:
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from prometheus_client.metrics_core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
        Metric,
    )
    from prometheus_client.registry import Collector
except ImportError as error:
    PROMETHEUS_ERROR: ImportError | None = error
    if TYPE_CHECKING:
        raise
    Collector = object  # type: ignore[misc]
else:
    PROMETHEUS_ERROR = None

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "loggy_canary_"
_BY_STOP = {
    "seen": "Loggys that have been at this stop, late ones included; for the sender: that were acknowledged",
    "lost": "Loggys that were not at this stop at their deadline, nor at any stop before; each counts at one stop",
    "late": "Loggys that came to this stop after their deadline",
    "duplicates": "Further copies of Loggys that had been at this stop before",
    "unexpected": "Events of this canary with a number that it never sent, or that is older than its account",
    "out_of_order": "Loggys that came to this stop after one that was sent later",
    "unproven": "Loggys whose document names a record of the topic that is not theirs",
}


class Metrics:
    def __init__(self, book: Book, lag: LagWatch | None = None) -> None:
        if PROMETHEUS_ERROR is not None:
            raise MissingLibrary("prometheus_client", PROMETHEUS_ERROR)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_AccountCollector(book))
        if lag is not None:
            self._registry.register(_LagCollector(lag))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _AccountCollector(Collector):
    def __init__(self, book: Book) -> None:
        self._book = book

    def collect(self) -> Iterator[Any]:
        with self._book.reading() as account:
            metrics = [*_totals(account), *_by_stop(account)]
        yield from metrics


class _LagCollector(Collector):
    def __init__(self, lag: LagWatch) -> None:
        self._lag = lag

    def collect(self) -> Iterator[Metric]:
        yield _lag(self._lag.lags)


def _lag(lags: Mapping[tuple[str, str, int], int]) -> Metric:
    """By the name and the labels that Strimzi's exporter and kafka_exporter have for it."""
    family = GaugeMetricFamily(
        "kafka_consumergroup_lag",
        "Records that the group has not committed",
        labels=["consumergroup", "topic", "partition"],
    )
    for (group, topic, partition), lag in lags.items():
        family.add_metric([group, topic, str(partition)], lag)
    return family


def _totals(account: Account) -> Iterator[Metric]:
    yield CounterMetricFamily(f"{_PREFIX}sent", "Loggys that were sent", account.sent)
    yield CounterMetricFamily(f"{_PREFIX}arrived", "Loggys that were at every stop by their deadline", account.arrived)
    yield CounterMetricFamily(f"{_PREFIX}skipped", "Loggys that were due while none could be sent", account.skipped)
    yield GaugeMetricFamily(f"{_PREFIX}on_the_way", "Loggys that are not judged yet", len(account.on_the_way))


def _by_stop(account: Account) -> Iterator[Metric]:
    for name in COUNTERS:
        counter = CounterMetricFamily(_PREFIX + name, _BY_STOP[name], labels=["stop"])
        for stop, tally in account.tallies.items():
            counter.add_metric([stop], getattr(tally, name))
        yield counter
    up = GaugeMetricFamily(
        f"{_PREFIX}up", "Whether the stop could be read, or sent to, when last tried", labels=["stop"]
    )
    missing = GaugeMetricFamily(f"{_PREFIX}missing", "Overdue Loggys that have not come to this stop", labels=["stop"])
    last = GaugeMetricFamily(
        f"{_PREFIX}last_seen_timestamp_seconds", "When a Loggy was at this stop last", labels=["stop"]
    )
    latency = HistogramMetricFamily(f"{_PREFIX}latency_seconds", "From being sent to this stop", labels=["stop"])
    for stop, tally in account.tallies.items():
        up.add_metric([stop], is_up(account, stop))
        missing.add_metric([stop], len(tally.missing))
        last.add_metric([stop], tally.last_us / 1_000_000)
        latency.add_metric([stop], cumulative(tally), tally.latency_sum)
    yield from (up, missing, last, latency)


def is_up(account: Account, stop: str) -> bool:
    """The sender is believed to be up before his first Loggy; a stop has been read once."""
    return not account.error(stop) and (stop == SENDER or account.tallies[stop].read_us > 0)


def cumulative(tally: Tally) -> list[tuple[str, float]]:
    """Upper bound, and how many latencies are not above it."""
    bounds = [*(str(bound) for bound in BUCKETS), "+Inf"]
    return [(bound, float(sum(tally.buckets[: at + 1]))) for at, bound in enumerate(bounds)]
