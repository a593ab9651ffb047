# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary on a real pipeline: what is killed or paused comes back, and its account of it is right afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.canary_reports import Reports, assert_it_adds_up, stop_of
from tests.pipeline import Pipeline, free_ports

pytestmark = pytest.mark.e2e

DEADLINE = 8
SINK = "loggy-elasticsearch-sink"


class Canary:
    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.url = f"http://127.0.0.1:{pipeline.variables['canary_port']}"
        reports = Reports(self._read, lambda: pipeline.log("canary")[-2000:])
        self.wait, self.settled = reports.wait, reports.settled

    def report(self) -> dict[str, Any]:
        return dict(requests.get(f"{self.url}/report", timeout=10).json())

    def _read(self) -> dict[str, Any]:
        try:
            return self.report()
        except requests.ConnectionError:
            return {}  # it is being started again

    def sink(self, verb: str) -> None:
        url = f"{self.pipeline.connect_url}/connectors/{SINK}"
        requests.put(f"{url}/{verb}", timeout=10).raise_for_status()
        wanted = {"pause": "PAUSED", "resume": "RUNNING"}[verb]
        end = time.monotonic() + 30
        while [task["state"] for task in requests.get(f"{url}/status", timeout=10).json()["tasks"]] != [wanted]:
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.fixture(scope="module")
def canary(built: Pipeline) -> Iterator[Canary]:
    mine = {
        "canary_enabled": True,
        "canary_port": free_ports(1)[0],
        "canary_interval": 0.5,
        "canary_poll_interval": 0.3,
        "canary_deadline": DEADLINE,
    }
    built.variables.update(mine)
    built.playbook("site").expect_success()
    yield Canary(built)
    for name in mine:
        built.variables.pop(name, None)


def test_every_loggy_arrives_and_a_second_run_changes_nothing_and_check_mode_says_what_would(canary: Canary) -> None:
    told = canary.wait(lambda told: told["arrived"] >= 5)
    assert (told["lost"], told["trouble"]) == (0, None)
    assert_it_adds_up(told)
    assert requests.get(f"{canary.url}/healthz", timeout=10).text == "ok\n"
    assert 'loggy_canary_up{stop="index"} 1.0' in requests.get(f"{canary.url}/metrics", timeout=10).text
    assert "<table>" in requests.get(f"{canary.url}/report", headers={"Accept": "text/html"}, timeout=10).text
    assert canary.pipeline.playbook("site").expect_success().changed == 0
    assert canary.pipeline.playbook("site", "--check", canary_interval=1.5).expect_success().changed == 2


def has_noticed(told: dict[str, Any], before: dict[str, Any]) -> bool:
    """A sender who waits for an answer skips the next Loggys; a stop that can't be read is out."""
    return told["skipped"] > before["skipped"] or told["last_outages"][:1] != before["last_outages"][:1]


@pytest.mark.parametrize("program", ["connect", "kafka", "elasticsearch"])
def test_a_program_that_is_killed_comes_back_and_nothing_stays_lost(canary: Canary, program: str) -> None:
    before = canary.settled(canary.report()["sent"])
    canary.pipeline.kill(program)
    canary.wait(lambda told: has_noticed(told, before))
    told = canary.wait(lambda told: all(stop["up"] for stop in told["stops"]))
    told = canary.settled(told["sent"])
    assert_it_adds_up(told)
    assert all(outage["to"] for outage in told["last_outages"])
    assert all(loss["verdict"].startswith("late at ") and loss["came"] for loss in told["last_losses"])


def test_a_paused_sink_loses_loggys_at_the_index_that_come_late_when_it_goes_on(canary: Canary) -> None:
    before = canary.settled(canary.report()["sent"])
    canary.sink("pause")
    lost = canary.wait(lambda told: stop_of(told, "index")["lost"] >= stop_of(before, "index")["lost"] + 5)
    loss = lost["last_losses"][0]
    assert (loss["verdict"], loss["last_seen"], loss["came"]) == ("lost at index", "topic", None)
    canary.sink("resume")
    told = canary.settled(lost["sent"])
    assert_it_adds_up(told)
    index = stop_of(told, "index")
    assert index["late"] - stop_of(before, "index")["late"] == told["lost"] - before["lost"] >= 5
    came = next(one for one in told["last_losses"] if one["number"] == loss["number"])
    assert came["verdict"] == "late at index"
    assert came["came"] > loss["judged"]


def test_a_canary_that_is_killed_goes_on_with_its_account_and_with_those_on_the_way(canary: Canary) -> None:
    before = canary.settled(canary.report()["sent"])
    canary.sink("pause")
    on_the_way = canary.wait(lambda told: told["on_the_way"]["count"] >= 6)
    canary.pipeline.kill("canary")
    canary.sink("resume")
    told = canary.settled(on_the_way["sent"])
    assert told["run"] == before["run"]
    assert_it_adds_up(told)
    # Whoever was on the way was found by the life after, in time or late.
    assert told["arrived"] + told["lost"] > on_the_way["sent"]
    assert stop_of(told, "topic")["seen"] >= stop_of(told, "index")["seen"] >= on_the_way["sent"]


def test_bad_settings_are_refused_and_the_canary_goes_on_as_it_was(canary: Canary) -> None:
    before = canary.report()
    run = canary.pipeline.playbook("site", canary_settings={"intervall": 1, "kafka": {"password": "secret"}})
    run.expect_failure()
    assert "intervall is no setting; is it interval?" in run.words
    assert "kafka.password is a secret" in run.words
    canary.wait(lambda told: told["run"] == before["run"] and told["arrived"] > before["arrived"])


def test_a_canary_that_is_switched_off_is_gone_with_all_it_had(canary: Canary) -> None:
    canary.pipeline.playbook("site", canary_enabled=False).expect_success()
    assert not (canary.pipeline.state_dir / "canary").exists()
    assert "canary" not in canary.pipeline.supervisorctl("status")
    # It ended when it was asked to.
    assert "killing 'canary'" not in (canary.pipeline.state_dir / "log" / "supervisord.log").read_text(encoding="utf-8")
    with pytest.raises(requests.ConnectionError):
        canary.report()
