# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml and verify-loggy.yml as a user runs them, and what a change of one variable changes."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import requests

from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e


def worker_pid(pipeline: Pipeline) -> int:
    return int(pipeline.supervisorctl("pid", "connect"))


def test_a_run_that_was_interrupted_in_the_middle_converges_when_run_again(pipeline: Pipeline) -> None:
    declared = pipeline.state_dir / "supervisor" / "conf.d" / "kafka.conf"
    run = pipeline.start_playbook("site")
    while not declared.exists():
        assert run.poll() is None, run.stdout.read() if run.stdout else ""
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    pipeline.playbook("site").expect_success()
    assert "arrived" in pipeline.playbook("verify-loggy").expect_success().output


def test_a_second_run_changes_nothing(built: Pipeline) -> None:
    assert built.playbook("site").expect_success().changed == 0


def test_check_mode_of_a_pipeline_that_is_as_declared_changes_nothing(built: Pipeline) -> None:
    assert built.playbook("site", "--check", "--diff").expect_success().changed == 0


def test_verification_finds_loggy_and_all_neighbours_and_writes_it_down(built: Pipeline) -> None:
    run = built.playbook("verify-loggy", loggy_neighbours=250).expect_success()
    report = json.loads((built.state_dir / "reports" / "commute.json").read_text())
    assert report["verdict"] == "arrived"
    topic, index = (next(stop for stop in report["stops"] if stop["kind"] == kind) for kind in ("topic", "index"))
    assert topic["found"] == index["found"] == 251
    assert topic["duplicates"]["copies"] == index["duplicates"]["copies"] == 0
    assert topic["place"] in run.output
    assert index["place"] in run.output


def test_an_aggregator_that_is_not_there_is_never_shown_as_passed(built: Pipeline) -> None:
    # Written as on a command line, where every value is text.
    words = ["loggy_neighbours=1", "loggy_limit_latency_ms=0", "loggy_limit_lost=0", "loggy_deadline=60"]
    run = built.playbook("verify-loggy", *(word for given in words for word in ("-e", given))).expect_success()
    assert "not deployed" in run.output


def test_a_changed_topic_changes_just_that(built: Pipeline) -> None:
    topics = [{"name": "output_tag", "partitions": 4, "replication_factor": 1, "config": {"retention.ms": 604800000}}]
    assert built.playbook("site", "--check", kafka_topics=topics).expect_success().changed == 1
    assert built.playbook("site", kafka_topics=topics).expect_success().changed == 1
    assert built.playbook("site", kafka_topics=topics).expect_success().changed == 0
    built.variables["kafka_topics"] = topics


def test_a_changed_connector_changes_just_that_and_removing_the_setting_does_too(built: Pipeline) -> None:
    settings = {"elasticsearch_sink": {"bulk.max.documents": 500}}
    before = worker_pid(built)
    run = built.playbook("site", "--diff", connectors_settings=settings).expect_success()
    assert run.changed == 1
    assert "bulk.max.documents" in run.output
    removed = built.playbook("site", "--diff").expect_success()
    assert removed.changed == 1
    assert "bulk.max.documents" in removed.output
    assert worker_pid(built) == before


def test_a_changed_plug_in_restarts_connect_and_an_unchanged_one_does_not(built: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "plug-in").mkdir()
    jar = next((built.state_dir / "software").glob("kafka-*/connect-file-*.jar"))
    (tmp_path / "plug-in" / jar.name).write_bytes(jar.read_bytes())
    extra = [{"name": "file", "artifacts": [{"path": str(tmp_path / "plug-in")}]}]
    before = worker_pid(built)
    built.playbook("site", connect_plugins_extra=extra).expect_success()
    restarted = worker_pid(built)
    assert restarted != before
    assert built.playbook("site", connect_plugins_extra=extra).expect_success().changed == 0
    assert worker_pid(built) == restarted
    assert (built.state_dir / "plugins" / "file").exists()
    built.playbook("site").expect_success()
    assert not (built.state_dir / "plugins" / "file").exists()


def test_a_plug_in_with_a_wrong_checksum_is_refused_and_the_old_ones_stay(built: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "sink.jar").write_bytes(b"not what was promised")
    artifact = {"path": str(tmp_path / "sink.jar"), "checksum": "sha256:" + "0" * 64}
    before, plugins = worker_pid(built), sorted((built.state_dir / "plugins").rglob("*.jar"))
    run = built.playbook("site", connect_plugins_extra=[{"name": "sink", "artifacts": [artifact]}]).expect_failure()
    assert "sink.jar" in run.output
    assert "sha256" in run.output
    assert worker_pid(built) == before
    assert sorted((built.state_dir / "plugins").rglob("*.jar")) == plugins


def test_a_class_that_no_worker_has_is_named_before_any_connector_changes(built: Pipeline) -> None:
    connector = {"name": "typo", "config": {"connector.class": "loggy.connect.Frward", "tasks.max": 1}}
    run = built.playbook("site", connectors=[connector]).expect_failure()
    assert "loggy.connect.Frward" in run.output
    assert "typo" not in connectors_of(built)


def test_a_field_of_a_wrong_type_is_named_with_its_connector(built: Pipeline) -> None:
    settings = {"elasticsearch_sink": {"bulk.max.documents": "many"}}
    run = built.playbook("site", connectors_settings=settings).expect_failure()
    assert "loggy-elasticsearch-sink" in run.output
    assert "bulk.max.documents" in run.output
    assert built.playbook("site", "--check").expect_success().changed == 0


def connectors_of(pipeline: Pipeline) -> list[str]:
    return list(requests.get(f"{pipeline.connect_url}/connectors", timeout=10).json())


def test_a_plug_in_without_the_class_that_it_is_there_for_is_refused_and_the_old_ones_stay(
    built: Pipeline, tmp_path: Path
) -> None:
    jar = next((built.state_dir / "plugins" / "elasticsearch-sink").glob("elasticsearch-sink-*.jar"))
    (tmp_path / "sink.jar").write_bytes(jar.read_bytes())
    artifact = {"path": str(tmp_path / "sink.jar")}
    before = worker_pid(built)
    extra = [{"name": "sink", "classes": ["org.example.Sink"], "artifacts": [artifact]}]
    run = built.playbook("site", connect_plugins_extra=extra).expect_failure()
    assert "would not have the class org.example.Sink" in run.words
    assert worker_pid(built) == before
    assert not (built.state_dir / "plugins" / "sink").exists()
