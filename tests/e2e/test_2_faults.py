# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator sees at night: a part that stopped or was killed, and where Loggy was lost."""

from __future__ import annotations

import pytest

from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("program", ["connect", "kafka", "elasticsearch"])
def test_a_killed_program_is_started_again_by_itself_and_loggy_arrives(built: Pipeline, program: str) -> None:
    before = built.kill(program)
    # It only waits here: what keeps programs running has started it again.
    assert built.playbook("site").expect_success().changed == 0
    assert int(built.supervisorctl("pid", program)) not in (0, before)
    assert "arrived" in built.playbook("verify-loggy").expect_success().output


@pytest.mark.parametrize(
    ("program", "lost_at"),
    [("elasticsearch", "index"), ("connect", "topic")],
)
def test_the_first_line_names_the_stop_that_loggy_did_not_reach(built: Pipeline, program: str, lost_at: str) -> None:
    built.supervisorctl("stop", program)
    try:
        run = built.playbook("verify-loggy", loggy_deadline=10).expect_failure()
    finally:
        built.supervisorctl("start", program)
        built.playbook("site").expect_success()
    assert lost_at in run.output
    assert "arrived" not in run.output.split("PLAY RECAP")[0].rsplit("FAILED!", maxsplit=1)[-1].splitlines()[0]


def test_a_paused_sink_is_named_with_its_state(built: Pipeline) -> None:
    paused = [
        {"name": "loggy-elasticsearch-sink", "state": "paused", "config": sink_config(built)},
    ]
    built.playbook("site", connectors=paused).expect_success()
    run = built.playbook("verify-loggy", loggy_deadline=8).expect_failure()
    assert "PAUSED" in run.output
    built.playbook("site").expect_success()
    assert "arrived" in built.playbook("verify-loggy").expect_success().output


def sink_config(pipeline: Pipeline) -> dict[str, str]:
    import requests

    url = f"{pipeline.connect_url}/connectors/loggy-elasticsearch-sink/config"
    config: dict[str, str] = requests.get(url, timeout=10).json()
    config.pop("name")
    return config
