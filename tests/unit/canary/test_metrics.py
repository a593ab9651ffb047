"""The histograms, against latencies that are known."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.loggy.pipeline.plugins.module_utils.canary.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.book import Book
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.metrics import Metrics
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.tally import BUCKETS
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.way import Sighting
from prometheus_client.parser import text_string_to_metric_families

SECOND = 1_000_000
LATENCIES = [0.05, 0.1, 0.3, 7.0, 5000.0, -2.0]


def test_each_bucket_counts_all_latencies_that_are_not_above_its_bound(tmp_path: Path) -> None:
    book = Book(Account("canary_1", {"topic": "topic"}, 60), tmp_path / "state.json")
    for number, latency in enumerate(LATENCIES, start=1):
        book.account.take(100 * SECOND)
        book.account.see("topic", [Sighting(number, round((100 + latency) * SECOND))])
    (family,) = [
        one
        for one in text_string_to_metric_families(Metrics(book).text().decode())
        if one.name == "loggy_canary_latency_seconds"
    ]
    assert family.type == "histogram"
    told = {
        sample.labels["le"]: sample.value
        for sample in family.samples
        if sample.name.endswith("_bucket") and sample.labels["stop"] == "topic"
    }
    # A sighting before the sending is a difference of clocks.
    latencies = [max(0.0, latency) for latency in LATENCIES]
    assert told == {
        **{str(bound): sum(latency <= bound for latency in latencies) for bound in BUCKETS},
        "+Inf": len(latencies),
    }


def test_every_name_is_there_for_every_stop_before_anything_happened(tmp_path: Path) -> None:
    text = Metrics(Book(Account("canary_1", {"topic": "topic"}, 60), tmp_path / "state.json")).text().decode()
    for place in ("sender", "topic"):
        for name in ("seen", "lost", "late", "duplicates", "unexpected", "out_of_order", "unproven"):
            assert f'loggy_canary_{name}_total{{stop="{place}"}} 0.0' in text
    assert 'loggy_canary_up{stop="topic"} 0.0' in text, "nobody has looked yet"
    assert "process_resident_memory_bytes" in text
