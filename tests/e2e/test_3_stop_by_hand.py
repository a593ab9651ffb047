# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk-through's commands: one stop asked by hand, by a playbook of its own."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from tests.pipeline import Pipeline, Run

pytestmark = pytest.mark.e2e


def gen_logs(pipeline: Pipeline, **variables: object) -> str:
    """Logs, and returns the run id that the playbook showed."""
    run = pipeline.playbook("playbooks/gen_logs", **variables).expect_success()
    shown = re.search(r"run ([0-9a-f]{32})", run.output)
    assert shown, run.output
    return shown.group(1)


def ask(pipeline: Pipeline, playbook: str, until: str, **variables: object) -> Run:
    """Asks until ``until`` is in the answer: what was just logged may still be on its way."""
    end = time.monotonic() + 60
    while True:
        run = pipeline.playbook(f"playbooks/{playbook}", **variables).expect_success()
        if until in run.output or time.monotonic() > end:
            assert until in run.output, run.output
            return run


def test_loggy_logged_by_hand_is_found_at_each_stop_by_hand(built: Pipeline) -> None:
    loggy = gen_logs(built)
    brokers = ask(built, "read_brokers", until="1 records with", loggy_grep=loggy)
    index = ask(built, "elasticsearch", until="1 documents with", loggy_grep=loggy)
    assert re.search(r"output_tag-\d+@\d+  .*\( Loggy \) :D", brokers.output)
    assert re.search(r"logs-output_tag-\S+/\S+  .*\( Loggy \) :D", index.output)
    assert brokers.changed == index.changed == 0


def test_a_hundred_neighbours_smile_in_the_topic_and_in_the_index(built: Pipeline) -> None:
    run = gen_logs(built, loggy_count=100)
    brokers = ask(built, "read_brokers", until="100 records with", loggy_grep=run)
    ask(built, "elasticsearch", until="100 documents with", loggy_grep=run)
    assert "Loggy neighbor:100 :)" in brokers.output
    assert "( Loggy )" not in brokers.output
    assert ":)" in ask(built, "elasticsearch", until="documents with :)", loggy_grep=":)").output


def test_the_indices_are_listed_with_their_counts(built: Pipeline) -> None:
    gen_logs(built)
    listed = ask(built, "elasticsearch", until="logs-output_tag-").output
    assert re.search(r"(green|yellow) +\d+  logs-output_tag-", listed)
    assert "documents with" not in listed


def test_check_mode_logs_nothing_and_says_where_it_would_go(built: Pipeline) -> None:
    run = built.playbook("playbooks/gen_logs", "--check", loggy_count=5).expect_success()
    assert f"would go to forward {built.forward_address} tag output_tag" in run.words
    assert "acknowledged" not in run.output


def test_no_aggregator_is_an_answer(built: Pipeline) -> None:
    run = built.playbook("playbooks/aggregate_logger").expect_success()
    assert f"There is no aggregator. Applications send straight to {built.forward_address}." in run.words


def test_an_aggregator_shows_the_newest_of_the_lines_that_it_noted(built: Pipeline, tmp_path: Path) -> None:
    lines = [json.dumps({"message": f"Loggy neighbor:{number} :)"}) + "\n" for number in range(12)]
    for name, since, part in (("loggy.b.log", 100, lines[:6]), ("loggy.a.log", 200, lines[6:]), ("other", 300, lines)):
        (tmp_path / name).write_text("".join(part))
        os.utime(tmp_path / name, (since, since))
    noted = {"fluentd_deployed": True, "fluentd_seen": f"{tmp_path}/loggy*.log"}

    shown = built.playbook("playbooks/aggregate_logger", "--check", loggy_limit=7, **noted).expect_success()
    smiling = built.playbook("playbooks/aggregate_logger", loggy_grep="neighbor:7 :)", **noted).expect_success()
    nothing = built.playbook("playbooks/aggregate_logger", loggy_grep="Doggy", **noted).expect_success()

    assert re.findall(r"neighbor:(\d+)", shown.output) == ["5", "6", "7", "8", "9", "10", "11"]
    assert "1 lines with neighbor:7 :)" in smiling.output
    assert "0 lines with Doggy" in nothing.output


def test_a_topic_that_is_not_there_is_said_in_one_line(built: Pipeline) -> None:
    first = built.playbook("playbooks/read_brokers", loggy_topic="no-such-topic").expect_failure().error
    assert "Reading topic no-such-topic" in first
    assert "UnknownTopicOrPartition" in first


@pytest.mark.parametrize("name", ["gen_logs", "aggregate_logger", "read_brokers", "elasticsearch"])
def test_each_is_there_under_the_collection_s_name_too(built: Pipeline, name: str) -> None:
    assert built.playbook(f"loggy.pipeline.{name}", "--check").expect_success().recap["failed"] == 0
