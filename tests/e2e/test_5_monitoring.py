# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipeline that is watched: every target up, every panel with numbers, an alert that fires and resolves, and gone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.bench.kafka_side import topic
from tests.conftest import short_folder
from tests.pipeline import PORTS, ROOT, WATCHED_PORTS, Pipeline, Run, free_ports

pytestmark = pytest.mark.e2e

JOBS = ["canary", "connect", "elasticsearch", "kafka"]
DASHBOARDS = {"loggy-commute": 14, "loggy-kafka": 12, "loggy-connect": 17, "loggy-elasticsearch": 11}
NEIGHBOURS = 10_000
# 735 on a machine with one disk and one network device, half of them Elasticsearch's.
MOST_SERIES = 1000
MORE = 5
SHARDS = "elasticsearch_cluster_health_active_primary_shards"
PARTITIONS = "kafka_server_partitions"
QUICK = {
    "monitoring_enabled": True,
    "monitoring_scrape_interval": "1s",
    "monitoring_alerts_for": "4s",
    "canary_interval": 0.5,
    "canary_poll_interval": 0.3,
}


class Watched:
    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.pipeline.ports['monitoring_prometheus_port']}"

    def ask(self, path: str, **given: Any) -> Any:
        answer = requests.get(f"{self.url}/api/v1/{path}", params=given, timeout=10)
        answer.raise_for_status()
        return answer.json()["data"]

    def targets(self) -> dict[str, str]:
        return {target["labels"]["job"]: target["health"] for target in self.ask("targets")["activeTargets"]}

    def alert(self, name: str) -> str:
        states = {found["state"] for found in self.ask("alerts")["alerts"] if found["labels"]["alertname"] == name}
        return max(states, default="inactive", key=["inactive", "pending", "firing"].index)

    def number(self, query: str) -> float:
        return float(self.ask("query", query=query)["result"][0]["value"][1])

    def wait_for_number(self, query: str, least: float) -> None:
        wait_until(
            lambda: (self.number(query) >= least or None, str(self.number(query))),
            timeout=60,
            interval=0.2,
            what=f"{query} of {least:g}",
        )

    def wait_for_targets(self, job: str, health: str) -> None:
        wait_until(
            lambda: (self.targets().get(job) == health or None, str(self.targets())),
            timeout=60,
            interval=0.2,
            what=f"{job} {health}",
        )

    def wait_for_alert(self, name: str, state: str) -> None:
        wait_until(
            lambda: (self.alert(name) == state or None, self.alert(name)),
            timeout=60,
            interval=0.2,
            what=f"{name} {state}",
        )

    def page(self, dashboard: str) -> Run:
        given = {"monitoring_page_dashboard": dashboard, "monitoring_page_range": 300}
        return self.pipeline.playbook("playbooks/dashboard", **given).expect_success()


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    folder = short_folder()
    ports = dict(zip((*PORTS, *WATCHED_PORTS), free_ports(len(PORTS) + len(WATCHED_PORTS)), strict=True))
    pipeline = Pipeline(folder / "state", variables=dict(QUICK), ports=ports)
    pipeline.playbook("site").expect_success()
    yield Watched(pipeline)
    if pipeline.state_dir.exists():
        pipeline.playbook("purge").expect_success()
    shutil.rmtree(folder)


def test_every_part_is_asked_and_a_second_run_changes_nothing(watched: Watched) -> None:
    for job in JOBS:
        watched.wait_for_targets(job, "up")
    assert sorted(watched.targets()) == JOBS
    assert watched.pipeline.playbook("site").expect_success().changed == 0
    # As people write it on a command line, and surveys of AWX hand it over: every value is text.
    given = {**watched.pipeline.ports, **watched.pipeline.variables}
    words = [word for name, value in given.items() for word in ("-e", f"{name}={value}")]
    assert watched.pipeline.playbook("site", *words).expect_success().changed == 0


def test_check_mode_says_what_would_change_and_changes_nothing(watched: Watched) -> None:
    before = watched.ask("status/config")
    asked = watched.pipeline.playbook("site", "--check", monitoring_limit_lag=77).expect_success()
    # The alerts, and what Prometheus is declared with.
    assert asked.changed == 2
    mine = [{"job_name": "mine", "authorization": {"credentials": "s3cret"}, "static_configs": [{"targets": ["a:1"]}]}]
    shown = watched.pipeline.playbook("site", "--check", "--diff", monitoring_scrape_configs=mine).expect_success()
    assert shown.changed == 2
    assert "s3cret" not in shown.output
    assert watched.ask("status/config") == before
    assert watched.pipeline.playbook("site", "--check").expect_success().changed == 0


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"monitoring_scrape_interval": "15"},
            "monitoring_scrape_interval is 15, which is no duration as Prometheus writes them.",
        ),
        (
            {"monitoring_prometheus_program": "/no/such/prometheus"},
            "monitoring_prometheus_program is /no/such/prometheus, and there is no such file.",
        ),
        ({"monitoring_scrape_configs": [{"job_name": "mine", "interval": "1s"}]}, "field interval not found"),
    ],
)
def test_what_prometheus_would_not_take_is_refused_and_it_goes_on_as_it_was(
    watched: Watched, variables: dict[str, Any], message: str
) -> None:
    before = watched.ask("status/config")
    assert message in watched.pipeline.playbook("site", **variables).expect_failure().words
    assert watched.ask("status/config") == before


def test_every_panel_of_every_dashboard_has_numbers_after_a_commute(watched: Watched) -> None:
    watched.pipeline.playbook("verify-loggy", loggy_neighbours=NEIGHBOURS).expect_success()
    watched.wait_for_number("sum(loggy_forward_source_events_total)", NEIGHBOURS)
    for name, panels in DASHBOARDS.items():
        assert f"{panels} panels, 0 queries without data" in watched.page(name).output, name
        page = (watched.pipeline.state_dir / "reports" / f"{name}.html").read_text(encoding="utf-8")
        assert "no data" not in page, name


def test_series_do_not_grow_with_topics_and_indices(watched: Watched) -> None:
    pipeline = watched.pipeline
    before = watched.ask("series", **{"match[]": '{job=~".+"}'})
    assert len(before) < MOST_SERIES
    shards, partitions = (watched.number(name) for name in (SHARDS, PARTITIONS))
    with ExitStack() as made:
        for number in range(MORE):
            made.enter_context(topic(pipeline, f"bounded-{number}"))
            index = f"{pipeline.elasticsearch_url}/bounded-{number}"
            requests.put(index, timeout=30).raise_for_status()
            made.callback(requests.delete, index, timeout=30)
        watched.wait_for_number(SHARDS, shards + MORE)
        watched.wait_for_number(PARTITIONS, partitions + MORE)
        after = watched.ask("series", **{"match[]": '{job=~".+"}'})
    assert [one for one in after if "bounded" in str(one)] == []
    # Of the group that the canary is told to look at.
    assert {one["topic"] for one in after if "topic" in one} == {"output_tag"}
    assert not set().union(*after) & {"tag", "client", "client_id", "index"}


def test_a_killed_connect_is_pending_then_firing_then_resolved_and_the_page_shows_it(watched: Watched) -> None:
    alert = "LoggyTargetDown"
    assert watched.alert(alert) == "inactive"
    watched.pipeline.kill("connect")
    watched.pipeline.supervisorctl("stop", "connect")  # or it would be back before anybody has noticed
    watched.wait_for_alert(alert, "pending")
    watched.wait_for_alert(alert, "firing")
    (firing,) = [found for found in watched.ask("alerts")["alerts"] if found["labels"]["alertname"] == alert]
    assert firing["labels"]["job"] == "connect"
    assert firing["annotations"]["summary"].startswith("connect at 127.0.0.1:")
    assert f"{alert}: firing" in watched.page("loggy-commute").output
    watched.pipeline.supervisorctl("start", "connect")
    watched.wait_for_targets("connect", "up")
    watched.wait_for_alert(alert, "inactive")
    assert f"{alert}: resolved" in watched.page("loggy-commute").output
    page = (watched.pipeline.state_dir / "reports" / "loggy-commute.html").read_text(encoding="utf-8")
    assert alert in page


def test_switched_off_nothing_of_it_is_left_and_the_pipeline_runs_on_without(watched: Watched) -> None:
    pipeline = watched.pipeline
    pipeline.playbook("site", monitoring_enabled=False).expect_success()
    assert sorted(line.split()[0] for line in pipeline.supervisorctl("status").splitlines()) == [
        "connect",
        "elasticsearch",
        "kafka",
    ]
    left = [path for path in pipeline.state_dir.rglob("*") if path.name in {"prometheus", "monitoring", "jmx-agent"}]
    assert left == []
    declared = (pipeline.state_dir / "supervisor" / "conf.d" / "connect.conf").read_text(encoding="utf-8")
    assert "javaagent" not in declared
    with pytest.raises(requests.ConnectionError):
        watched.targets()
    assert pipeline.playbook("site", monitoring_enabled=False).expect_success().changed == 0
    pipeline.playbook("verify-loggy").expect_success()


def test_purge_takes_it_along(watched: Watched) -> None:
    watched.pipeline.playbook("site").expect_success()
    watched.wait_for_targets("connect", "up")
    watched.pipeline.playbook("purge").expect_success()
    assert not watched.pipeline.state_dir.exists()
    with pytest.raises(requests.ConnectionError):
        watched.targets()


def test_the_dashboards_are_those_that_the_role_has() -> None:
    folder = ROOT / "roles" / "monitoring" / "files" / "dashboards"
    assert {path.stem for path in folder.iterdir()} == set(DASHBOARDS)
    for name, panels in DASHBOARDS.items():
        found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["panels"]
        assert len([panel for panel in found if panel["type"] != "row"]) == panels, name
