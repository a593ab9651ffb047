# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline with an aggregator in front: Fluentd where there is one, else a stand-in that plays its part."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgpack
import pytest

from tests.conftest import short_folder
from tests.pipeline import ROOT, Pipeline

pytestmark = pytest.mark.e2e

# The service user must be able to run it: the interpreter of the tests may lie in a home that it can't reach.
PYTHON = "/usr/bin/python3"


def fluentd(folder: Path) -> str:
    """The executable: the real one, or the stand-in in a folder that every user can read."""
    if real := shutil.which("fluentd"):
        return real
    if subprocess.run([PYTHON, "--version"], check=False, capture_output=True).returncode:
        pytest.skip(f"no fluentd on PATH, and no {PYTHON} to run the stand-in with")
    shutil.copytree(Path(msgpack.__file__).parent, folder / "bin" / "msgpack")
    for name in ("fluentd_stand_in.py", "forward_client.py"):
        shutil.copy(ROOT / "tests" / name, folder / "bin" / name)
    executable = folder / "bin" / "fluentd"
    executable.write_text(f'#!/bin/sh\nexec {PYTHON} {folder}/bin/fluentd_stand_in.py "$@"\n')
    executable.chmod(0o755)
    return str(executable)


@pytest.fixture(scope="module")
def with_aggregator() -> Iterator[Pipeline]:
    folder = short_folder()
    pipeline = Pipeline(folder / "state", {"fluentd_install": "require", "fluentd_executable": fluentd(folder)})
    pipeline.playbook("site").expect_success()
    yield pipeline
    pipeline.playbook("purge").expect_success()
    shutil.rmtree(folder)


def test_loggy_is_found_in_the_aggregator_too(with_aggregator: Pipeline) -> None:
    run = with_aggregator.playbook("verify-loggy").expect_success()
    report = json.loads((with_aggregator.state_dir / "reports" / "commute.json").read_text())
    assert [(stop["name"], stop["found"]) for stop in report["stops"]] == [
        ("application", 101),
        ("aggregator", 101),
        ("topic", 101),
        ("index", 101),
    ]
    assert report["stops"][1]["place"] in run.output


def test_a_second_run_neither_changes_nor_restarts_it(with_aggregator: Pipeline) -> None:
    before = with_aggregator.supervisorctl("pid", "fluentd")
    assert with_aggregator.playbook("site").expect_success().changed == 0
    assert with_aggregator.supervisorctl("pid", "fluentd") == before


def test_a_configuration_that_fluentd_refuses_never_replaces_the_one_that_runs(with_aggregator: Pipeline) -> None:
    config = with_aggregator.state_dir / "fluentd" / "fluent.conf"
    before, pid = config.read_text(), with_aggregator.supervisorctl("pid", "fluentd")
    with_aggregator.playbook("site", fluentd_configuration="<match other>\n@type stdout").expect_failure()
    assert config.read_text() == before
    assert with_aggregator.supervisorctl("pid", "fluentd") == pid


def test_a_changed_configuration_reloads_it_once(with_aggregator: Pipeline) -> None:
    before = with_aggregator.supervisorctl("pid", "fluentd")
    assert with_aggregator.playbook("site", fluentd_flush_interval=2).expect_success().changed == 4
    assert with_aggregator.supervisorctl("pid", "fluentd") != before
    with_aggregator.playbook("site").expect_success()


def test_logs_that_were_written_while_the_source_was_away_arrive_when_it_is_back(with_aggregator: Pipeline) -> None:
    with_aggregator.kill("connect")
    assert "arrived" in with_aggregator.playbook("verify-loggy", loggy_deadline=120).expect_success().output


def test_a_stopped_aggregator_is_where_loggy_was_lost(with_aggregator: Pipeline) -> None:
    with_aggregator.supervisorctl("stop", "fluentd")
    try:
        run = with_aggregator.playbook("verify-loggy", loggy_deadline=5).expect_failure()
    finally:
        with_aggregator.supervisorctl("start", "fluentd")
    assert "lost at aggregator" in run.words
