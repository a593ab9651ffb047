"""The role's ways into Grafana, and the page without it: twice, in check mode, and with what goes wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline import ROOT, Run, _recap
from tests.pipeline_metrics import METRICS
from tests.prometheus import backfill, running
from tests.promtool import prometheus_program
from tests.unit.fakes.grafana import grafana
from tests.unit.test_http import serving

pytestmark = pytest.mark.integration

TOKEN = "glsa_s3cret"
DASHBOARDS = {"loggy-commute", "loggy-kafka", "loggy-connect", "loggy-elasticsearch"}
GRAFANA = [
    {
        "hosts": "loggy",
        "gather_subset": ["!all", "!min", "user", "env"],
        "tasks": [
            {"ansible.builtin.import_role": {"name": "loggy.pipeline.monitoring", "tasks_from": "grafana"}},
        ],
    }
]


def play(folder: Path, playbook: Path, *arguments: str, **variables: Any) -> Run:
    everything = {"loggy_state_dir": str(folder / "state"), **variables}
    ours = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    paths = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections")}
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [str(program), str(playbook), "-i", "inventories/local", "-e", json.dumps(everything), *arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**ours, **settings, **paths, "GRAFANA_TOKEN": TOKEN},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Run(done.returncode, done.stdout, _recap(done.stdout))


def load(folder: Path, url: str, *arguments: str, **variables: Any) -> Run:
    """The dashboards, into the Grafana at ``url``."""
    (folder / "grafana.yml").write_text(yaml.safe_dump(GRAFANA), encoding="utf-8")
    connection = {"grafana_api_key": "{{ lookup('ansible.builtin.env', 'GRAFANA_TOKEN') }}"}
    given = {"monitoring_grafana_url": url, "monitoring_grafana_connection": connection}
    return play(folder, folder / "grafana.yml", *arguments, **{**given, **variables})


PROGRAMS = [
    {
        "hosts": "loggy",
        "gather_subset": ["!all", "!min", "user", "env"],
        "tasks": [
            {"ansible.builtin.import_role": {"name": "loggy.pipeline.monitoring", "tasks_from": "validate"}},
            {
                "ansible.builtin.include_role": {"name": "loggy.pipeline.monitoring", "tasks_from": "local_program"},
                "loop": "{{ _monitoring_programs }}",
                "loop_control": {"loop_var": "_monitoring_program"},
            },
            {"ansible.builtin.debug": {"msg": "found {{ _monitoring_paths | to_json }}"}},
        ],
    }
]


def find_programs(folder: Path, monkeypatch: pytest.MonkeyPatch, programs: dict[str, str]) -> Run:
    """With what this machine has on PATH but for apt, dpkg and Prometheus, and with scripts of these names."""
    path = folder / "path"
    path.mkdir()
    for found in Path("/usr/bin").iterdir():
        if not re.match("apt|dpkg|prom", found.name):
            (path / found.name).symlink_to(found)
    for name, script in programs.items():
        (path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(path))
    (folder / "programs.yml").write_text(yaml.safe_dump(PROGRAMS), encoding="utf-8")
    given = {"loggy_cache_dir": str(folder / "cache"), "monitoring_enabled": True}
    return play(folder, folder / "programs.yml", **given)


def test_programs_on_path_are_taken_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = {"prometheus": "exit 9", "elasticsearch_exporter": "exit 9"}
    run = find_programs(tmp_path, monkeypatch, scripts).expect_success()
    for name in scripts:
        assert f"{tmp_path}/path/{name}" in run.words
    assert run.changed == 0


def test_a_machine_without_the_program_and_without_apt_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = one_line(find_programs(tmp_path, monkeypatch, {}))
    assert "prometheus is not on PATH, and this machine has no apt-get and dpkg-deb" in line
    assert "set monitoring_prometheus_program to its path." in line


def test_a_package_that_apt_does_not_know_is_told_with_what_apt_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "echo 'W: old lists' >&2; echo E: Unable to locate package $3 >&2; exit 100"
    line = one_line(find_programs(tmp_path, monkeypatch, {"apt-get": said, "dpkg-deb": "exit 0"}))
    assert "apt-get download prometheus: E: Unable to locate package prometheus" in line
    assert "(apt-get update)" in line
    assert not (tmp_path / "state" / "software" / "monitoring" / "prometheus").exists()


def one_line(run: Run) -> str:
    """What a task that failed says."""
    assert run.code
    assert TOKEN not in run.output
    assert "Traceback" not in run.output
    (line,) = [line for line in run.output.splitlines() if line.startswith("[ERROR]")]
    return line


def test_dashboards_are_loaded_once_and_what_somebody_changed_is_put_right(tmp_path: Path) -> None:
    with grafana(TOKEN) as fake:
        asked = load(tmp_path, fake.url, "--check", "--diff", "-vvv").expect_success()
        assert asked.changed == 2
        assert fake.changes == []
        assert TOKEN not in asked.output
        assert load(tmp_path, fake.url).expect_success().changed == 2
        assert set(fake.dashboards) == DASHBOARDS
        assert fake.datasources["Loggy"]["type"] == "prometheus"
        fake.dashboards["loggy-kafka"]["title"] = "Mine"
        assert load(tmp_path, fake.url).expect_success().changed == 1
        assert fake.dashboards["loggy-kafka"]["title"] == "Loggy: Kafka"
        assert load(tmp_path, fake.url).expect_success().changed == 0


def test_a_wrong_token_is_said_in_one_line(tmp_path: Path) -> None:
    with grafana("another") as fake:
        line = one_line(load(tmp_path, fake.url))
        assert f"Grafana at {fake.url} refused the credentials (401). Check grafana_api_key" in line
        assert fake.changes == []


def test_an_unreachable_grafana_is_said_in_one_line(tmp_path: Path) -> None:
    line = one_line(load(tmp_path, "http://127.0.0.1:1"))
    assert "No answer from Grafana at http://127.0.0.1:1: " in line
    assert "Connection refused" in line


@pytest.mark.parametrize("status", [200, 404])
def test_a_wrong_url_is_said_in_one_line(status: int, tmp_path: Path) -> None:
    with serving(lambda _request: (status, "text/html", "<h1>Shop</h1>")) as url:
        line = one_line(load(tmp_path, url))
    assert f"{url}/api/org answered {status}, and not as Grafana does. Check monitoring_grafana_url." in line


def test_files_for_provisioning_are_written_once(tmp_path: Path) -> None:
    folder = tmp_path / "provisioning"
    given = {"monitoring_grafana_provisioning_dir": str(folder), "monitoring_prometheus_url": "http://p:9090"}
    assert load(tmp_path, "", "--check", **given).expect_success().changed == 1
    assert not folder.exists()
    assert load(tmp_path, "", **given).expect_success().changed == 1
    assert load(tmp_path, "", **given).expect_success().changed == 0
    provider = yaml.safe_load((folder / "dashboards" / "loggy.yml").read_text(encoding="utf-8"))["providers"][0]
    provided = Path(provider["options"]["path"])
    ours = ROOT / "roles/monitoring/files/dashboards"
    assert {path.name: path.read_bytes() for path in provided.iterdir()} == {
        path.name: path.read_bytes() for path in ours.iterdir()
    }
    (source,) = yaml.safe_load((folder / "datasources" / "loggy.yml").read_text(encoding="utf-8"))["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://p:9090")


def test_a_page_is_drawn_without_grafana(tmp_path: Path) -> None:
    if not prometheus_program("prometheus"):
        pytest.skip("prometheus is not installed")
    data = backfill(tmp_path, METRICS, minutes=70, end=time.time())
    with running(tmp_path, data=data) as url:
        run = play(tmp_path, ROOT / "playbooks" / "dashboard.yml", monitoring_prometheus_url=url).expect_success()
    assert "14 panels, 0 queries without data" in run.output
    page = (tmp_path / "state" / "reports" / "loggy-commute.html").read_text(encoding="utf-8")
    assert "<h1>" in page
    assert "no data" not in page
