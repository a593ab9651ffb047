# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/awx.yml with awx.awx's own modules, against a stand-in of AWX's API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ansible
import pytest

from tests.pipeline import ROOT, Run, _recap
from tests.unit.fakes.awx import FakeAwx, fake_awx

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not (Path(ansible.__file__).parents[1] / "ansible_collections" / "awx" / "awx").is_dir(),
        reason="the package ansible of this Python does not bring the collection awx.awx",
    ),
]

SECRET = "a-secret-of-elasticsearch"
VARIABLES = {
    "awx_project_url": "https://git.example.com/loggy.git",
    "awx_execution_environment_image": "images.example.com/loggy-ee:0.1.0",
    "awx_credentials": [
        {
            "name": "Elasticsearch",
            "credential_type": "Loggy: Elasticsearch",
            "inputs": {"username": "loggy", "password": SECRET},
        }
    ],
    "awx_job_credentials": ["Elasticsearch"],
}


@pytest.fixture(scope="module")
def awx() -> Iterator[FakeAwx]:
    with fake_awx(FakeAwx(project=ROOT)) as awx:
        yield awx


def declare(awx: FakeAwx, *arguments: str, **variables: Any) -> Run:
    awx.writes.clear()
    given = json.dumps({**VARIABLES, **variables})
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "playbooks/awx.yml", "-e", given, *arguments],
        cwd=ROOT,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "CONTROLLER_"))},
            **{"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1"},
            **{"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": awx.token},
        },
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert SECRET not in done.stdout
    return Run(done.returncode, done.stdout, _recap(done.stdout))


def test_a_check_of_an_empty_awx_sends_nothing_and_says_what_it_could_not_look_into(awx: FakeAwx) -> None:
    run = declare(awx, "--check").expect_success()
    assert awx.writes == []
    assert run.changed > 0
    assert "Not in AWX yet: Loggy: Kafka" in run.words


def asked(awx: FakeAwx, template: str) -> list[str]:
    number, _ = awx.named("job_templates", template)
    return [question["variable"] for question in awx.surveys[number]["spec"]]


def test_everything_is_declared(awx: FakeAwx) -> None:
    declare(awx).expect_success()
    assert {one["name"] for one in awx.objects["job_templates"].values()} == {
        "Loggy: site",
        "Loggy: verify",
        "Loggy: notify",
        "Loggy: purge",
    }
    number, site = awx.named("job_templates", "Loggy: site")
    assert site["project"] == awx.named("projects", "Loggy")[0]
    assert awx.links["job_templates", number, "credentials"] == [awx.named("credentials", "Elasticsearch")[0]]
    assert awx.links["job_templates", number, "labels"] == [awx.named("labels", "loggy")[0]]
    assert site["inventory"] == awx.named("inventories", "Loggy: one machine")[0]
    place, numbers = ["loggy_platform", "loggy_namespace"], ["loggy_neighbours", "loggy_deadline"]
    assert asked(awx, "Loggy: site") == asked(awx, "Loggy: purge") == place
    assert asked(awx, "Loggy: verify") == place + numbers
    assert awx.named("credentials", "Elasticsearch")[1]["inputs"]["password"] == SECRET


def test_the_workflow_verifies_what_was_built_and_notifies_in_any_case(awx: FakeAwx) -> None:
    nodes = {
        one["identifier"]: (number, one["unified_job_template"])
        for number, one in awx.objects["workflow_job_template_nodes"].items()
    }
    links = {(number, what): ids for (kind, number, what), ids in awx.links.items() if kind.endswith("nodes")}
    assert links[nodes["site"][0], "success_nodes"] == [nodes["verify"][0]]
    assert links[nodes["site"][0], "failure_nodes"] == [nodes["notify"][0]]
    assert links[nodes["verify"][0], "always_nodes"] == [nodes["notify"][0]]
    assert nodes["verify"][1] == awx.named("job_templates", "Loggy: verify")[0]


def test_purge_waits_for_an_approval(awx: FakeAwx) -> None:
    nodes = {one["identifier"]: number for number, one in awx.objects["workflow_job_template_nodes"].items()}
    approval = awx.objects["workflow_job_template_nodes"][nodes["approve"]]["unified_job_template"]
    assert awx.objects["workflow_approval_templates"][approval]["name"] == "Take the pipeline out?"
    assert awx.links["workflow_job_template_nodes", nodes["approve"], "success_nodes"] == [nodes["purge"]]
    linked = [one for (kind, _, what), ids in awx.links.items() if what.endswith("_nodes") for one in ids]
    assert nodes["approve"] not in linked


def test_a_second_run_sets_right_what_somebody_changed_by_hand_and_nothing_else(awx: FakeAwx) -> None:
    number, _purge = awx.named("job_templates", "Loggy: purge")
    awx.objects["job_templates"][number]["playbook"] = "site.yml"
    awx.surveys[awx.named("job_templates", "Loggy: verify")[0]]["spec"].pop()
    run = declare(awx).expect_success()
    assert run.changed == 1  # one task, of two items
    assert [write.split("/")[3] for write in awx.writes] == ["job_templates", "job_templates"]
    assert awx.named("job_templates", "Loggy: purge")[1]["playbook"] == "purge.yml"
    assert len(asked(awx, "Loggy: verify")) == 4
