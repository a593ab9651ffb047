"""The canary as the program that it is: started, asked over HTTP, killed, in a Python that has no Ansible."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
MODULE = "ansible_collections.loggy.pipeline.plugins.module_utils.canary.program"
# In place of an environment without Ansible: one in which it can't be imported, however hard somebody tries.
WITHOUT_ANSIBLE = f"""
import runpy, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("ansible", "yaml", "jinja2"):
            raise ImportError(name + " is not for the canary")
sys.meta_path.insert(0, Refuse())
runpy.run_module("{MODULE}", run_name="__main__")
"""


def settings(folder: Path) -> Path:
    log = folder / "application.log"
    values: dict[str, Any] = {
        "interval": 0.05,
        "deadline": 5.0,
        "poll_interval": 0.05,
        "listen_port": 0,
        "state_path": str(folder / "state.json"),
        "file": {"path": str(log)},
        "stops": [{"name": "application", "kind": "file", "path": str(log)}],
    }
    path = folder / "settings.json"
    path.write_text(json.dumps(values))
    return path


@contextmanager
def running(path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program and the address that it says it answers on."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "collections")}
    command = [sys.executable, "-c", WITHOUT_ANSIBLE, "--settings", str(path)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as program:
        assert program.stdout is not None
        said = ""
        while not (match := re.search(r"http://[^/]+", said)):
            line = program.stdout.readline()
            assert line, f"it ended: {said}"
            said += line
        try:
            yield program, match.group()
        finally:
            program.kill()


def report(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/report", timeout=5) as answer:
        return dict(json.loads(answer.read()))


def wait_for(address: str, arrived: int) -> dict[str, Any]:
    end = time.monotonic() + 20
    while (told := report(address))["arrived"] < arrived:
        assert time.monotonic() < end, told
        time.sleep(0.05)
    return told


def test_it_runs_without_ansible_and_no_kill_makes_it_lose_its_account(tmp_path: Path) -> None:
    path = settings(tmp_path)
    with running(path) as (program, address):
        first = wait_for(address, 5)
        program.send_signal(signal.SIGKILL)
        program.wait(timeout=10)
    with running(path) as (program, address):
        second = wait_for(address, first["sent"] + 5)
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=10) == 0
    assert second["run"] == first["run"]
    assert second["sent"] > first["sent"]
    assert second["lost"] == 0
    (stop,) = second["stops"][1:]
    assert (stop["duplicates"], stop["unexpected"]) == (0, 0)
    numbers = [json.loads(line)["loggy"]["seq"] for line in (tmp_path / "application.log").read_text().splitlines()]
    assert len(numbers) == len(set(numbers)), "a number was used by two lives"
    state = json.loads((tmp_path / "state.json").read_text())["account"]
    assert state["sent"] == state["arrived"] + len([one for one in state["way"] if not one["verdict"]])


def test_a_second_one_begins_when_the_first_has_ended_and_goes_on_with_its_account(tmp_path: Path) -> None:
    path = settings(tmp_path)
    command = [sys.executable, "-u", "-m", MODULE, "--settings", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "collections")}
    with running(path) as (first, address):
        wait_for(address, 5)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout is not None
            try:
                assert "another canary has the account" in second.stdout.readline()
                before = wait_for(address, 10)
                first.send_signal(signal.SIGTERM)
                assert first.wait(timeout=10) == 0
                said = second.stdout.readline()
            finally:
                second.kill()
    state = json.loads((tmp_path / "state.json").read_text())["account"]
    assert f"run {before['run']}, Loggy" in said
    assert int(re.findall(r"Loggy (\d+) is the next", said)[0]) > before["sent"]
    assert state["sent"] >= before["sent"]


def test_it_says_where_nothing_is_and_takes_nothing_but_questions(tmp_path: Path) -> None:
    with running(settings(tmp_path)) as (_program, address):
        for path, method, status in (("/nothing", "GET", 404), ("/report", "POST", 501)):
            try:
                urllib.request.urlopen(urllib.request.Request(address + path, method=method), timeout=5)
            except urllib.error.HTTPError as error:
                assert error.code == status
            else:
                raise AssertionError(f"{method} {path} was answered with success")


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with running(settings(tmp_path)) as (_program, address):
        values = json.loads((tmp_path / "settings.json").read_text())
        values |= {"listen_port": int(address.rsplit(":", 1)[1]), "state_path": str(tmp_path / "another.json")}
        (tmp_path / "second.json").write_text(json.dumps(values))
        command = [sys.executable, "-m", MODULE, "--settings", str(tmp_path / "second.json")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "collections")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Could not listen on" in done.stderr


def test_its_requirements_are_pinned_as_those_of_what_is_tested() -> None:
    pins = {
        name: set((ROOT / path).read_text().splitlines()[1:])
        for name, path in (("canary", "roles/canary/files/requirements.txt"), ("dev", "requirements/dev.txt"))
    }
    assert pins["canary"] <= pins["dev"]


def test_what_it_imports_is_what_is_pinned() -> None:
    wanted = {
        line.lower().replace("-", "_")
        for line in (ROOT / "requirements/canary.in").read_text().splitlines()
        if not line.startswith("#")
    }
    assert wanted == {"elastic_transport", "kafka_python", "msgpack", "prometheus_client", "requests"}
    for name in ("elastic_transport", "kafka", "msgpack", "prometheus_client", "requests"):
        assert importlib.import_module(name)


def test_the_role_asks_for_no_setting_that_there_is_not() -> None:
    known = importlib.import_module(MODULE.replace(".program", ".settings")).SPEC
    own = yaml.safe_load((ROOT / "roles/canary/vars/main.yml").read_text())["_canary_own_settings"]
    assert set(own) <= set(known)
