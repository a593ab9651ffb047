# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source for ansible-rulebook: what it emits, and that it emits it once."""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.fakes.connect import Fault, fake_connect
from tests.unit.fakes.connect_cluster import FakeCluster

SOURCE = Path(__file__).resolve().parents[3] / "extensions" / "eda" / "plugins" / "event_source" / "pipeline.py"
# As ansible-rulebook loads it.
source = SimpleNamespace(**runpy.run_path(str(SOURCE)))
CONFIG = {"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "file": "x", "topic": "y"}


def events(look: Any) -> list[dict[str, Any]]:
    return list(look.events())


def report(*verdicts: tuple[int, str], run: str = "r1") -> dict[str, Any]:
    newest_first = [{"number": number, "sent": "then", "verdict": verdict} for number, verdict in reversed(verdicts)]
    return {"run": run, "last_verdicts": newest_first}


def test_a_failure_is_told_once_until_it_is_gone_and_back() -> None:
    cluster = FakeCluster()
    with fake_connect(cluster) as worker:
        worker.put_config({}, "logs", CONFIG)
        cluster.settle()
        (look,) = source.looks_of({"connect_urls": [worker.url + "/"]})
        assert events(look) == []
        cluster.fail("logs", "org.example.Broken: a disk\n\tat here")
        (failed,) = events(look)
        assert (failed["kind"], failed["connector"], failed["tasks"]) == ("connector_failed", "logs", [0])
        assert failed["trace"].startswith("org.example.Broken: a disk")
        assert events(look) == []
        cluster.start(cluster.connectors["logs"], worker.worker_id)
        assert [event["kind"] for event in events(look)] == ["connector_recovered"]
        cluster.fail("logs", "again", task=None)
        assert [event["kind"] for event in events(look)] == ["connector_failed"]


def test_who_does_not_answer_is_told_once_and_when_he_is_back() -> None:
    with fake_connect() as worker:
        (look,) = source.looks_of({"connect_urls": ["http://127.0.0.1:9", worker.url]})
        assert events(look) == []
        worker.faults.append(Fault("GET /connectors", 503, times=2))
        (lost,) = events(look)
        assert (lost["kind"], lost["source"]) == ("unreachable", "connect")
        assert "503" in lost["error"]
        assert events(look) == []
        assert [event["kind"] for event in events(look)] == ["reachable"]


def test_each_verdict_since_the_beginning_is_told_once_late_ones_too() -> None:
    new = source.Verdicts().new
    assert list(new(report((1, "arrived"), (3, "arrived")))) == []
    told = list(new(report((1, "arrived"), (3, "arrived"), (2, "lost at index"), (4, "arrived"))))
    assert [(event["number"], event["verdict"]) for event in told] == [(2, "lost at index"), (4, "arrived")]
    assert list(new(report((2, "lost at index"), (4, "arrived")))) == []
    assert [event["number"] for event in new(report((2, "arrived"), run="r2"))] == [2]


@pytest.mark.parametrize(
    ("args", "message"),
    [({}, "there is nothing to ask"), ({"connect_url": "http://x"}, "The source has no option connect_url")],
)
def test_options_that_cannot_work_are_refused(args: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        asyncio.run(source.main(asyncio.Queue(), args))
