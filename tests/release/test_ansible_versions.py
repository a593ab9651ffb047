# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as it is installed, with the oldest ansible-core that it takes and with the newest that there is."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible
import pytest
import yaml

from tests.pipeline import PORTS, free_ports
from tests.release.conftest import ROOT
from tests.release.environments import Environment, environment, pythons

# What the collection's own dependencies come with here.
DEPENDENCIES = Path(ansible.__file__).parents[1]
# What the collection's modules import, and what keeps its programs running, as a user installs them today.
LIBRARIES = ["--requirement", str(ROOT / "requirements.txt"), "supervisor"]


@dataclass(frozen=True)
class Installed:
    ansible: Environment
    collections: Path

    @property
    def collection(self) -> Path:
        return self.collections / "ansible_collections" / "loggy" / "pipeline"

    def run(self, *command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
        where = f"{self.collections}:{DEPENDENCIES}"
        return self.ansible.run(*command, cwd=folder, ANSIBLE_COLLECTIONS_PATH=where)


@pytest.fixture(scope="module", params=["oldest", "newest"])
def installed(request: pytest.FixtureRequest, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    ansible = oldest() if request.param == "oldest" else newest()
    folder = tmp_path_factory.mktemp(request.param)
    where = ["--collections-path", str(folder), "--offline", "--no-deps"]
    done = ansible.run("ansible-galaxy", "collection", "install", *where, archive, cwd=folder)
    assert done.returncode == 0, done.stdout
    # Which ones these are is news; with -q nothing else would tell it.
    python = ansible.run("python", "-V", cwd=folder).stdout.strip()
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nThe {request.param}: ansible-core {ansible.version_of('ansible-core')} on {python}")
    return Installed(ansible, folder)


def oldest() -> Environment:
    required = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    (major, minor), python = min(pythons().items())
    name = f"oldest-{major}.{minor}"
    return environment(name, python, required.replace(">=", "ansible-core=="), *LIBRARIES)


def newest() -> Environment:
    (major, minor), python = max(pythons().items())
    name = f"newest-{major}.{minor}"
    try:
        return environment(name, python, "--upgrade", "ansible-core", *LIBRARIES)
    except subprocess.CalledProcessError:
        # Without a network: the newest that was here.
        return environment(name, python, "ansible-core", *LIBRARIES)


def test_ansible_understands_every_playbook(installed: Installed, tmp_path: Path) -> None:
    at_root = [installed.collection / name for name in ("site.yml", "verify-loggy.yml", "purge.yml", "notify.yml")]
    playbooks = [*at_root, *sorted((installed.collection / "playbooks").glob("*.yml"))]
    done = installed.run("ansible-playbook", "--syntax-check", *playbooks, folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("playbook: ") == len(playbooks)
    assert "[DEPRECATION" not in done.stdout, done.stdout


def test_ansible_shows_the_documentation_of_every_module(installed: Installed, tmp_path: Path) -> None:
    names = {f"loggy.pipeline.{path.stem}" for path in (ROOT / "plugins" / "modules").glob("*.py")}
    done = installed.run("ansible-doc", "--type", "module", "--json", *sorted(names), folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert set(json.loads(done.stdout)) == names


def test_a_first_run_is_planned_to_its_end(installed: Installed, tmp_path: Path) -> None:
    done = site(installed, tmp_path, "--check")
    assert done.returncode == 0, done.stdout
    assert "[DEPRECATION" not in done.stdout, done.stdout
    assert not (tmp_path / "state").exists()


def test_a_bad_value_is_refused_by_its_name(installed: Installed, tmp_path: Path) -> None:
    done = site(installed, tmp_path, kafka_mode="raft")
    assert done.returncode != 0, done.stdout
    assert "value of kafka_mode must be one of: kraft, zookeeper, got: raft" in done.stdout


@pytest.mark.parametrize("where", ["in the controller's process", "as a module"])
def test_a_module_runs(installed: Installed, tmp_path: Path, where: str) -> None:
    task: dict[str, Any] = {"loggy.pipeline.log_event": {"file": {"path": str(tmp_path / "app.log")}}}
    if where == "as a module":
        task["environment"] = {"ANY": "thing"}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    done = installed.run("ansible-playbook", "play.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "Loggy" in (tmp_path / "app.log").read_text(encoding="utf-8")


def site(installed: Installed, folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    apart = {"loggy_state_dir": str(folder / "state"), "loggy_service_user": f"loggy-test-{os.getpid()}"}
    given = {**apart, **dict(zip(PORTS, free_ports(len(PORTS)), strict=True)), **variables}
    inventory = installed.collection / "inventories" / "local"
    command = ("ansible-playbook", installed.collection / "site.yml", "-i", inventory, "-e", json.dumps(given))
    return installed.run(*command, *options, folder=folder)
