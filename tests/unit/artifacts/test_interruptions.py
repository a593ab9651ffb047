# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, that fail while they rename, and that want the same cache at the same time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.cache import Cache
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.plan import MARKER
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.swap import old_of, staging_of, swap_in
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import CommandFailed, NotReady
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.unit.artifacts.machine import Machine
from tests.unit.artifacts.samples import MAVEN, held

ROOT = Path(__file__).resolve().parents[3]
RUN = (
    "import json,sys; sys.path[:0] = ['collections', '.'];"
    "from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.folders import OPERATION;"
    "from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context;"
    "from tests.unit.run_operation import validated;"
    "said = open(sys.argv[2], 'a', buffering=1);"
    "context = Context(progress=lambda line: print(line, file=said));"
    "print(OPERATION.run(validated(OPERATION, **json.loads(sys.argv[1])), context)['changed'])"
)
GETTING = {"path": "one", "artifacts": [{"maven": ["g:a:1"]}]}


def start(machine: Machine, *folders: dict[str, Any]) -> subprocess.Popen[str]:
    """The operation in a process of its own, which tells its progress to the file ``said``."""
    options = {
        "folders": [{**folder, "path": str(machine.opt / folder["path"])} for folder in folders],
        "cache": str(machine.cache),
        "maven_executable": str(machine.maven.executable),
    }
    command = [sys.executable, "-c", RUN, json.dumps(options), str(machine.path / "said")]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def filled(machine: Machine) -> Machine:
    """With a folder ``one`` that holds what Maven gave once."""
    (machine.maven.repository / "a-1.jar").write_text("a")
    machine.run(GETTING)
    return machine


def test_a_run_that_is_killed_while_it_stages_changes_nothing_and_the_next_one_converges(filled: Machine) -> None:
    filled.maven.runs('#!/bin/sh\necho half > "$PWD/files/half.jar"\nkill -9 $PPID\n')
    both = ({"path": "zero", "artifacts": []}, {"path": "one", "artifacts": [{"maven": ["g:a:2"]}]})
    killed = start(filled, *both)
    assert killed.wait(30) == -signal.SIGKILL
    assert held(filled.opt / "one") == {"a-1.jar": "a"}
    assert sorted(path.name for path in filled.opt.iterdir()) == [
        ".one.artifact_folder-new",
        ".zero.artifact_folder-new",
        "one",
    ]
    filled.maven.runs(MAVEN)
    assert filled.run(*both)["changed"]
    assert held(filled.opt / "one") == {"a-1.jar": "a"}
    assert sorted(path.name for path in filled.opt.iterdir()) == ["one", "zero"]
    assert not filled.run(*both)["changed"]


def test_leftovers_are_removed_without_any_change_and_check_mode_leaves_them(filled: Machine) -> None:
    for leftover in (staging_of(filled.opt / "one"), old_of(filled.opt / "one"), staging_of(filled.opt / "gone")):
        leftover.mkdir()
        (leftover / MARKER).write_text("{}")
    options = {"exclusive_in": str(filled.opt)}
    assert not filled.run(GETTING, check_mode=True, **options)["changed"]
    assert len(list(filled.opt.iterdir())) == 4
    assert not filled.run(GETTING, **options)["changed"]
    assert [path.name for path in filled.opt.iterdir()] == ["one"]


def test_a_folder_lost_between_two_renames_is_made_again(filled: Machine) -> None:
    (filled.opt / "one").rename(old_of(filled.opt / "one"))
    assert filled.run(GETTING, check_mode=True)["changed"]
    assert filled.run(GETTING)["changed"]
    assert held(filled.opt / "one") == {"a-1.jar": "a"}
    assert [path.name for path in filled.opt.iterdir()] == ["one"]


def test_a_folder_lost_between_two_renames_comes_back_when_it_can_not_be_made(filled: Machine) -> None:
    (filled.opt / "one").rename(old_of(filled.opt / "one"))
    with pytest.raises(CommandFailed):
        filled.run({"path": "one", "artifacts": [{"maven": ["g:a:2"]}]}, maven_executable="no-such-mvn")
    assert held(filled.opt / "one") == {"a-1.jar": "a"}


def test_a_rename_that_fails_takes_back_those_before_it(tmp_path: Path) -> None:
    one, two, gone = (tmp_path / name for name in ("one", "two", "gone"))
    for target in (one, two, gone):
        target.mkdir()
        (target / "x").write_text(f"old {target.name}")
    staging_of(one).mkdir()
    (staging_of(one) / "x").write_text("new one")
    # There is no staging folder for the second.
    with pytest.raises(FileNotFoundError):
        swap_in([one, two], [gone])
    assert held(tmp_path) == {
        ".one.artifact_folder-new/x": "new one",
        "gone/x": "old gone",
        "one/x": "old one",
        "two/x": "old two",
    }


def test_a_swap_replaces_and_removes_and_leaves_nothing_beside(tmp_path: Path) -> None:
    one, gone = tmp_path / "one", tmp_path / "gone"
    for folder, content in ((one, "old"), (gone, "old"), (staging_of(one), "new")):
        folder.mkdir()
        (folder / "x").write_text(content)
    swap_in([one], [gone])
    assert held(tmp_path) == {"one/x": "new"}


def test_two_runs_at_the_same_time_resolve_once_and_both_are_right(machine: Machine) -> None:
    (machine.maven.repository / "a-1.jar").write_text("a")
    machine.maven.runs(
        MAVEN.replace("for argument", 'while [ ! -e "{repository}/../go" ]; do sleep 0.02; done\nfor argument')
    )
    runs = [start(machine, GETTING), start(machine, GETTING)]
    said = machine.path / "said"
    wait_until(
        lambda: (True, "") if said.exists() and "waiting for the cache" in said.read_text() else (None, "both start"),
        what="the second run to want the cache",
        timeout=30,
    )
    (machine.path / "maven/go").touch()
    assert sorted(run.communicate(timeout=30)[0].strip() for run in runs) == ["False", "True"]
    assert held(machine.opt / "one") == {"a-1.jar": "a"}
    assert len(machine.maven.calls()) == 1


def test_a_cache_that_stays_in_use_is_told_with_the_process(machine: Machine) -> None:
    cache = Cache(machine.cache)
    said: list[str] = []
    with (
        cache.locked(1, said.append),
        pytest.raises(NotReady) as failed,
        Cache(machine.cache).locked(0, said.append),
    ):
        pytest.fail("the cache was locked twice")
    assert f"for the cache {machine.cache}; last seen: process {os.getpid()} uses it." in str(failed.value)
    with Cache(machine.cache).locked(0, said.append):
        assert said == [f"waiting for the cache {machine.cache}: process {os.getpid()} uses it"]
