"""The lag of consumer groups: right by partition, gone while it can't be read, back when it can."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.lag import LagWatch, Watched
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.program import views
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import groups
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import Connection
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.canary.pipeline import Pipeline, running_pipeline


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Pipeline]:
    with running_pipeline(monkeypatch, tmp_path) as pipeline:
        monkeypatch.setattr(groups, "admin_client", pipeline.cluster.admin_client)
        yield pipeline


@contextmanager
def watching(*watched: Watched) -> Iterator[LagWatch]:
    watch = LagWatch(Connection((("fake", 9092),)), watched, pause=0.02)
    watch.start()
    yield watch
    watch.close(timeout=5)


def wait(what: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_lag_is_what_the_group_has_not_committed_of_each_partition(pipeline: Pipeline) -> None:
    pipeline.cluster.topics["logs"].logs.append([])
    for partition in (0, 0, 0, 1, 1):
        pipeline.cluster.produce("logs", b"{}", partition=partition)
    pipeline.cluster.committed["sink"] = {("logs", 0): 2}
    with watching(Watched("sink", "logs"), Watched("other", "logs")) as watch:
        wait(lambda: bool(watch.lags))
        assert watch.lags == {
            ("sink", "logs", 0): 1,
            ("sink", "logs", 1): 2,
            ("other", "logs", 0): 3,
            ("other", "logs", 1): 2,
        }
        pipeline.cluster.committed["sink"] = {("logs", 0): 3, ("logs", 1): 2}
        wait(lambda: watch.lags["sink", "logs", 0] == watch.lags["sink", "logs", 1] == 0)


def test_a_lag_that_cant_be_read_is_not_shown_and_comes_back(pipeline: Pipeline) -> None:
    pipeline.cluster.produce("logs", b"{}")
    with watching(Watched("sink", "logs"), Watched("sink", "no such topic")) as watch:
        wait(lambda: watch.lags == {("sink", "logs", 0): 1})
        pipeline.kafka_is_up = False
        wait(lambda: watch.lags == {})
        pipeline.kafka_is_up = True
        wait(lambda: watch.lags == {("sink", "logs", 0): 1})


def test_the_canary_shows_it_among_its_metrics(pipeline: Pipeline) -> None:
    pipeline.cluster.committed["sink"] = {("logs", 0): 0}
    pipeline.pause_sink()
    with pipeline.canary(lag=[{"group": "sink", "topic": "logs"}]) as canary:
        canary.wait(lambda account: account.sent > 2)
        watch = canary.probe.lag
        assert watch is not None
        wait(lambda: bool(watch.lags))
        (family,) = [
            one
            for one in text_string_to_metric_families(views(canary.probe)["/metrics"]("").content.decode())
            if one.name == "kafka_consumergroup_lag"
        ]
        (sample,) = family.samples
    assert sample.labels == {"consumergroup": "sink", "topic": "logs", "partition": "0"}
    assert sample.value == watch.lags["sink", "logs", 0]
